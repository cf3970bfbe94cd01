"""Who takes lists out of the work desk as files, and who sees the log of it."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

GROUPS = ["supervisor", "dpo"]
CODENAMES = ["export_list", "view_exportrun"]


def create(apps, schema_editor):
    alias = schema_editor.connection.alias
    # permissions are otherwise made only after the last migration
    config = apps.get_app_config("requests_app")
    config.models_module = True
    create_permissions(config, apps=apps, using=alias, verbosity=0)
    config.models_module = None
    for group in groups(apps, alias):
        group.permissions.add(*find(apps, alias))


def remove(apps, schema_editor):
    alias = schema_editor.connection.alias
    for group in groups(apps, alias):
        group.permissions.remove(*find(apps, alias))


def groups(apps, alias):
    return apps.get_model("auth", "Group").objects.using(alias).filter(name__in=GROUPS)


def find(apps, alias):
    permissions = apps.get_model("auth", "Permission").objects.using(alias)
    return permissions.filter(content_type__app_label="requests_app", codename__in=CODENAMES)


class Migration(migrations.Migration):
    dependencies = [("requests_app", "0031_exports")]

    operations = [migrations.RunPython(create, remove)]
