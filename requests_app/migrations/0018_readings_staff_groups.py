"""When consumers are reminded of readings; who downloads them for billing."""

from django.db import migrations

from requests_app.migrations._grants import grant, revoke

GROUPS = {
    "operator": ["requests_app.export_reading", "requests_app.view_readingreminderrule"],
    "supervisor": [
        "requests_app.export_reading",
        "requests_app.view_readingreminderrule",
        "requests_app.add_readingreminderrule",
        "requests_app.change_readingreminderrule",
    ],
}


def create(apps, schema_editor):
    alias = schema_editor.connection.alias
    grant(apps, schema_editor, GROUPS)
    rules = apps.get_model("requests_app", "ReadingReminderRule").objects.using(alias)
    for window in apps.get_model("requests_app", "ReadingWindow").objects.using(alias):
        rules.get_or_create(window=window)


def remove(apps, schema_editor):
    alias = schema_editor.connection.alias
    revoke(apps, schema_editor, GROUPS)
    apps.get_model("requests_app", "ReadingReminderRule").objects.using(alias).all().delete()


class Migration(migrations.Migration):
    dependencies = [("requests_app", "0017_readings_staff")]

    operations = [migrations.RunPython(create, remove)]
