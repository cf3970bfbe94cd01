"""Reminders of terms: to the assignee of each request, and in figures to supervisors."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import connection
from django.urls import reverse
from post_office.models import Email

from requests_app import actions
from requests_app.lifecycle import OPEN_STATUSES, Status
from requests_app.models import CalendarDay, ServiceRequest, TermDigest, TermReminder
from requests_app.reminders import terms, write_due
from requests_app.services import violation_report
from tests.factories import ServiceRequestFactory, StaffFactory, group_of_staff, submitted
from tests.visits import booked

pytestmark = pytest.mark.django_db

TUESDAY = datetime(2026, 11, 24, 7, tzinfo=UTC)  # 10:00 in Moscow


@pytest.fixture
def operator():
    return StaffFactory(group="operator")


def given_to(assignee, due_on, **values):
    values = {"status": Status.IN_PROGRESS, "assigned_at": TUESDAY if assignee else None, **values}
    return ServiceRequestFactory(assignee=assignee, due_on=due_on, **values)


def letters(moment=TUESDAY):
    """(to whom, subject) of what is written at this moment."""
    before = set(Email.objects.values_list("pk", flat=True))
    with time_machine.travel(moment, tick=False):
        assert write_due(now=moment)[1] == 0
    found = Email.objects.exclude(pk__in=before).order_by("pk")
    return [(to, letter.subject.replace("\N{NO-BREAK SPACE}", " ")) for letter in found for to in letter.to]


# -- To the assignee ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due_on", "news"),
    [
        (date(2026, 11, 30), None),  # the fourth working day
        (date(2026, 11, 27), "ответить до 27 ноября"),
        (date(2026, 11, 26), "ответить до 26 ноября"),
        (date(2026, 11, 25), "срок кончается, ответить до 25 ноября"),
        (date(2026, 11, 24), "срок кончается, ответить до 24 ноября"),
        (date(2026, 11, 23), "просрочена, срок был до 23 ноября"),
    ],
)
def test_the_assignee_is_reminded_once(operator, due_on, news):
    service_request = given_to(operator, due_on)

    first, again = letters(), letters()

    assert first == ([(operator.email, f"Заявка № {service_request.number}: {news}")] if news else [])
    assert again == []


def test_days_off_do_not_count(operator):
    given_to(operator, date(2026, 11, 30))  # Monday
    friday = datetime(2026, 11, 27, 7, tzinfo=UTC)

    assert [subject.partition(": ")[2] for _, subject in letters(friday)] == ["срок кончается, ответить до 30 ноября"]


def test_each_reminder_of_a_term_comes_in_its_turn(operator):
    given_to(operator, date(2026, 11, 27))

    days = [datetime(2026, 11, day, 7, tzinfo=UTC) for day in (24, 25, 26, 27, 28, 30)]

    assert [len(letters(day)) for day in days] == [1, 0, 1, 0, 0, 1]  # the 28th is a Saturday


def test_a_term_that_was_moved_is_reminded_of_anew(operator):
    service_request = given_to(operator, date(2026, 11, 25))
    letters()
    with time_machine.travel(TUESDAY, tick=False):
        by = StaffFactory(group="supervisor")
        TermDigest.objects.create(user=by, day=date(2026, 11, 24))
        actions.extend_term(service_request, until=date(2026, 11, 27), reason="Ждём акт осмотра", by=by)

    assert [subject.partition(": ")[2] for _, subject in letters()] == ["ответить до 27 ноября"]


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (datetime(2026, 11, 24, 5, 59, tzinfo=UTC), 0),  # 8:59 in Moscow
        (datetime(2026, 11, 24, 6, 0, tzinfo=UTC), 1),
        (datetime(2026, 11, 24, 14, 59, tzinfo=UTC), 1),
        (datetime(2026, 11, 24, 15, 0, tzinfo=UTC), 0),
        (datetime(2026, 11, 22, 7, 0, tzinfo=UTC), 0),  # Sunday
    ],
)
def test_it_is_written_in_working_hours(operator, moment, written):
    given_to(operator, date(2026, 11, 20))

    assert len(letters(moment)) == written


def test_a_day_off_of_our_own_is_none_to_write_on(operator):
    CalendarDay.objects.create(date=date(2026, 11, 24), is_working=False)
    given_to(operator, date(2026, 11, 20))

    assert letters() == []


@pytest.mark.parametrize("status", sorted(set(Status) - set(OPEN_STATUSES)))
def test_what_is_answered_is_not_reminded_of(operator, status):
    given_to(operator, date(2026, 11, 20), status=status)

    assert letters() == []


def test_whoever_left_or_does_other_work_now_is_not_written_to(operator):
    gone, moved = StaffFactory(group="operator", is_active=False), operator
    for assignee in (gone, moved, None):
        given_to(assignee, date(2026, 11, 20))
    moved.groups.set([group_of_staff("editor")])

    assert letters() == []
    assert not TermReminder.objects.exists()


def test_a_report_is_told_to_who_may_see_it_alone(operator):
    inspector = StaffFactory(group="supervisor")
    TermDigest.objects.create(user=inspector, day=date(2026, 11, 24))
    reports = [submitted(violation_report.SERVICE) for _ in range(2)]
    Email.objects.all().delete()
    for report, assignee in zip(reports, (operator, inspector), strict=True):
        ServiceRequest.objects.filter(pk=report.pk).update(
            assignee=assignee, assigned_at=TUESDAY, due_on=date(2026, 11, 20)
        )

    assert [to for to, _ in letters()] == [inspector.email]


def test_a_visit_has_no_term():
    visit = booked()
    by = StaffFactory(group="operator")
    ServiceRequest.objects.filter(pk=visit.pk).update(assignee=by, assigned_at=TUESDAY, due_on=date(2026, 11, 20))

    assert by.email not in [to for to, _ in letters()]


def test_moved_between_finding_and_writing_it_is_left(operator):
    service_request = given_to(operator, date(2026, 11, 20))
    (late,) = [kind for kind in terms.KINDS if kind.name == "late"]
    assert list(late.due(TUESDAY)) == [service_request.pk]
    ServiceRequest.objects.filter(pk=service_request.pk).update(due_on=date(2026, 12, 9))

    assert not late.write(service_request.pk, TUESDAY)
    assert not Email.objects.exists()


def test_the_letter_names_the_number_and_the_link_alone(operator):
    service_request = given_to(operator, date(2026, 11, 25))
    letters()
    letter = Email.objects.get()

    link = reverse("admin:requests_app_servicerequest_change", args=[service_request.pk])
    for text in (letter.message, letter.html_message):
        assert link in text
        assert service_request.applicant_name not in text
        assert service_request.subject not in text


@pytest.mark.parametrize("rows", [1, 10])
def test_finding_them_costs_the_same(operator, rows, django_assert_num_queries):
    for _ in range(rows):
        given_to(operator, date(2026, 11, 20))

    with django_assert_num_queries(2):  # the calendar, the requests
        assert len(terms.KINDS[2].due(TUESDAY)) == rows


# -- The digest -----------------------------------------------------------------------------------------------------


def test_supervisors_get_figures_and_links_once_a_day(operator):
    supervisor = StaffFactory(group="supervisor")
    StaffFactory(is_superuser=True)
    StaffFactory(group="supervisor", is_active=False)
    given_to(operator, date(2026, 11, 20))
    given_to(None, date(2026, 11, 24), status=Status.REGISTERED)
    given_to(None, date(2026, 11, 25), status=Status.REGISTERED)
    given_to(None, date(2026, 12, 9), status=Status.REGISTERED)
    TermReminder.objects.create(service_request=operator.assigned_requests.get(), kind="late", due_on="2026-11-20")

    assert letters() == [(supervisor.email, "Сроки заявок на сегодня")]
    assert letters() == []
    text = Email.objects.get().message
    assert "Просрочено: 1" in text
    assert "Ответить сегодня или завтра: 2" in text
    assert "Без исполнителя: 3" in text
    assert letters(datetime(2026, 11, 25, 7, tzinfo=UTC)) == [(supervisor.email, "Сроки заявок на сегодня")]


@pytest.mark.parametrize(
    ("address", "figure"), [("?due=late", 1), ("?due=tomorrow", 2), ("?status=open&assignee=nobody", 3)]
)
def test_its_links_lead_to_as_many(client, address, figure):
    client.force_login(StaffFactory(group="supervisor"))
    given_to(StaffFactory(group="operator"), date(2026, 11, 20))
    for due_on in (date(2026, 11, 24), date(2026, 11, 25), date(2026, 12, 9)):
        given_to(None, due_on, status=Status.REGISTERED)

    with time_machine.travel(TUESDAY, tick=False):
        response = client.get(reverse("admin:requests_app_servicerequest_changelist") + address)

    assert response.context["cl"].result_count == figure


def test_on_friday_tomorrow_is_monday(client):
    supervisor = StaffFactory(group="supervisor")
    given_to(None, date(2026, 11, 30), status=Status.REGISTERED)
    given_to(None, date(2026, 12, 1), status=Status.REGISTERED)
    friday = datetime(2026, 11, 27, 7, tzinfo=UTC)

    assert letters(friday) == [(supervisor.email, "Сроки заявок на сегодня")]
    assert "Ответить сегодня или завтра: 1" in Email.objects.get().message
    with time_machine.travel(friday, tick=False):
        client.force_login(supervisor)
        response = client.get(reverse("admin:requests_app_servicerequest_changelist") + "?due=tomorrow")
    assert response.context["cl"].result_count == 1


def test_a_morning_with_nothing_to_tell_is_silent_all_day():
    StaffFactory(group="supervisor")
    assert letters() == []
    given_to(None, date(2026, 11, 20), status=Status.REGISTERED)

    assert letters() == []
    assert TermDigest.objects.count() == 1


def test_visits_are_not_counted():
    StaffFactory(group="supervisor")
    booked()

    assert [subject for _, subject in letters() if "Сроки" in subject] == []


def test_the_digest_counts_what_its_reader_may_see():
    reader = StaffFactory(group="supervisor")
    hidden = StaffFactory(group="operator")
    permission = group_of_staff("supervisor").permissions.get(codename="extend_servicerequest")
    hidden.user_permissions.add(permission)
    report = submitted(violation_report.SERVICE)
    ServiceRequest.objects.filter(pk=report.pk).update(due_on=date(2026, 11, 20))

    told = [to for to, subject in letters() if "Сроки" in subject]

    assert told == [reader.email]


# -- Two servers at once --------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_servers_write_one_letter_each(operator):
    supervisor = StaffFactory(group="supervisor")
    given_to(operator, date(2026, 11, 20))

    def run(_):
        try:
            return write_due(now=TUESDAY)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(run, range(2)))

    assert sum(written for written, _ in results) == 2
    assert sorted(to for letter in Email.objects.all() for to in letter.to) == sorted(
        [operator.email, supervisor.email]
    )
