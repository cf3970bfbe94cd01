"""What the database refuses of the log of exports and of group answers."""

import uuid

from django.utils import timezone

from requests_app.models import ExportRun, GroupAnswer
from tests.factories import ServiceRequestFactory, StaffFactory


def _export(**values):
    row = {"listing": "requests_app.inquiry", "file_format": "csv", **values}
    return lambda: ExportRun.objects.create(by=StaffFactory(), **row)


def _one_key_twice():
    key, staff = uuid.uuid4(), StaffFactory()
    for _ in range(2):
        GroupAnswer.objects.create(by=staff, submission_key=key)


def _one_request_twice():
    group, service_request = GroupAnswer.objects.create(by=StaffFactory()), ServiceRequestFactory()
    for _ in range(2):
        group.parts.create(service_request=service_request)


EXPORT_BREAKS = {
    "export_run_format_known": [_export(file_format="pdf")],
    "export_run_names_list": [_export(listing="")],
    "export_run_rows_when_finished": [
        _export(rows=1),
        _export(finished_at=timezone.now()),
        _export(is_whole=True),
    ],
    "group_answer_once": [_one_key_twice],
    "group_answer_part_once": [_one_request_twice],
}
