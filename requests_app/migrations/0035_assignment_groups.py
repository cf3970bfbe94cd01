"""Supervisors keep the rules of assignment and everybody's absences; each colleague enters the own ones."""

from django.db import migrations

from requests_app.migrations._grants import grant, revoke

GROUPS = {
    "supervisor": [
        "requests_app.add_assignmentrule",
        "requests_app.change_assignmentrule",
        "requests_app.delete_assignmentrule",
        "requests_app.view_assignmentrule",
        "requests_app.view_workload",
        "requests_app.add_absence",
        "requests_app.view_absence",
    ],
}


def create(apps, schema_editor):
    grant(apps, schema_editor, GROUPS)


def remove(apps, schema_editor):
    revoke(apps, schema_editor, GROUPS)


class Migration(migrations.Migration):
    dependencies = [("requests_app", "0034_assignment")]

    operations = [migrations.RunPython(create, remove)]
