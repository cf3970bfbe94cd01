"""When readings are taken in; what the groups of staff may do with them."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

OPERATOR = ["view_reading", "process_reading", "view_readingperiod", "view_readingwindow"]
SUPERVISOR = [*OPERATOR, "close_readingperiod", "change_readingwindow"]
GROUPS = {"operator": OPERATOR, "supervisor": SUPERVISOR}

# Persons by Decree No. 354 of 06.05.2011; the others as of 00:00 of the first day of the month after, unless the
# contract says something else: then staff change the row.
PERSON = {"from_day": 15, "to_day": 25, "advised_from": 23}
BUSINESS = {"from_day": 25, "to_day": 3, "ends_next_month": True, "as_of_next_first": True}
WINDOWS = {"person": PERSON, "sole_trader": BUSINESS, "company": BUSINESS}


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
    windows = apps.get_model("requests_app", "ReadingWindow").objects.using(alias)
    for legal_form, window in WINDOWS.items():
        windows.get_or_create(legal_form=legal_form, defaults=window)


def remove(apps, schema_editor):
    alias = schema_editor.connection.alias
    for group in apps.get_model("auth", "Group").objects.using(alias).filter(name__in=GROUPS):
        group.permissions.remove(*find(apps, alias, SUPERVISOR))
    apps.get_model("requests_app", "ReadingWindow").objects.using(alias).all().delete()


def find(apps, alias, codenames):
    permissions = apps.get_model("auth", "Permission").objects.using(alias)
    return permissions.filter(content_type__app_label="requests_app", codename__in=codenames)


class Migration(migrations.Migration):
    dependencies = [("requests_app", "0011_readings")]

    operations = [migrations.RunPython(create, remove)]
