"""Who makes the regulator's tables."""

from django.db import migrations

from requests_app.migrations._grants import grant, revoke

GROUPS = {
    "supervisor": ["requests_app.make_report", "requests_app.view_reportrun"],
}


def create(apps, schema_editor):
    grant(apps, schema_editor, GROUPS)


def remove(apps, schema_editor):
    revoke(apps, schema_editor, GROUPS)


class Migration(migrations.Migration):
    dependencies = [("requests_app", "0019_regulator_reports")]

    operations = [migrations.RunPython(create, remove)]
