"""
Fourteen months of readings of three meters: a person's, a sole trader's and, behind transformers, a company's. One
correction, one value that waits for staff, one meter that nobody has confirmed yet.

The last months are sent through the real actions; what is older stands as it came from the books before the portal.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import LegalForm, User
from requests_app import actions
from requests_app.demo.people import OPERATOR
from requests_app.demo.stories import drawn_photo, move_into_past, post
from requests_app.models import Meter, Reading, ServiceRequest
from requests_app.reading_windows import MOSCOW, moscow_day, next_month
from requests_app.services.base import ServiceForm
from requests_app.services.meter_readings import ReadingsForm
from requests_app.services.meter_readings.recording import Given, locked_standing, record
from requests_app.services.meter_readings.standing import window_for
from requests_app.services.meter_readings.unknown import UnknownMeterForm

_NAMESPACE = uuid.UUID("0b6f0a53-20c4-4c3a-8f0e-2b1d6f3f7a10")
_MONTHS, _SENT = 14, 2  # so many months of past, of which the last ones were sent through the portal
_SEASON = [125, 120, 110, 100, 90, 85, 88, 92, 95, 100, 110, 122]  # per cent of an average month, from January
_PERSON, _TRADER, _COMPANY = "person@example.org", "sole-trader@example.org", "company@example.org"


@dataclass(frozen=True, kw_only=True)
class Past:
    """A meter, what its zones show at the end of the past, and by how much they move in an average month."""

    owner: str
    serial: str
    end: tuple[str, ...]
    monthly: tuple[int, ...]  # on the drums, before the ratio
    corrected: bool = False  # the last month was sent with a slip first


PASTS = (
    Past(owner=_PERSON, serial="011076148", end=("18432", "7215"), monthly=(210, 105)),
    Past(owner=_TRADER, serial="7781203", end=("99640",), monthly=(610,)),  # soon over zero
    Past(
        owner=_COMPANY,
        serial="0808180117",
        end=("41250.6", "28814.25", "63402.8"),
        monthly=(420, 310, 650),
        corrected=True,
    ),
)


def make_readings() -> None:
    """Create what is missing. No letters go out for it."""
    for past in PASTS:
        meter = Meter.objects.select_related("point").get(serial=past.serial)
        if not meter.readings.exists():
            with transaction.atomic():
                _fill(past, meter)
    _question()
    _unknown()


def _fill(past: Past, meter: Meter) -> None:
    owner = User.objects.get(email=past.owner)
    current = window_for(owner.consumer.legal_form, moscow_day(timezone.now())).month
    months = [next_month(current, -count) for count in range(_MONTHS, 0, -1)]
    values = list(_values(past, months))
    begins = next_month(months[0], -1) + timedelta(days=23)
    operator = User.objects.get(email=OPERATOR)
    start = {zone: _as_shown(meter, value) for zone, value in values[0].items()}
    actions.record_initial_reading(meter=meter, values=start, taken_on=begins, by=operator)
    for month, shown in zip(months, values[1:], strict=True):
        if month in months[-_SENT:]:
            _send_month(past, meter, owner, month, shown, is_last=month == months[-1])
        else:
            _take_over(meter, owner, month, shown)


def _values(past: Past, months: Sequence[date]) -> Iterator[dict[int, Decimal]]:
    """What the zones show before the first month and at the end of each."""
    moves = [[Decimal(monthly * _SEASON[month.month - 1]) / 100 for monthly in past.monthly] for month in months]
    for done in range(len(months) + 1):
        ahead = moves[done:]
        yield {
            zone: (Decimal(end) - sum((move[zone - 1] for move in ahead), Decimal(0))).quantize(Decimal("0.01"))
            for zone, end in enumerate(past.end, start=1)
        }


def _take_over(meter: Meter, owner: User, month: date, shown: dict[int, Decimal]) -> None:
    standing, period = locked_standing(meter, month)
    given = {zone: Given(_as_shown(meter, value)) for zone, value in shown.items()}
    rows = record(standing, period, given, taken_on=_day(owner, month), by=owner)
    moment = _noon(_day(owner, month))
    Reading.objects.filter(pk__in=[row.pk for row in rows]).update(recorded_at=moment, accepted_at=moment)


def _send_month(
    past: Past, meter: Meter, owner: User, month: date, shown: dict[int, Decimal], *, is_last: bool
) -> None:
    day = _day(owner, month)
    values = {zone: _as_shown(meter, value) for zone, value in shown.items()}
    if past.corrected and is_last:
        slip = {**values, 1: values[1] + 9}
        _send(owner, ReadingsForm(_typed(meter, slip, day, "slip"), owner=owner, day=day), day)
        more = {"correction_reason": "Ошибся в\N{NO-BREAK SPACE}цифре"}
        day += timedelta(days=1)
        _send(owner, ReadingsForm(_typed(meter, values, day, "correction", **more), owner=owner, day=day), day)
    else:
        _send(owner, ReadingsForm(_typed(meter, values, day, f"{month}"), owner=owner, day=day), day)


def _question() -> None:
    """The trader's meter has passed zero this month; staff have not looked yet."""
    meter = Meter.objects.get(serial="7781203")
    if meter.readings.in_question().exists():
        return
    owner, today = User.objects.get(email=_TRADER), moscow_day(timezone.now())
    answers = {"asked_1": "251", "answer_1": "rollover"}
    data = _typed(meter, {1: Decimal(251)}, today, "question", **answers)
    _send(owner, ReadingsForm(data, drawn_photo(), owner=owner, day=today), today)


def _unknown() -> None:
    owner, today = User.objects.get(email=_PERSON), moscow_day(timezone.now())
    data = post(
        {
            "submission_key": uuid.uuid5(_NAMESPACE, "unknown"),
            "typed_serial": "009121544",
            "object_address": "СНТ «Маяк», участок 12",
            "contract_number": "ЭС-221/2019",
            "zone_1": "4410",
            "taken_on": today.isoformat(),
        }
    )
    _send(owner, UnknownMeterForm(data, drawn_photo(), owner=owner), today)


def _typed(meter: Meter, values: dict[int, Decimal], day: date, name: str, **answers: str) -> Any:
    boxes = {f"zone_{zone}": value for zone, value in values.items()}
    key = uuid.uuid5(_NAMESPACE, f"{meter.serial} {name}")
    return post({"submission_key": key, "meter": meter.pk, "taken_on": day.isoformat(), **boxes, **answers})


def _send(owner: User, form: ServiceForm, day: date) -> None:
    if ServiceRequest.objects.filter(owner=owner, submission_key=form.key).exists():
        return
    if not form.is_valid():
        raise ValueError(f"Demo readings of {day}: {form.errors.as_json()}")
    sent = actions.send_readings(form=form, by=owner)
    age = max(timezone.now() - _noon(day), timedelta())
    move_into_past(sent, age)
    moment = timezone.now() - age
    sent.readings.update(recorded_at=moment)
    sent.readings.accepted().update(accepted_at=moment)


def _day(owner: User, month: date) -> date:
    """When readings of the month are usually sent: a person's before its end, a business's on the first after it."""
    return month.replace(day=24) if owner.consumer.legal_form == LegalForm.PERSON else next_month(month)


def _as_shown(meter: Meter, value: Decimal) -> Decimal:
    return value if meter.ratio > 1 else value.quantize(Decimal(1))


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=MOSCOW)
