"""
Who may know of violation reports: inspectors, who see nothing else, supervisors, and the data protection officer, who
alone may ask for the name of a reporter who is hidden. Operators may not.
"""

from django.contrib.auth.management import create_permissions
from django.db import migrations

INSPECTOR = "inspector"  # made here, gone with it
GROUPS = {
    INSPECTOR: ["view_violationreport", "process_servicerequest"],
    "supervisor": ["view_violationreport", "view_reporterreveal"],
    "dpo": ["view_violationreport", "view_reporterreveal", "see_reporter"],
}


def create(apps, schema_editor):
    alias = schema_editor.connection.alias
    # permissions are otherwise made only after the last migration
    config = apps.get_app_config("requests_app")
    config.models_module = True
    create_permissions(config, apps=apps, using=alias, verbosity=0)
    config.models_module = None
    for name, codenames in GROUPS.items():
        group, _ = apps.get_model("auth", "Group").objects.using(alias).get_or_create(name=name)
        group.permissions.add(*find(apps, alias, codenames))


def remove(apps, schema_editor):
    alias = schema_editor.connection.alias
    groups = apps.get_model("auth", "Group").objects.using(alias)
    groups.filter(name=INSPECTOR).delete()
    for group in groups.filter(name__in=GROUPS):
        group.permissions.remove(*find(apps, alias, GROUPS[group.name]))


def find(apps, alias, codenames):
    permissions = apps.get_model("auth", "Permission").objects.using(alias)
    return permissions.filter(content_type__app_label="requests_app", codename__in=codenames)


class Migration(migrations.Migration):
    dependencies = [
        ("requests_app", "0007_violation_report"),
    ]

    operations = [migrations.RunPython(create, remove)]
