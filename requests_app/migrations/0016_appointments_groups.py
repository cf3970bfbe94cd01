"""What the groups of staff may do with offices and their days."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

OPERATOR = ["view_office", "view_officehours", "view_closedday"]
SUPERVISOR = [
    *OPERATOR,
    "add_office",
    "change_office",
    "add_officehours",
    "change_officehours",
    "delete_officehours",
    "add_closedday",
    "delete_closedday",
]
GROUPS = {"operator": OPERATOR, "supervisor": SUPERVISOR}


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


def remove(apps, schema_editor):
    alias = schema_editor.connection.alias
    for group in apps.get_model("auth", "Group").objects.using(alias).filter(name__in=GROUPS):
        group.permissions.remove(*find(apps, alias, SUPERVISOR))


def find(apps, alias, codenames):
    permissions = apps.get_model("auth", "Permission").objects.using(alias)
    return permissions.filter(content_type__app_label="requests_app", codename__in=codenames)


class Migration(migrations.Migration):
    dependencies = [("requests_app", "0015_appointments")]

    operations = [migrations.RunPython(create, remove)]
