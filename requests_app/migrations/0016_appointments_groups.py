"""What the groups of staff may do with offices and their days."""

from django.db import migrations

from requests_app.migrations._grants import grant, revoke

GROUPS = {
    "operator": ["requests_app.view_office", "requests_app.view_officehours", "requests_app.view_closedday"],
    "supervisor": [
        "requests_app.view_office",
        "requests_app.view_officehours",
        "requests_app.view_closedday",
        "requests_app.add_office",
        "requests_app.change_office",
        "requests_app.add_officehours",
        "requests_app.change_officehours",
        "requests_app.delete_officehours",
        "requests_app.add_closedday",
        "requests_app.delete_closedday",
    ],
}


def create(apps, schema_editor):
    grant(apps, schema_editor, GROUPS)


def remove(apps, schema_editor):
    revoke(apps, schema_editor, GROUPS)


class Migration(migrations.Migration):
    dependencies = [("requests_app", "0015_appointments")]

    operations = [migrations.RunPython(create, remove)]
