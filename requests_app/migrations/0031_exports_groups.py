"""Who takes lists out of the work desk as files, and who sees the log of it."""

from django.db import migrations

from requests_app.migrations._grants import grant, revoke

GROUPS = {
    "supervisor": ["requests_app.export_list", "requests_app.view_exportrun"],
    "dpo": ["requests_app.export_list", "requests_app.view_exportrun"],
}


def create(apps, schema_editor):
    grant(apps, schema_editor, GROUPS)


def remove(apps, schema_editor):
    revoke(apps, schema_editor, GROUPS)


class Migration(migrations.Migration):
    dependencies = [("requests_app", "0030_exports")]

    operations = [migrations.RunPython(create, remove)]
