"""Who extends the term of an answer; the same get the morning's digest of terms."""

from django.db import migrations

from requests_app.migrations._grants import grant, revoke

GROUPS = {
    "supervisor": ["requests_app.extend_servicerequest"],
}


def create(apps, schema_editor):
    grant(apps, schema_editor, GROUPS)


def remove(apps, schema_editor):
    revoke(apps, schema_editor, GROUPS)


class Migration(migrations.Migration):
    dependencies = [("requests_app", "0021_term_extension")]

    operations = [migrations.RunPython(create, remove)]
