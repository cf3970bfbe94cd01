"""What the database itself refuses about readings, months and windows."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from requests_app.models import PeriodChange, Reading, ReadingPeriod, ReadingWindow
from requests_app.services.meter_readings.detail import MeterReadings
from tests.factories import StaffFactory
from tests.readings import NOVEMBER, confirmed_meter, initial, reading, send

pytestmark = pytest.mark.django_db


def refused(name):
    """PostgreSQL names what was broken; SQLite names a check, but of a unique index only the columns."""
    return pytest.raises(IntegrityError, match=f"{name}|UNIQUE" if "_one_" in name else name)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("reading_zone", {"zone": 0}),
        ("reading_zone", {"zone": 4}),
        ("reading_not_negative", {"value": Decimal(-1)}),
        ("reading_not_negative", {"ratio": 0}),
        ("reading_words_known|reading_accepted_at", {"state": "lost"}),
        ("reading_words_known", {"source": "guess"}),
        ("reading_has_period", {"period": None}),
        ("reading_has_period", {"source": "initial"}),
        ("reading_previous_in_pairs", {"previous_value": Decimal(1)}),
        ("reading_previous_in_pairs", {"previous_on": date(2026, 10, 20)}),
        ("reading_previous_in_pairs", {"consumption_kwh": Decimal(1)}),
        ("reading_previous_in_pairs", {"previous_value": Decimal(1), "previous_on": date(2026, 11, 21)}),
        ("reading_accepted_at_when_accepted", {"accepted_at": None}),
        ("reading_accepted_at_when_accepted", {"state": "in_question"}),
        ("reading_decided_in_pairs", {"decided_at": timezone.now()}),
        ("reading_decided_in_pairs", {"decision_reason": "Так"}),
    ],
)
def test_a_reading_makes_sense(name, fields):
    row = reading(confirmed_meter(), 5000)

    with refused(name), transaction.atomic():
        Reading.objects.filter(pk=row.pk).update(**fields)


def test_a_negative_use_is_refused():
    row = reading(confirmed_meter(), 5000, previous_value=4000, previous_on=date(2026, 10, 20), consumption_kwh=1000)

    with refused("reading_not_negative"), transaction.atomic():
        Reading.objects.filter(pk=row.pk).update(consumption_kwh=-1)


def test_a_rejection_has_a_reason():
    row = reading(confirmed_meter(), 5000, state="in_question", accepted_at=None)
    decided = {"decided_by": StaffFactory(), "decided_at": timezone.now()}

    with refused("reading_rejected_with_reason"), transaction.atomic():
        Reading.objects.filter(pk=row.pk).update(state="rejected", **decided)


@pytest.mark.parametrize("state", ["accepted", "in_question"])
def test_a_month_has_one_current_value_of_a_zone(state):
    meter = confirmed_meter()
    reading(meter, 5000)

    with refused("reading_one_current"), transaction.atomic():
        reading(meter, 5001, state=state, accepted_at=timezone.now() if state == "accepted" else None)
    reading(meter, 4999, state="superseded")
    reading(meter, 5000, zone=2)
    reading(confirmed_meter(), 5000)


def test_a_meter_begins_once():
    meter = confirmed_meter()
    initial(meter, 10, on=date(2026, 1, 1))

    with refused("reading_one_initial"), transaction.atomic():
        initial(meter, 11, on=date(2026, 1, 2))


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("reading_period_is_a_month", {"month": date(2026, 11, 2)}),
        ("reading_period_closed_in_pairs", {"closed_at": timezone.now()}),
    ],
)
def test_a_period_is_a_month_closed_by_somebody(name, fields):
    period = ReadingPeriod.objects.create(month=NOVEMBER)

    with refused(name), transaction.atomic():
        ReadingPeriod.objects.filter(pk=period.pk).update(**fields)


def test_reopening_has_a_reason_and_the_log_is_not_changed():
    period = ReadingPeriod.objects.create(month=NOVEMBER)
    change = PeriodChange.objects.create(period=period, is_closed=True, by=StaffFactory())

    with pytest.raises(ValidationError) as refusal:
        change.save()
    assert refusal.value.code == "append_only"
    with refused("period_change_reopened_with_reason"), transaction.atomic():
        PeriodChange.objects.create(period=period, is_closed=False, by=change.by)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("reading_window_days", {"from_day": 0}),
        ("reading_window_days", {"to_day": 32}),
        ("reading_window_days", {"advised_from": 14}),
        ("reading_window_ends_after_start", {"to_day": 14}),
        ("reading_window_as_of_is_within", {"as_of_next_first": True}),
    ],
)
def test_a_window_makes_sense(name, fields):
    with refused(name), transaction.atomic():
        ReadingWindow.objects.filter(legal_form="person").update(**fields)


@pytest.mark.parametrize("fields", [{"meter": None}, {"month": None}, {"typed_serial": "0110"}, {"typed_values": "1"}])
def test_a_sending_is_of_a_known_meter_or_of_a_typed_one(fields):
    sent = send(confirmed_meter(), "18646")

    with refused("meter_readings_known_or_typed"), transaction.atomic():
        MeterReadings.objects.filter(pk=sent.pk).update(**fields)


def test_every_legal_form_has_its_window():
    windows = {window.legal_form: (window.from_day, window.to_day) for window in ReadingWindow.objects.all()}

    assert windows == {"person": (15, 25), "sole_trader": (25, 3), "company": (25, 3)}
