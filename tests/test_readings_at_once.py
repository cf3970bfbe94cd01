"""Readings in the same moment: two accounts of one object, two tabs, a month that is being closed, two operators."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction

from requests_app import actions
from requests_app.lifecycle import Status
from requests_app.models import Meter, Reading, ReadingPeriod, ReadingState, ServiceRequest
from requests_app.services.base import CannotBeSent
from tests.factories import AccessGrantFactory
from tests.readings import confirmed_meter, form_for, operator, owner_of, past, send, send_strange, supervisor

SENT_AT_ONCE = 6


def at_once(act, arguments):
    """What `act` returns for each of the arguments, all in the same moment; an exception in its place."""

    def run(argument):
        try:
            return act(argument)
        except (CannotBeSent, actions.TransitionNotAllowed) as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(arguments)) as pool:
        return list(pool.map(run, arguments))


def send_form(form):
    return actions.send_readings(form=form, by=form.owner)


def valid(form):
    assert form.is_valid(), form.errors.as_json()
    return form


@pytest.mark.django_db(transaction=True)
def test_accounts_of_one_object_give_the_month_one_value():
    meter = confirmed_meter()
    users = [owner_of(meter)]
    users += [AccessGrantFactory(status="confirmed", point=meter.point).user for _ in range(SENT_AT_ONCE - 1)]
    forms = [valid(form_for(meter, f"{5000 + number}", by=user)) for number, user in enumerate(users)]

    results = at_once(send_form, forms)

    sent = [result for result in results if isinstance(result, ServiceRequest)]
    assert len(sent) == 1
    assert all(isinstance(result, CannotBeSent) for result in results if result not in sent)
    assert Reading.objects.get().service_request == sent[0]
    assert ServiceRequest.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_double_click_is_one_request():
    meter = confirmed_meter()
    key = "7b9d5c1e-8a0f-4d55-9a3b-d0c8f1a3e111"
    forms = [valid(form_for(meter, "5110", submission_key=key)) for _ in range(SENT_AT_ONCE)]

    results = at_once(send_form, forms)

    assert {result.pk for result in results} == {ServiceRequest.objects.get().pk}
    assert Reading.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_tabs_with_the_same_values_are_one_record():
    meter = confirmed_meter()
    forms = [valid(form_for(meter, "5110")) for _ in range(SENT_AT_ONCE)]

    results = at_once(send_form, forms)

    refusals = {str(result) for result in results if isinstance(result, CannotBeSent)}
    assert {text.replace("\N{NO-BREAK SPACE}", " ") for text in refusals} == {
        "Эти показания уже переданы, второй раз не нужно."
    }
    assert Reading.objects.count() == ServiceRequest.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_consumers_send_in_the_same_moment():
    meters = [confirmed_meter() for _ in range(SENT_AT_ONCE)]
    forms = [valid(form_for(meter, "5110")) for meter in meters]

    at_once(send_form, forms)

    assert Reading.objects.accepted().count() == SENT_AT_ONCE
    assert len(set(ServiceRequest.objects.values_list("number", flat=True))) == SENT_AT_ONCE


@pytest.mark.django_db(transaction=True)
def test_nothing_slips_into_a_month_that_is_being_closed():
    meters = [confirmed_meter() for _ in range(SENT_AT_ONCE)]
    forms = [valid(form_for(meter, "5110")) for meter in meters]
    month, by = forms[0].window.month, supervisor()
    steps = [*((send_form, form) for form in forms), (lambda _: actions.close_period(month, by=by), None)]

    at_once(lambda step: step[0](step[1]), steps)

    closed_at = ReadingPeriod.objects.get(month=month).closed_at
    assert closed_at
    assert not Reading.objects.of_month(month).filter(accepted_at__gt=closed_at).exists()


@pytest.mark.django_db(transaction=True)
def test_of_operators_in_the_same_moment_one_decides():
    meter = confirmed_meter()
    past(meter, until=5000)
    waiting = send_strange(meter, 9000, "right")
    staff = [operator() for _ in range(SENT_AT_ONCE)]

    def decide(by):
        if by.pk % 2:
            actions.accept_readings(waiting, by=by)
        else:
            actions.reject_readings(waiting, reason="На фото другое.", by=by)
        return by

    results = at_once(decide, staff)

    decided = [result for result in results if not isinstance(result, Exception)]
    row = Reading.objects.get(service_request=waiting)
    waiting.refresh_from_db()
    assert [row.decided_by] == decided
    assert (row.state, waiting.status) in [
        (ReadingState.ACCEPTED, Status.CLOSED),
        (ReadingState.REJECTED, Status.REFUSED),
    ]


@pytest.mark.django_db(transaction=True)
def test_a_correction_and_a_decision_meet_without_a_deadlock():
    """Whoever comes first, the month has one value, and no request hangs in between."""
    meter = confirmed_meter()
    past(meter, until=5000)
    waiting = send_strange(meter, 9000, "right")
    form = valid(form_for(meter, "5100", correction_reason="Другая причина"))
    by = operator()

    at_once(lambda step: step(), [lambda: send_form(form), lambda: actions.accept_readings(waiting, by=by)])

    waiting.refresh_from_db()
    current = Reading.objects.current().of_month(form.window.month).get(meter=meter)
    assert waiting.status in (Status.CLOSED, Status.WITHDRAWN)
    assert (current.value, current.state) in [(5100, ReadingState.ACCEPTED), (9000, ReadingState.ACCEPTED)]


@pytest.mark.django_db
def test_the_database_itself_keeps_one_current_value():
    meter = confirmed_meter()
    row = send(meter, "5110").readings.get()
    row.pk = None

    with pytest.raises(IntegrityError, match=r"reading_one_current|UNIQUE"), transaction.atomic():
        row.save(force_insert=True)
    assert Meter.objects.get().readings.count() == 1
