"""The readings of a table come into the account together. Called within a transaction of the caller."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from accounts.models import User
from requests_app.models.readings import Reading, ReadingPeriod, ReadingState, kind_of
from requests_app.models.request import ServiceRequest
from requests_app.models.supply import Meter
from requests_app.services.meter_readings.recording import PeriodClosed, drafted, recount_after
from requests_app.services.meter_readings.sheet.plan import BATCH, Sending
from requests_app.services.meter_readings.standing import Standing, standings

_ROWS = 1_000  # of one statement


class Overtaken(Exception):
    """Something that the check rested on has changed since: readings, a meter, whose it is."""


def locked_standings(sendings: Sequence[Sending], *, month: date, by: User) -> dict[int, Standing]:
    """
    Where the meters stand, held until the transaction ends. Raises `Overtaken` unless they stand as they were checked
    and are still the consumer's.
    """
    held = Meter.objects.visible_to(by).select_for_update(of=("self",), no_key=True).select_related("point")
    wanted = [sending.entry.meter.pk for sending in sendings]
    meters = {meter.pk: meter for meter in held.filter(pk__in=wanted).order_by("pk")}
    if len(meters) < len(wanted):
        raise Overtaken
    found: dict[int, Standing] = {}
    for start in range(0, len(sendings), BATCH):
        batch = sendings[start : start + BATCH]
        found |= standings([meters[sending.entry.meter.pk] for sending in batch], month=month)
    for sending in sendings:
        now = found[sending.entry.meter.pk]
        if now.fingerprint != sending.standing.fingerprint or kind_of(now.meter) != kind_of(sending.entry.meter):
            raise Overtaken
    return found


def record_sendings(
    sendings: Iterable[Sending],
    held: Mapping[int, Standing],
    *,
    month: date,
    answers: Mapping[str, str],
    by: User,
    service_request: ServiceRequest,
    reason: str,
) -> None:
    """As `record` does with one meter, in a few statements for all of them. Raises `PeriodClosed`."""
    period = ReadingPeriod.objects.locked(month)
    if period.is_closed:
        raise PeriodClosed
    rows: list[Reading] = []
    for sending in sendings:
        standing = held[sending.entry.meter.pk]
        given = sending.given(answers)
        rows += drafted(
            standing, period, given, taken_on=sending.day, by=by, service_request=service_request, reason=reason
        )
    replaced = [row.replaces_id for row in rows if row.replaces_id]
    for start in range(0, len(replaced), _ROWS):
        some = replaced[start : start + _ROWS]
        Reading.objects.filter(pk__in=some).update(state=ReadingState.SUPERSEDED)
    Reading.objects.bulk_create(rows, batch_size=_ROWS)
    later = Reading.objects.current().filter(meter__in=held, period__month__gt=month, period__closed_at=None)
    for key in later.order_by().values_list("meter", flat=True).distinct():
        recount_after(held[key].meter, month)
