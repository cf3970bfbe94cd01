"""
Who reads the trail and sets how long it is kept: the data protection officer. Who may ask for a СНИЛС in full: the
supervisor. The rules of retention to start with.
"""

from django.db import migrations

from requests_app.migrations._grants import grant, revoke

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
    grant(apps, schema_editor, GROUPS)
    rules = apps.get_model("requests_app", "RetentionRule").objects.using(alias)
    for what, days, basis in RULES:
        rules.get_or_create(what=what, defaults={"days": days, "basis": basis})


def remove(apps, schema_editor):
    revoke(apps, schema_editor, GROUPS)


class Migration(migrations.Migration):
    dependencies = [("requests_app", "0028_retention"), ("accounts", "0005_trail")]

    operations = [migrations.RunPython(create, remove)]
