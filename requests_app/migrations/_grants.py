"""What migrations give to the groups of staff; no migration itself."""

from django.contrib.auth.management import create_permissions


def grant(apps, schema_editor, groups):
    """`groups`: name → «app.codename» of its new permissions. A group that is not there yet is made."""
    alias = schema_editor.connection.alias
    for label in {each.partition(".")[0] for wanted in groups.values() for each in wanted}:
        # permissions are otherwise made only after the last migration
        config = apps.get_app_config(label)
        config.models_module = True
        create_permissions(config, apps=apps, using=alias, verbosity=0)
        config.models_module = None
    for name, wanted in groups.items():
        group, _ = apps.get_model("auth", "Group").objects.using(alias).get_or_create(name=name)
        group.permissions.add(*_found(apps, alias, wanted))


def revoke(apps, schema_editor, groups):
    """The way back of `grant`; the groups stay."""
    alias = schema_editor.connection.alias
    for group in apps.get_model("auth", "Group").objects.using(alias).filter(name__in=groups):
        group.permissions.remove(*_found(apps, alias, groups[group.name]))


def _found(apps, alias, wanted):
    permissions = apps.get_model("auth", "Permission").objects.using(alias)
    pairs = [each.split(".") for each in wanted]
    return [permissions.get(content_type__app_label=label, codename=codename) for label, codename in pairs]
