"""Supervisors keep the rules of assignment and everybody's absences; each colleague enters the own ones."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

SUPERVISOR = [
    "add_assignmentrule",
    "change_assignmentrule",
    "delete_assignmentrule",
    "view_assignmentrule",
    "view_workload",
    "add_absence",
    "view_absence",
]


def create(apps, schema_editor):
    alias = schema_editor.connection.alias
    # permissions are otherwise made only after the last migration
    config = apps.get_app_config("requests_app")
    config.models_module = True
    create_permissions(config, apps=apps, using=alias, verbosity=0)
    config.models_module = None
    supervisors(apps, alias).permissions.add(*find(apps, alias))


def remove(apps, schema_editor):
    alias = schema_editor.connection.alias
    supervisors(apps, alias).permissions.remove(*find(apps, alias))


def supervisors(apps, alias):
    return apps.get_model("auth", "Group").objects.using(alias).get(name="supervisor")


def find(apps, alias):
    permissions = apps.get_model("auth", "Permission").objects.using(alias)
    return permissions.filter(content_type__app_label="requests_app", codename__in=SUPERVISOR)


class Migration(migrations.Migration):
    dependencies = [("requests_app", "0034_assignment")]

    operations = [migrations.RunPython(create, remove)]
