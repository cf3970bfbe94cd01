"""The keys by which requests are searched, for those that are there already."""

from django.db import migrations

from requests_app.models.request import applicant_key
from requests_app.supply_keys import contract_key, serial_key

BATCH = 2_000


def fill(apps, schema_editor):
    alias = schema_editor.connection.alias
    requests = apps.get_model("requests_app", "ServiceRequest").objects.using(alias)
    for batch in in_batches(requests.only("applicant_name", "contract_number")):
        for service_request in batch:
            service_request.applicant_key = applicant_key(service_request.applicant_name)
            service_request.contract_key = contract_key(service_request.contract_number)
        requests.bulk_update(batch, ["applicant_key", "contract_key"])
    sendings = apps.get_model("requests_app", "MeterReadings").objects.using(alias)
    for batch in in_batches(sendings.exclude(typed_serial="").only("typed_serial")):
        for sending in batch:
            sending.typed_serial_key = serial_key(sending.typed_serial)
        sendings.bulk_update(batch, ["typed_serial_key"])


def in_batches(rows):
    last = 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:BATCH]):
        yield batch
        last = batch[-1].pk


class Migration(migrations.Migration):
    dependencies = [("requests_app", "0032_queue")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
