"""Who looks at the quality of answers, and the numbers that the weekly sample begins with."""

from django.db import migrations

from requests_app.migrations._grants import grant, revoke

GROUPS = {
    "supervisor": [
        "requests_app.view_answergrade",
        "requests_app.view_answerreview",
        "requests_app.read_answerreview",
        "requests_app.view_repetition",
        "requests_app.view_qualityrule",
        "requests_app.change_qualityrule",
    ],
}


def create(apps, schema_editor):
    alias = schema_editor.connection.alias
    grant(apps, schema_editor, GROUPS)
    apps.get_model("requests_app", "QualityRule").objects.using(alias).create(pk=1)


def remove(apps, schema_editor):
    alias = schema_editor.connection.alias
    revoke(apps, schema_editor, GROUPS)
    apps.get_model("requests_app", "QualityRule").objects.using(alias).all().delete()


class Migration(migrations.Migration):
    dependencies = [("requests_app", "0023_quality")]

    operations = [migrations.RunPython(create, remove)]
