"""The groups of staff and what each may do."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

REQUESTS = [
    "requests_app.view_servicerequest",
    "requests_app.process_servicerequest",
    "requests_app.view_message",
    "requests_app.view_attachment",
    "accounts.view_consumer",
]
GROUPS = {
    "operator": REQUESTS,
    "supervisor": [
        *REQUESTS,
        "requests_app.add_serviceterm",
        "requests_app.change_serviceterm",
        "requests_app.view_serviceterm",
        "requests_app.add_calendarday",
        "requests_app.change_calendarday",
        "requests_app.delete_calendarday",
        "requests_app.view_calendarday",
        "requests_app.view_fileaccess",
    ],
    "editor": ["content.add_news", "content.change_news", "content.delete_news", "content.view_news"],
    "dpo": [
        "accounts.add_consentdocument",
        "accounts.change_consentdocument",
        "accounts.delete_consentdocument",
        "accounts.view_consentdocument",
        "accounts.view_consentevent",
        "accounts.view_consumer",
        "accounts.view_user",
        "requests_app.view_fileaccess",
    ],
}


def create(apps, schema_editor):
    alias = schema_editor.connection.alias
    for label in ("accounts", "requests_app", "content"):
        # permissions are otherwise made only after the last migration
        config = apps.get_app_config(label)
        config.models_module = True
        create_permissions(config, apps=apps, using=alias, verbosity=0)
        config.models_module = None
    permissions = apps.get_model("auth", "Permission").objects.using(alias)
    for name, wanted in GROUPS.items():
        group, _ = apps.get_model("auth", "Group").objects.using(alias).get_or_create(name=name)
        group.permissions.set(find(permissions, permission) for permission in wanted)


def find(permissions, wanted):
    app_label, codename = wanted.split(".")
    return permissions.get(content_type__app_label=app_label, codename=codename)


def remove(apps, schema_editor):
    groups = apps.get_model("auth", "Group").objects.using(schema_editor.connection.alias)
    groups.filter(name__in=GROUPS).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("requests_app", "0001_initial"),
        ("accounts", "0001_initial"),
        ("content", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunPython(create, remove)]
