"""What the groups of staff may do with invoices; the rates of VAT to begin with."""

from decimal import Decimal

from django.contrib.auth.management import create_permissions
from django.db import migrations

OPERATOR = ["view_invoice", "issue_invoice", "settle_invoice"]
SUPERVISOR = [*OPERATOR, "cancel_invoice", "view_vatrate", "add_vatrate", "change_vatrate"]
GROUPS = {"operator": OPERATOR, "supervisor": SUPERVISOR}

# To begin with; supervisors change them in the admin.
RATES = [(Decimal("22.00"), "НДС 22 %"), (Decimal("20.00"), "НДС 20 %"), (None, "Без НДС")]


def create(apps, schema_editor):
    alias = schema_editor.connection.alias
    # permissions are otherwise made only after the last migration
    config = apps.get_app_config("requests_app")
    config.models_module = True
    create_permissions(config, apps=apps, using=alias, verbosity=0)
    config.models_module = None
    for name, codenames in GROUPS.items():
        group = apps.get_model("auth", "Group").objects.using(alias).get(name=name)
        group.permissions.add(*find(apps, alias, codenames))
    rates = apps.get_model("requests_app", "VatRate").objects.using(alias)
    for percent, label in RATES:
        rates.get_or_create(label=label, defaults={"percent": percent})


def remove(apps, schema_editor):
    alias = schema_editor.connection.alias
    for group in apps.get_model("auth", "Group").objects.using(alias).filter(name__in=GROUPS):
        group.permissions.remove(*find(apps, alias, SUPERVISOR))
    apps.get_model("requests_app", "VatRate").objects.using(alias).all().delete()


def find(apps, alias, codenames):
    permissions = apps.get_model("auth", "Permission").objects.using(alias)
    return permissions.filter(content_type__app_label="requests_app", codename__in=codenames)


class Migration(migrations.Migration):
    dependencies = [
        ("requests_app", "0013_papers"),
        ("requests_app", "0002_groups"),
    ]

    operations = [migrations.RunPython(create, remove)]
