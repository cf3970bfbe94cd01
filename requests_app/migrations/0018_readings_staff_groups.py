"""When consumers are reminded of readings; who downloads them for billing."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

GROUPS = {
    "operator": ["export_reading", "view_readingreminderrule"],
    "supervisor": [
        "export_reading",
        "view_readingreminderrule",
        "add_readingreminderrule",
        "change_readingreminderrule",
    ],
}


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
    rules = apps.get_model("requests_app", "ReadingReminderRule").objects.using(alias)
    for window in apps.get_model("requests_app", "ReadingWindow").objects.using(alias):
        rules.get_or_create(window=window)


def remove(apps, schema_editor):
    alias = schema_editor.connection.alias
    for group in apps.get_model("auth", "Group").objects.using(alias).filter(name__in=GROUPS):
        group.permissions.remove(*find(apps, alias, GROUPS["supervisor"]))
    apps.get_model("requests_app", "ReadingReminderRule").objects.using(alias).all().delete()


def find(apps, alias, codenames):
    permissions = apps.get_model("auth", "Permission").objects.using(alias)
    return permissions.filter(content_type__app_label="requests_app", codename__in=codenames)


class Migration(migrations.Migration):
    dependencies = [("requests_app", "0017_readings_staff")]

    operations = [migrations.RunPython(create, remove)]
