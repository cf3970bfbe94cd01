"""Disagreeing with an answer: until when, and what becomes of the term."""

from datetime import date, timedelta

import pytest
import time_machine

from requests_app import actions
from requests_app.deadlines import add_working_days, standard_working_day
from requests_app.lifecycle import Status
from requests_app.models import CalendarDay, MessageKind
from tests.factories import ServiceRequestFactory, StaffFactory, step_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator():
    return StaffFactory(group="operator")


def take(service_request, name, *, by, **form):
    return actions.transition(service_request, name, by=by, form=step_form(name, by=by, **form))


ANSWERED_ON = date(2026, 11, 24)
LAST_DAY = add_working_days(ANSWERED_ON, 30, standard_working_day)


@pytest.fixture
def answered():
    with time_machine.travel("2026-11-24T12:00:00+03:00", tick=False):
        return ServiceRequestFactory(status=Status.ANSWERED, term_days=15)


def test_an_answer_is_disputed_within_30_working_days(answered):
    assert actions.dispute_until(answered) == LAST_DAY

    with time_machine.travel(f"{LAST_DAY}T23:59:59+03:00", tick=False):
        disputed = take(answered, "dispute", by=answered.owner, comment="Провод так и висит.")

    assert disputed.status == Status.IN_PROGRESS
    assert disputed.messages.get().kind == MessageKind.DISPUTE


def test_the_day_after_it_is_too_late(answered):
    with time_machine.travel(f"{LAST_DAY + timedelta(days=1)}T00:00:00+03:00", tick=False):
        assert "dispute" not in [step.name for step in actions.available_transitions(answered, by=answered.owner)]
        with pytest.raises(actions.TransitionNotAllowed):
            take(answered, "dispute", by=answered.owner)


def test_days_off_of_our_own_calendar_make_it_longer(answered):
    CalendarDay.objects.create(date=date(2026, 11, 25), is_working=False)

    assert actions.dispute_until(answered) > LAST_DAY


def test_a_disputed_answer_is_counted_and_the_term_runs_anew(answered):
    with time_machine.travel("2026-12-01T12:00:00+03:00", tick=False):
        disputed = take(answered, "dispute", by=answered.owner)

    assert (disputed.answered_at, disputed.outcome, disputed.disputes) == (None, "", 1)
    assert disputed.due_on == date(2026, 12, 16)
    assert (disputed.term_days, disputed.number) == (answered.term_days, answered.number)


def test_it_can_be_disputed_again_after_the_next_answer(answered, operator):
    with time_machine.travel("2026-12-01T12:00:00+03:00"):
        take(answered, "dispute", by=answered.owner)
        take(answered, "answer", by=operator)
        disputed = take(answered, "dispute", by=answered.owner)

    assert disputed.disputes == 2


def test_nothing_is_disputed_before_there_is_an_answer():
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)

    assert actions.dispute_until(service_request) is None
    assert not actions.may_dispute(service_request)
