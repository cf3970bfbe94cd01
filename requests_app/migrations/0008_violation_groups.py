"""
Who may know of violation reports: inspectors, who see nothing else, supervisors, and the data protection officer, who
alone may ask for the name of a reporter who is hidden. Operators may not.
"""

from django.db import migrations

from requests_app.migrations._grants import grant, revoke

GROUPS = {
    "inspector": ["requests_app.view_violationreport", "requests_app.process_servicerequest"],
    "supervisor": ["requests_app.view_violationreport", "requests_app.view_reporterreveal"],
    "dpo": ["requests_app.view_violationreport", "requests_app.view_reporterreveal", "requests_app.see_reporter"],
}


def create(apps, schema_editor):
    grant(apps, schema_editor, GROUPS)


def remove(apps, schema_editor):
    revoke(apps, schema_editor, GROUPS)
    groups = apps.get_model("auth", "Group").objects.using(schema_editor.connection.alias)
    groups.filter(name="inspector").delete()  # made here, gone with it


class Migration(migrations.Migration):
    dependencies = [
        ("requests_app", "0007_violation_report"),
    ]

    operations = [migrations.RunPython(create, remove)]
