"""recalculate_deadlines: the days of the answers follow the calendar."""

from datetime import UTC, date, datetime
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from post_office.models import Email

from requests_app import actions
from requests_app.deadlines import DayKind
from requests_app.lifecycle import OPEN_STATUSES, Status
from requests_app.models import CalendarDay, ServiceRequest
from requests_app.services import violation_report
from tests.factories import ServiceRequestFactory, StaffFactory, step_form, submitted
from tests.visits import booked

pytestmark = pytest.mark.django_db

SENT = datetime(2026, 11, 24, 9, tzinfo=UTC)
DUE, NEXT = date(2026, 12, 9), date(2026, 12, 10)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(SENT, tick=False):
        yield


def sent(**values):
    values = {"due_on": DUE, "term_days": 15, "term_day_kind": DayKind.CALENDAR, **values}
    return ServiceRequestFactory(submitted_at=SENT, **values)


def recount(*options):
    output = StringIO()
    call_command("recalculate_deadlines", *options, stdout=output)
    return output.getvalue().splitlines()


def day_off():
    CalendarDay.objects.create(date=DUE, is_working=False)


def due_of(service_request):
    return ServiceRequest.objects.get(pk=service_request.pk).due_on


def test_with_the_calendar_as_it_was_nothing_changes():
    service_request = sent()

    assert recount() == ["Changed: 0"]
    assert due_of(service_request) == DUE


@pytest.mark.parametrize("status", OPEN_STATUSES)
def test_a_new_day_off_moves_the_last_day_once(status):
    service_request = sent(status=status)
    day_off()

    line = f"{service_request.number}: 2026-12-09 -> 2026-12-10"
    assert recount("--dry-run") == [line, "Would change: 1"]
    assert due_of(service_request) == DUE
    assert recount() == [line, "Changed: 1"]
    assert due_of(service_request) == NEXT
    assert recount() == ["Changed: 0"]
    assert not Email.objects.exists()


def test_working_days_are_counted_over_it():
    service_request = sent(term_days=10, term_day_kind=DayKind.WORKING, due_on=date(2026, 12, 8))
    CalendarDay.objects.create(date=date(2026, 12, 2), is_working=False)

    recount()

    assert due_of(service_request) == DUE


def test_each_keeps_the_term_it_was_given():
    service_request = sent(term_days=3, due_on=date(2026, 11, 27))

    assert recount() == ["Changed: 0"]
    assert due_of(service_request) == date(2026, 11, 27)


@pytest.mark.parametrize("status", sorted(set(Status) - set(OPEN_STATUSES)))
def test_what_is_answered_keeps_its_day(status):
    service_request = sent(status=status)
    day_off()

    assert recount() == ["Changed: 0"]
    assert due_of(service_request) == DUE


def test_extended_terms_stay():
    service_request = sent()
    by = StaffFactory(group="supervisor")
    actions.extend_term(service_request, until=date(2026, 12, 16), reason="Ждём акт осмотра", by=by)
    day_off()

    assert recount() == ["Changed: 0"]
    assert due_of(service_request) == date(2026, 12, 16)


def test_after_a_disagreement_the_term_runs_from_there():
    service_request = sent(status=Status.IN_PROGRESS)
    by, owner = StaffFactory(group="supervisor"), service_request.owner
    actions.extend_term(service_request, until=date(2026, 12, 16), reason="Ждём акт осмотра", by=by)
    with time_machine.travel("2026-12-01T09:00:00Z", tick=False):
        actions.transition(service_request, "answer", by=by, form=step_form("answer", by=by))
        again = actions.transition(service_request, "dispute", by=owner, form=step_form("dispute", by=owner))
    assert again.due_on == date(2026, 12, 16)
    CalendarDay.objects.create(date=date(2026, 12, 16), is_working=False)

    recount()

    assert due_of(service_request) == date(2026, 12, 17)


def test_the_day_of_a_visit_is_no_term():
    visit = booked()
    day = due_of(visit)

    assert recount() == ["Changed: 0"]
    assert due_of(visit) == day


def test_staff_terms_are_counted_too():
    report = submitted(violation_report.SERVICE)
    day = due_of(report)
    CalendarDay.objects.create(date=day, is_working=False)

    assert recount()[-1] == "Changed: 1"
    assert due_of(report) > day


def test_it_goes_by_batches(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr("requests_app.actions.deadlines._BATCH", 2)
    for _ in range(4):
        sent()
    day_off()

    with django_assert_num_queries(4):  # the calendar, two batches, the end
        assert recount("--dry-run")[-1] == "Would change: 4"
    assert recount()[-1] == "Changed: 4"


def test_what_was_extended_meanwhile_stays():
    service_request = sent()
    day_off()
    found = actions.recount_terms(is_dry_run=False)
    other = sent()
    assert next(found).number == service_request.number  # the batch is read, the second not stored yet
    by = StaffFactory(group="supervisor")
    actions.extend_term(other, until=date(2026, 12, 16), reason="Ждём акт осмотра", by=by)

    assert list(found) == []
    assert due_of(other) == date(2026, 12, 16)
