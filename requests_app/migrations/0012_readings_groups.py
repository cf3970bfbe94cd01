"""When readings are taken in; what the groups of staff may do with them."""

from django.db import migrations

from requests_app.migrations._grants import grant, revoke

GROUPS = {
    "operator": [
        "requests_app.view_reading",
        "requests_app.process_reading",
        "requests_app.view_readingperiod",
        "requests_app.view_readingwindow",
    ],
    "supervisor": [
        "requests_app.view_reading",
        "requests_app.process_reading",
        "requests_app.view_readingperiod",
        "requests_app.view_readingwindow",
        "requests_app.close_readingperiod",
        "requests_app.change_readingwindow",
    ],
}

# Persons by Decree No. 354 of 06.05.2011; the others as of 00:00 of the first day of the month after, unless the
# contract says something else: then staff change the row.
PERSON = {"from_day": 15, "to_day": 25, "advised_from": 23}
BUSINESS = {"from_day": 25, "to_day": 3, "ends_next_month": True, "as_of_next_first": True}
WINDOWS = {"person": PERSON, "sole_trader": BUSINESS, "company": BUSINESS}


def create(apps, schema_editor):
    alias = schema_editor.connection.alias
    grant(apps, schema_editor, GROUPS)
    windows = apps.get_model("requests_app", "ReadingWindow").objects.using(alias)
    for legal_form, window in WINDOWS.items():
        windows.get_or_create(legal_form=legal_form, defaults=window)


def remove(apps, schema_editor):
    alias = schema_editor.connection.alias
    revoke(apps, schema_editor, GROUPS)
    apps.get_model("requests_app", "ReadingWindow").objects.using(alias).all().delete()


class Migration(migrations.Migration):
    dependencies = [("requests_app", "0011_readings")]

    operations = [migrations.RunPython(create, remove)]
