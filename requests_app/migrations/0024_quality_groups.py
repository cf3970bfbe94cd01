"""Who looks at the quality of answers, and the numbers that the weekly sample begins with."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

SUPERVISOR = [
    "view_answergrade",
    "view_answerreview",
    "read_answerreview",
    "view_repetition",
    "view_qualityrule",
    "change_qualityrule",
]


def create(apps, schema_editor):
    alias = schema_editor.connection.alias
    # permissions are otherwise made only after the last migration
    config = apps.get_app_config("requests_app")
    config.models_module = True
    create_permissions(config, apps=apps, using=alias, verbosity=0)
    config.models_module = None
    supervisors(apps, alias).permissions.add(*find(apps, alias))
    apps.get_model("requests_app", "QualityRule").objects.using(alias).create(pk=1)


def remove(apps, schema_editor):
    alias = schema_editor.connection.alias
    supervisors(apps, alias).permissions.remove(*find(apps, alias))
    apps.get_model("requests_app", "QualityRule").objects.using(alias).all().delete()


def supervisors(apps, alias):
    return apps.get_model("auth", "Group").objects.using(alias).get(name="supervisor")


def find(apps, alias):
    permissions = apps.get_model("auth", "Permission").objects.using(alias)
    return permissions.filter(content_type__app_label="requests_app", codename__in=SUPERVISOR)


class Migration(migrations.Migration):
    dependencies = [("requests_app", "0023_quality")]

    operations = [migrations.RunPython(create, remove)]
