"""Who corrects the regulator's codes of an appeal that has ended."""

from django.db import migrations

from requests_app.migrations._grants import grant, revoke

GROUPS = {
    "Руководитель": ["requests_app.correct_codes_servicerequest"],
}


def create(apps, schema_editor):
    grant(apps, schema_editor, GROUPS)


def remove(apps, schema_editor):
    revoke(apps, schema_editor, GROUPS)


class Migration(migrations.Migration):
    dependencies = [("requests_app", "0037_short_office_days")]

    operations = [
        migrations.AlterModelOptions(
            name="servicerequest",
            options={
                "ordering": ["-submitted_at", "-pk"],
                "permissions": [
                    ("process_servicerequest", "Может обрабатывать заявки"),
                    ("extend_servicerequest", "Может продлевать срок ответа"),
                    ("correct_codes_servicerequest", "Может исправлять коды завершённых заявок"),
                ],
                "verbose_name": "заявка",
                "verbose_name_plural": "заявки",
            },
        ),
        migrations.RunPython(create, remove),
    ]
