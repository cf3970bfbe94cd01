"""Supervisors import supply points and see who did."""

from django.db import migrations

from requests_app.migrations._grants import grant, revoke

GROUPS = {
    "supervisor": ["requests_app.import_supplypoint", "requests_app.view_supplyimport"],
}


def create(apps, schema_editor):
    grant(apps, schema_editor, GROUPS)


def remove(apps, schema_editor):
    revoke(apps, schema_editor, GROUPS)


class Migration(migrations.Migration):
    dependencies = [
        ("requests_app", "0005_supply_import"),
    ]

    operations = [migrations.RunPython(create, remove)]
