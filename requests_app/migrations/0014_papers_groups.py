"""What the groups of staff may do with invoices; the rates of VAT to begin with."""

from decimal import Decimal

from django.db import migrations

from requests_app.migrations._grants import grant, revoke

GROUPS = {
    "operator": ["requests_app.view_invoice", "requests_app.issue_invoice", "requests_app.settle_invoice"],
    "supervisor": [
        "requests_app.view_invoice",
        "requests_app.issue_invoice",
        "requests_app.settle_invoice",
        "requests_app.cancel_invoice",
        "requests_app.view_vatrate",
        "requests_app.add_vatrate",
        "requests_app.change_vatrate",
    ],
}

# To begin with; supervisors change them in the admin.
RATES = [(Decimal("22.00"), "НДС 22 %"), (Decimal("20.00"), "НДС 20 %"), (None, "Без НДС")]


def create(apps, schema_editor):
    alias = schema_editor.connection.alias
    grant(apps, schema_editor, GROUPS)
    rates = apps.get_model("requests_app", "VatRate").objects.using(alias)
    for percent, label in RATES:
        rates.get_or_create(label=label, defaults={"percent": percent})


def remove(apps, schema_editor):
    alias = schema_editor.connection.alias
    revoke(apps, schema_editor, GROUPS)
    apps.get_model("requests_app", "VatRate").objects.using(alias).all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("requests_app", "0013_papers"),
        ("requests_app", "0002_groups"),
    ]

    operations = [migrations.RunPython(create, remove)]
