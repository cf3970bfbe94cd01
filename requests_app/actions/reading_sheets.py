"""Readings of many meters from a table: kept while the consumer looks at it, sent as one request, decided by meter."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction as database

from accounts.models import User
from requests_app import notifications
from requests_app.actions.files import FilesNotStored
from requests_app.actions.readings import ReadingsNotChanged, close_replaced, given_by_staff, waiting_requests
from requests_app.actions.steps import advance, may_process
from requests_app.actions.submission import submit
from requests_app.attachments import clean_name
from requests_app.lifecycle import Status
from requests_app.models import Meter, Reading, ReadingSheet, ReadingState, ServiceRequest
from requests_app.models.attachment import private_storage
from requests_app.models.reading_sheet import ReadingSheetQuerySet, random_sheet_name
from requests_app.services import meter_readings
from requests_app.services.meter_readings.recording import PeriodClosed, accept, drop, locked_standing, record
from requests_app.services.meter_readings.sheet.form import SheetForm

MAX_DRAFTS = 3  # of one person: files that were only looked at must not fill the disk


# -- By consumers ---------------------------------------------------------------------------------------------------


def upload_reading_sheet(upload: UploadedFile[Any], *, by: User) -> ReadingSheet:
    """Keep the file of `by` until it is sent or a day has passed. Raises `FilesNotStored`."""
    upload.seek(0)
    sha256 = hashlib.file_digest(cast(Any, upload), "sha256").hexdigest()
    sheet = ReadingSheet(by=by, file_name=clean_name(upload.name or ""), sha256=sha256)
    name = random_sheet_name(sheet, "")
    try:
        sheet.file.name = private_storage().save(name, upload)
        sheet.save()
    except OSError as error:
        private_storage().delete(name)
        raise FilesNotStored from error
    surplus = ReadingSheet.objects.of(by).drafts().order_by("-pk").values("pk")[MAX_DRAFTS:]
    remove_reading_sheets(ReadingSheet.objects.filter(pk__in=[row["pk"] for row in surplus]))
    return sheet


def send_reading_sheet(*, form: SheetForm, by: User) -> ServiceRequest:
    """
    Register the valid form of a table and return its one request, as `submit` does and with what it raises. All meters
    of the table are recorded or none. The file is forgotten.
    """
    meters = [sending.entry.meter.pk for sending in form.plan.sendings]
    with database.atomic():
        waiting = waiting_requests(meters, form.plan.window.month)  # before the meters, in the order of staff's steps
        sent = submit(service=meter_readings.SERVICE, form=form, by=by)
        close_replaced(waiting, by=by, besides=sent)
        sheet = ReadingSheet.objects.select_for_update(no_key=True).get(pk=form.sheet.pk)
        if sheet.file:
            database.on_commit(partial(private_storage().delete, str(sheet.file)), robust=True)
            sheet.service_request, sheet.file = sent, ""
            sheet.save(update_fields=["service_request", "file"])
    return sent


def remove_reading_sheets(sheets: ReadingSheetQuerySet) -> int:
    """Delete files that were looked at and not sent, rows first, files after the commit. Returns how many."""
    with database.atomic():
        doomed = list(sheets.drafts().select_for_update())
        for sheet in doomed:
            database.on_commit(partial(private_storage().delete, str(sheet.file)), robust=True)
        ReadingSheet.objects.filter(pk__in=[sheet.pk for sheet in doomed]).delete()
    return len(doomed)


# -- By staff, about one meter of a table ---------------------------------------------------------------------------


def accept_meter(service_request: ServiceRequest, *, meter: Meter, by: User) -> None:
    """
    The values of this meter are right. Raises `ReadingsNotChanged` when they are decided already, `PermissionDenied`
    for whoever may not; so do the two below. With the last meter decided the request is closed.
    """
    with _waiting(service_request, meter, by=by) as rows:
        accept(rows, by=by)


def reject_meter(service_request: ServiceRequest, *, meter: Meter, reason: str, by: User) -> None:
    """They are not, for a `reason` that the consumer reads."""
    with _waiting(service_request, meter, by=by) as rows:
        drop(rows, state=ReadingState.REJECTED, by=by, reason=reason[:500])


def correct_meter(
    service_request: ServiceRequest,
    *,
    meter: Meter,
    values: Mapping[int, Decimal],
    reason: str,
    by: User,
    rolled_over: frozenset[int] = frozenset(),
) -> None:
    """Accept other `values` (zone → value, all zones) in their place, for a `reason` that the consumer reads."""
    with _waiting(service_request, meter, by=by) as rows:
        try:
            standing, period = locked_standing(meter, rows[0].period.month)  # type: ignore[union-attr]  # it has one
        except PeriodClosed as closed:
            raise ReadingsNotChanged(
                "Этот месяц закрыт. Откройте его снова или не\N{NO-BREAK SPACE}принимайте."
            ) from closed
        record(
            standing,
            period,
            given_by_staff(standing, values, rolled_over),
            taken_on=rows[0].taken_on,
            by=by,
            service_request=service_request,
            reason=reason[:300],
            is_checked=True,
        )


@contextmanager
def _waiting(service_request: ServiceRequest, meter: Meter, *, by: User) -> Iterator[list[Reading]]:
    """A transaction with the request locked; yields the rows to decide about. Closes the request when none is left."""
    if not may_process(service_request, by=by) or not by.has_perm("requests_app.process_reading"):
        raise PermissionDenied("This one may not decide about readings")
    with database.atomic():
        held = ServiceRequest.objects.locked().get(pk=service_request.pk)
        rows = list(held.readings.in_question().filter(meter=meter).select_related("meter", "period").order_by("zone"))
        if held.status != Status.REGISTERED or not rows:
            raise ReadingsNotChanged("По\N{NO-BREAK SPACE}этому счётчику уже решено.")
        yield rows
        if not held.readings.in_question().exists():
            step = meter_readings.LIFE.get("settle")
            advance(held, step, by=by, key=uuid.uuid4())
            notifications.status_changed(held, step)
