"""Sending readings, deciding about strange ones, closing a month."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import PermissionDenied

from requests_app import actions
from requests_app.actions import ReadingsNotChanged, TransitionNotAllowed
from requests_app.lifecycle import Status
from requests_app.models import PeriodChange, Reading, ReadingPeriod, ReadingState, ServiceRequest
from requests_app.services.base import CannotBeSent
from tests.factories import AccessGrantFactory, ConsumerFactory
from tests.readings import (
    NOVEMBER,
    confirmed_meter,
    form_for,
    initial,
    operator,
    owner_of,
    past,
    send,
    send_strange,
    send_unknown,
    supervisor,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # 12:00 in Moscow


@pytest.fixture(autouse=True)
def _in_the_window():
    with time_machine.travel(NOON, tick=False):
        yield


def current(meter, zone=1, month=NOVEMBER):
    return Reading.objects.current().of_month(month).get(meter=meter, zone=zone)


# -- Without questions ----------------------------------------------------------------------------------------------


def test_readings_are_accepted_at_once():
    meter = confirmed_meter(zones=2)
    past(meter, until=5000)

    sent = send(meter, "5 110", "005090,4")

    assert sent.status == Status.CLOSED
    assert [(row.value, row.consumption_kwh, row.state) for row in sent.readings.order_by("zone")] == [
        (5110, 110, ReadingState.ACCEPTED),
        (5090, 90, ReadingState.ACCEPTED),
    ]
    assert sent.detail.month == NOVEMBER
    assert (sent.object_address, sent.contract_number) == (meter.point.address, meter.point.contract_number)


def test_use_is_multiplied_by_the_ratio():
    meter = confirmed_meter(ratio=60, digits_after=2)
    past(meter, until=1000)

    sent = send(meter, "1050,55")

    assert sent.readings.get().consumption_kwh == Decimal("3033")


def test_the_first_reading_has_no_use_and_one_after_the_initial_has():
    first, second = confirmed_meter(), confirmed_meter()
    initial(second, 10, on=date(2026, 11, 2))

    assert send(first, "500").readings.get().consumption_kwh is None
    assert send(second, "60").readings.get().consumption_kwh == 50


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        (datetime(2026, 11, 25, 20, 59, 59, tzinfo=UTC), date(2026, 11, 1)),  # 23:59:59 in Moscow on the last day
        (datetime(2026, 11, 25, 21, 0, 0, tzinfo=UTC), date(2026, 12, 1)),
    ],
)
def test_the_last_second_in_moscow_is_in_time_with_the_server_on_utc(moment, month, settings):
    settings.TIME_ZONE = "UTC"
    meter = confirmed_meter()

    with time_machine.travel(moment, tick=False):
        sent = send(meter, "500", taken_on="2026-11-25")

    assert sent.detail.month == month


# -- Again ----------------------------------------------------------------------------------------------------------


def test_again_within_the_window_is_a_correction_and_both_rows_stay():
    meter = confirmed_meter()
    past(meter, until=5000)
    first = send(meter, "5110")

    second = send(meter, "5101", correction_reason="Ошибся в\N{NO-BREAK SPACE}цифре")

    old, new = first.readings.get(), second.readings.get()
    assert (old.state, new.state, new.replaces) == (ReadingState.SUPERSEDED, ReadingState.ACCEPTED, old)
    assert new.correction_reason == "Ошибся в\N{NO-BREAK SPACE}цифре"
    assert new.consumption_kwh == 101


def test_a_correction_says_why():
    meter = confirmed_meter()
    send(meter, "5110")

    form = form_for(meter, "5120")

    assert not form.is_valid()
    assert list(form.errors) == ["correction_reason"]


def test_the_same_reading_twice_is_one_record():
    meter = confirmed_meter()
    first = send(meter, "5110")

    again = form_for(meter, "005 110")

    assert again.is_valid()
    assert again.already_sent == first
    assert Reading.objects.count() == 1


def test_what_was_recorded_meanwhile_is_not_overwritten():
    meter = confirmed_meter()
    form = form_for(meter, "5110")
    assert form.is_valid()
    send(meter, "5120")

    with pytest.raises(CannotBeSent):
        actions.send_readings(form=form, by=form.owner)

    assert current(meter).value == 5120
    assert ServiceRequest.objects.count() == 1


# -- In question ----------------------------------------------------------------------------------------------------


def test_a_confirmed_jump_waits_for_staff():
    meter = confirmed_meter()
    past(meter, until=5000)

    sent = send_strange(meter, 9000, "right")

    row = sent.readings.get()
    assert (sent.status, row.state, row.question_codes, row.answer) == (
        Status.REGISTERED,
        ReadingState.IN_QUESTION,
        "jump",
        "right",
    )


def test_a_rollover_is_counted_through_zero():
    meter = confirmed_meter(digits_before=5)
    past(meter, until=99_950)

    row = send_strange(meter, 130, "rollover").readings.get()

    assert (row.consumption_kwh, row.state) == (180, ReadingState.IN_QUESTION)


def test_a_replaced_meter_has_no_use():
    meter = confirmed_meter()
    past(meter, until=5000)

    assert send_strange(meter, 12, "replaced").readings.get().consumption_kwh is None


def test_a_correction_of_what_waits_closes_its_request():
    meter = confirmed_meter()
    past(meter, until=5000)
    waiting = send_strange(meter, 9000, "right")

    send(meter, "5100", correction_reason="Ошибся в\N{NO-BREAK SPACE}цифре")

    waiting.refresh_from_db()
    assert (waiting.status, waiting.readings.get().state) == (Status.WITHDRAWN, ReadingState.SUPERSEDED)
    assert current(meter).value == 5100


def test_staff_accept():
    meter = confirmed_meter()
    past(meter, until=5000)
    waiting = send_strange(meter, 9000, "right")
    by = operator()

    actions.accept_readings(waiting, by=by)

    row = current(meter)
    waiting.refresh_from_db()
    assert (row.state, row.decided_by, waiting.status) == (ReadingState.ACCEPTED, by, Status.CLOSED)


def test_rejected_readings_leave_the_month_to_what_was_accepted_before():
    meter = confirmed_meter()
    past(meter, until=5000)
    first = send(meter, "5100")
    waiting = send_strange(meter, 9000, "right", correction_reason="Другая причина")

    actions.reject_readings(waiting, reason="На фото 5 100.", by=operator())

    waiting.refresh_from_db()
    row = waiting.readings.get()
    assert (waiting.status, row.state, row.decision_reason) == (Status.REFUSED, "rejected", "На фото 5 100.")
    assert current(meter) == first.readings.get()


def test_withdrawn_readings_do_the_same():
    meter = confirmed_meter()
    past(meter, until=5000)
    first = send(meter, "5100")
    waiting = send_strange(meter, 9000, "right", correction_reason="Другая причина")

    actions.transition(waiting, "withdraw", by=waiting.owner)

    assert waiting.readings.get().state == ReadingState.WITHDRAWN
    assert current(meter) == first.readings.get()


def test_staff_correct():
    meter = confirmed_meter()
    past(meter, until=5000)
    waiting = send_strange(meter, 9000, "right")

    actions.correct_readings(waiting, values={1: Decimal(5090)}, reason="На фото 5 090.", by=operator())

    waiting.refresh_from_db()
    assert (waiting.status, current(meter).value, current(meter).consumption_kwh) == (Status.CLOSED, 5090, 90)
    assert Reading.objects.of_month(NOVEMBER).filter(state=ReadingState.SUPERSEDED).get().value == 9000


def test_a_decision_is_made_once_and_by_staff():
    meter = confirmed_meter()
    past(meter, until=5000)
    waiting = send_strange(meter, 9000, "right")
    with pytest.raises(TransitionNotAllowed):
        actions.accept_readings(waiting, by=ConsumerFactory().user)
    actions.accept_readings(waiting, by=operator())

    for decide in (
        lambda: actions.accept_readings(waiting, by=operator()),
        lambda: actions.reject_readings(waiting, reason="Поздно", by=operator()),
        lambda: actions.correct_readings(waiting, values={1: Decimal(1)}, reason="Поздно", by=operator()),
    ):
        with pytest.raises(TransitionNotAllowed):
            decide()

    assert (current(meter).value, current(meter).state) == (9000, ReadingState.ACCEPTED)


def test_a_rejection_needs_a_reason():
    meter = confirmed_meter()
    past(meter, until=5000)
    waiting = send_strange(meter, 9000, "right")

    with pytest.raises(ReadingsNotChanged):
        actions.reject_readings(waiting, reason="  ", by=operator())


def test_what_follows_is_counted_anew_when_a_month_is_decided():
    meter = confirmed_meter()
    past(meter, until=5000)
    waiting = send_strange(meter, 5900, "right")
    with time_machine.travel(datetime(2026, 12, 20, 9, tzinfo=UTC), tick=False):
        december = send_strange(meter, 5950, "right")
    row = december.readings.get()
    assert row.consumption_kwh == 950  # from October: November was not accepted yet

    actions.accept_readings(waiting, by=operator())

    row.refresh_from_db()
    assert (row.previous_value, row.consumption_kwh) == (5900, 50)


# -- Control and months ---------------------------------------------------------------------------------------------


def test_a_control_reading_takes_the_place_of_the_consumers():
    meter = confirmed_meter()
    past(meter, until=5000)
    send(meter, "5100")

    rows = actions.record_control_reading(
        meter=meter, values={1: Decimal(5130)}, taken_on=date(2026, 11, 24), month=NOVEMBER, by=operator()
    )

    assert current(meter) == rows[0]
    assert (rows[0].source, rows[0].consumption_kwh) == ("control", 130)


def test_after_a_control_reading_no_lower_one_is_taken():
    meter = confirmed_meter()
    past(meter, until=5000)
    actions.record_control_reading(
        meter=meter, values={1: Decimal(5130)}, taken_on=date(2026, 11, 23), month=NOVEMBER, by=operator()
    )
    send(meter, "5131", correction_reason="Снял показания ещё раз")

    form = form_for(meter, "5129", correction_reason="Другая причина")

    assert not form.is_valid()
    assert form.errors.as_data()["zone_1"][0].code == "below_control"


def test_a_closed_month_takes_nothing_and_the_next_does():
    meter = confirmed_meter()
    form = form_for(meter, "5110")
    assert form.is_valid()
    actions.close_period(NOVEMBER, by=supervisor())

    with pytest.raises(CannotBeSent):
        actions.send_readings(form=form, by=form.owner)
    sent = send(meter, "5110")

    assert sent.detail.month == date(2026, 12, 1)
    with pytest.raises(ReadingsNotChanged):
        actions.record_control_reading(
            meter=meter, values={1: Decimal(1)}, taken_on=date(2026, 11, 24), month=NOVEMBER, by=operator()
        )


def test_closing_and_reopening_are_logged():
    by = supervisor()

    actions.close_period(NOVEMBER, by=by)
    actions.close_period(NOVEMBER, by=by)
    actions.reopen_period(NOVEMBER, reason="Опоздал акт", by=by)

    changes = PeriodChange.objects.order_by("pk").values_list("is_closed", "reason", "by")
    assert list(changes) == [(True, "", by.pk), (False, "Опоздал акт", by.pk)]
    assert not ReadingPeriod.objects.get().is_closed


def test_a_month_with_open_questions_is_not_closed():
    meter = confirmed_meter()
    past(meter, until=5000)
    send_strange(meter, 9000, "right")

    with pytest.raises(ReadingsNotChanged, match="проверке: 1"):
        actions.close_period(NOVEMBER, by=supervisor())


def test_months_are_closed_by_who_may():
    for by in (operator(), ConsumerFactory().user):
        with pytest.raises(PermissionDenied):
            actions.close_period(NOVEMBER, by=by)
        with pytest.raises(PermissionDenied):
            actions.reopen_period(NOVEMBER, reason="Так", by=by)


# -- Meters that are not theirs -------------------------------------------------------------------------------------


def test_a_typed_serial_never_takes_the_owners_month():
    """Even the true number of the meter: the values are words until staff have looked."""
    meter = confirmed_meter(serial="011076148")
    past(meter, until=18_432)
    stranger = ConsumerFactory().user

    sent = send_unknown(by=stranger, serial="0110 76148")

    assert sent.status == Status.REGISTERED
    assert not Reading.objects.of_month(NOVEMBER).exists()
    assert send(meter, "18500").status == Status.CLOSED


def test_staff_give_an_unknown_meter_its_readings_unless_the_month_is_taken():
    meter = confirmed_meter(serial="011076148")
    past(meter, until=18_432)
    first, second = (send_unknown(by=ConsumerFactory().user) for _ in range(2))

    actions.match_unknown_meter(first, meter=meter, month=NOVEMBER, by=operator())

    first.refresh_from_db()
    assert (first.status, current(meter).consumption_kwh) == (Status.CLOSED, 214)
    with pytest.raises(ReadingsNotChanged, match="уже есть"):
        actions.match_unknown_meter(second, meter=meter, month=NOVEMBER, by=operator())


def test_the_sender_of_an_unknown_meter_reads_only_what_was_typed():
    meter = confirmed_meter(serial="011076148")
    past(meter, until=18_432)
    sent = send_unknown(by=ConsumerFactory().user)
    actions.match_unknown_meter(sent, meter=meter, month=NOVEMBER, by=operator())
    sent = ServiceRequest.objects.get(pk=sent.pk)

    told = " ".join(row.value for row in sent.rows())

    assert "18646" in told
    assert "18432" not in told
    assert meter.point.address not in told


def test_another_meter_of_the_form_is_no_choice():
    mine, other = confirmed_meter(), confirmed_meter()

    form = form_for(other, "100", by=owner_of(mine))

    assert not form.is_valid()
    assert list(form.errors) == ["meter"]


@pytest.mark.parametrize("status", ["asked", "refused", "revoked", "withdrawn"])
def test_only_a_confirmed_consumer_writes(status):
    meter = confirmed_meter()
    grant = AccessGrantFactory(status=status, **({"point": meter.point} if status == "revoked" else {}))

    assert not form_for(meter, "100", by=grant.user).is_valid()


def test_two_confirmed_accounts_share_one_month():
    meter = confirmed_meter()
    colleague = AccessGrantFactory(status="confirmed", point=meter.point).user
    send(meter, "5110")

    form = form_for(meter, "5120", by=colleague)

    assert list(form.errors) == ["correction_reason"]
