"""Who builds surveys and reads their results: supervisors."""

from django.db import migrations

from requests_app.migrations._grants import grant, revoke

GROUPS = {
    "supervisor": [
        "requests_app.add_survey",
        "requests_app.change_survey",
        "requests_app.view_survey",
        "requests_app.delete_survey",
        "requests_app.add_question",
        "requests_app.change_question",
        "requests_app.delete_question",
        "requests_app.view_question",
        "requests_app.view_survey_results",
    ],
}


def create(apps, schema_editor):
    grant(apps, schema_editor, GROUPS)


def remove(apps, schema_editor):
    revoke(apps, schema_editor, GROUPS)


class Migration(migrations.Migration):
    dependencies = [
        ("requests_app", "0009_survey"),
        ("requests_app", "0002_groups"),
    ]

    operations = [migrations.RunPython(create, remove)]
