"""
Who reads the trail and sets how long it is kept: the data protection officer. Who may ask for a СНИЛС in full: the
supervisor. The rules of retention to start with.
"""

from django.contrib.auth.management import create_permissions
from django.db import migrations

GROUPS = {
    "dpo": [
        "accounts.view_dataview",
        "accounts.view_change",
        "requests_app.view_retentionrule",
        "requests_app.change_retentionrule",
        "requests_app.view_retentionrun",
    ],
    "supervisor": ["accounts.reveal_snils"],
}
THREE_YEARS = 3 * 365 + 1
LIMITATION = "Общий срок исковой давности, три года: пока можно спорить, должно быть видно, кто смотрел и менял данные"
RULES = [
    ("views", THREE_YEARS, LIMITATION),
    ("changes", THREE_YEARS, LIMITATION),
    ("downloads", THREE_YEARS, LIMITATION),
    ("logins", 90, "Нужны, чтобы разобрать подбор пароля; старше трёх месяцев не используются"),
]


def create(apps, schema_editor):
    alias = schema_editor.connection.alias
    for label in ("accounts", "requests_app"):
        # permissions are otherwise made only after the last migration
        config = apps.get_app_config(label)
        config.models_module = True
        create_permissions(config, apps=apps, using=alias, verbosity=0)
        config.models_module = None
    for name, wanted in GROUPS.items():
        group = apps.get_model("auth", "Group").objects.using(alias).get(name=name)
        group.permissions.add(*find(apps, alias, wanted))
    rules = apps.get_model("requests_app", "RetentionRule").objects.using(alias)
    for what, days, basis in RULES:
        rules.get_or_create(what=what, defaults={"days": days, "basis": basis})


def remove(apps, schema_editor):
    alias = schema_editor.connection.alias
    for name, wanted in GROUPS.items():
        group = apps.get_model("auth", "Group").objects.using(alias).get(name=name)
        group.permissions.remove(*find(apps, alias, wanted))


def find(apps, alias, wanted):
    permissions = apps.get_model("auth", "Permission").objects.using(alias)
    pairs = [permission.split(".") for permission in wanted]
    return [permissions.get(content_type__app_label=label, codename=codename) for label, codename in pairs]


class Migration(migrations.Migration):
    dependencies = [("requests_app", "0028_retention"), ("accounts", "0005_trail")]

    operations = [migrations.RunPython(create, remove)]
