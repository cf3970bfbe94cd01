"""The workload has one word, «нагрузка»; whoever gives permissions reads it in the row that an earlier migration made."""

from django.db import migrations

WORDS = [("view_workload", "Может видеть нагрузку сотрудников")]
EARLIER_WORDS = [("view_workload", "Может видеть загрузку сотрудников")]


def rename(apps, schema_editor, words):
    permissions = apps.get_model("auth", "Permission").objects.using(schema_editor.connection.alias)
    for codename, name in words:
        permissions.filter(content_type__app_label="requests_app", codename=codename).update(name=name)


def forth(apps, schema_editor):
    rename(apps, schema_editor, WORDS)


def back(apps, schema_editor):
    rename(apps, schema_editor, EARLIER_WORDS)


class Migration(migrations.Migration):
    dependencies = [("requests_app", "0038_correct_codes_groups")]

    operations = [
        migrations.AlterModelOptions(
            name="assignmentrule",
            options={
                "ordering": ["order", "pk"],
                "permissions": WORDS,
                "verbose_name": "правило назначения",
                "verbose_name_plural": "правила назначения",
            },
        ),
        migrations.RunPython(forth, back),
    ]
