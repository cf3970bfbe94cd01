"""The groups of staff under the names that staff read on the desk. What is granted later, is granted to these."""

from django.db import migrations

NAMES = {
    "operator": "Оператор",
    "supervisor": "Руководитель",
    "inspector": "Контролёр",
    "editor": "Редактор",
    "dpo": "Ответственный за персональные данные",
}


def rename(apps, schema_editor, names):
    groups = apps.get_model("auth", "Group").objects.using(schema_editor.connection.alias)
    for old, new in names.items():
        groups.filter(name=old).update(name=new)


def to_russian(apps, schema_editor):
    rename(apps, schema_editor, NAMES)


def to_english(apps, schema_editor):
    rename(apps, schema_editor, {new: old for old, new in NAMES.items()})


class Migration(migrations.Migration):
    dependencies = [("requests_app", "0035_assignment_groups")]

    operations = [migrations.RunPython(to_russian, to_english)]
