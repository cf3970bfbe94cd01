"""What the groups of staff may do with supply points and access to them; the labels of tariff zones."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

OPERATOR = [
    "view_supplypoint",
    "add_supplypoint",
    "change_supplypoint",
    "view_meter",
    "add_meter",
    "change_meter",
    "view_accessgrant",
    "decide_accessgrant",
]
SUPERVISOR = [
    *OPERATOR,
    "delete_meter",
    "revoke_accessgrant",
    "view_zonelabel",
    "add_zonelabel",
    "change_zonelabel",
]
GROUPS = {"operator": OPERATOR, "supervisor": SUPERVISOR}

# Order No. 1473-э of the Federal Tariff Service of 26.11.2013
ZONES = [
    (1, 1, "Сутки", ""),
    (2, 1, "T1 (день)", "7–23 ч"),
    (2, 2, "T2 (ночь)", "23–7 ч"),
    (3, 1, "T1 (пик)", "7–10 и 17–21 ч"),
    (3, 2, "T2 (ночь)", "23–7 ч"),
    (3, 3, "T3 (полупик)", "10–17 и 21–23 ч"),
]


def create(apps, schema_editor):
    alias = schema_editor.connection.alias
    # permissions are otherwise made only after the last migration
    config = apps.get_app_config("requests_app")
    config.models_module = True
    create_permissions(config, apps=apps, using=alias, verbosity=0)
    config.models_module = None
    for name, codenames in GROUPS.items():
        group = apps.get_model("auth", "Group").objects.using(alias).get(name=name)
        group.permissions.add(*find(apps, alias, codenames))
    labels = apps.get_model("requests_app", "ZoneLabel").objects.using(alias)
    for zones, number, label, hours in ZONES:
        labels.get_or_create(zones=zones, number=number, defaults={"label": label, "hours": hours})


def remove(apps, schema_editor):
    alias = schema_editor.connection.alias
    for group in apps.get_model("auth", "Group").objects.using(alias).filter(name__in=GROUPS):
        group.permissions.remove(*find(apps, alias, SUPERVISOR))
    apps.get_model("requests_app", "ZoneLabel").objects.using(alias).all().delete()


def find(apps, alias, codenames):
    permissions = apps.get_model("auth", "Permission").objects.using(alias)
    return permissions.filter(content_type__app_label="requests_app", codename__in=codenames)


class Migration(migrations.Migration):
    dependencies = [
        ("requests_app", "0003_supply"),
        ("requests_app", "0002_groups"),
    ]

    operations = [migrations.RunPython(create, remove)]
