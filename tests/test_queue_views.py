"""The saved views of the queue, and its pages: what each holds, in which order, and that none is counted or skipped over."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from requests_app.admin.keyset import Order, page_of
from requests_app.admin.queue import MOST_COUNTED
from requests_app.codes import Outcome
from requests_app.lifecycle import OPEN_STATUSES, Status
from requests_app.models import CalendarDay, ServiceRequest
from requests_app.services import survey, violation_report
from tests.factories import ConsumerFactory, ServiceRequestFactory, StaffFactory, submitted

pytestmark = pytest.mark.django_db

LIST = reverse("admin:requests_app_servicerequest_changelist")


@pytest.fixture
def operator(client):
    operator = StaffFactory(group="operator")
    client.force_login(operator)
    return operator


def listing(client, address=LIST, **query):
    response = client.get(address, query) if query else client.get(address)
    assert response.status_code == 200
    return response.context["cl"]


def keys(client, address=LIST, **query):
    return [service_request.pk for service_request in listing(client, address, **query).result_list]


def assigned(to, **fields):
    return ServiceRequestFactory(assignee=to, assigned_at=timezone.now(), **fields)


# -- Views ----------------------------------------------------------------------------------------------------------


def test_without_a_view_the_open_ones_what_is_due_first(client, operator):
    today = timezone.localdate()
    everything = [ServiceRequestFactory(status=status, due_on=today + timedelta(days=9)) for status in Status]
    urgent = ServiceRequestFactory(due_on=today + timedelta(days=1))

    found = [each.pk for each in everything if each.status in OPEN_STATUSES]

    assert keys(client) == keys(client, view="open") == [urgent.pk, *found]


def test_finished_surveys_are_no_noise(client):
    client.force_login(StaffFactory(group="supervisor"))
    finished = submitted(survey.SERVICE)

    assert keys(client) == []
    assert keys(client, view="all") == [finished.pk]


def test_mine_are_open_ones_of_whoever_looks(client, operator):
    mine = assigned(operator)
    assigned(operator, status=Status.CLOSED)
    assigned(StaffFactory(group="operator"))
    ServiceRequestFactory()

    assert keys(client, view="mine") == [mine.pk]


def test_overdue_begins_with_the_latest(client, operator):
    today = timezone.localdate()
    late = {days: ServiceRequestFactory(due_on=today - timedelta(days=days)).pk for days in (1, 30, 0)}
    ServiceRequestFactory(due_on=today - timedelta(days=3), status=Status.ANSWERED)

    assert keys(client, view="overdue") == [late[30], late[1]]


@pytest.mark.parametrize(
    ("today", "exception", "first", "last"),
    [
        (date(2026, 9, 16), None, date(2026, 9, 17), date(2026, 9, 17)),  # Wednesday
        (date(2026, 9, 18), None, date(2026, 9, 19), date(2026, 9, 21)),  # Friday: by Monday
        (date(2026, 9, 18), date(2026, 9, 21), date(2026, 9, 19), date(2026, 9, 22)),  # Monday is a day off here
    ],
)
def test_tomorrow_is_by_the_next_working_day(client, today, exception, first, last):
    if exception:
        CalendarDay.objects.create(date=exception, is_working=False, note="Перенос")
    days = [today + timedelta(days=days) for days in range(8)]
    due = {day: ServiceRequestFactory(due_on=day).pk for day in days}
    with time_machine.travel(datetime(today.year, today.month, today.day, 9, tzinfo=UTC), tick=False):
        client.force_login(StaffFactory(group="operator"))

        assert keys(client, view="tomorrow") == [due[day] for day in days if first <= day <= last]


def test_waiting_are_those_with_a_question_of_ours(client, operator):
    by_status = {status: ServiceRequestFactory(status=status).pk for status in Status}

    assert keys(client, view="waiting") == [by_status[Status.AWAITING_CONSUMER]]


def test_unassigned_are_open_ones_of_nobody(client, operator):
    nobodys = ServiceRequestFactory()
    ServiceRequestFactory(status=Status.WITHDRAWN)
    assigned(operator)

    assert keys(client, view="unassigned") == [nobodys.pk]


@pytest.mark.parametrize("view", ["", "open", "mine", "overdue", "tomorrow", "waiting", "unassigned", "all"])
def test_no_view_opens_a_closed_queue(client, view):
    """Violation reports are not for operators, whatever the view."""
    operator = StaffFactory(group="operator")
    today = timezone.localdate()
    for number, (status, due) in enumerate(
        [(Status.REGISTERED, -1), (Status.REGISTERED, 1), (Status.AWAITING_CONSUMER, 9)]
    ):
        hidden = submitted(violation_report.SERVICE)
        ServiceRequest.objects.filter(pk=hidden.pk).update(
            status=status,
            due_on=today + timedelta(days=due),
            assignee=operator if number else None,
            assigned_at=timezone.now() if number else None,
        )
    client.force_login(operator)

    assert keys(client, view=view) == []


def test_filters_and_search_narrow_a_view(client, operator):
    samoylov = ConsumerFactory().user
    wanted = assigned(operator, owner=samoylov, applicant_name="Иванов Пётр", status=Status.IN_PROGRESS)
    assigned(operator, owner=samoylov, applicant_name="Иванов Пётр", status=Status.REGISTERED)
    assigned(operator, owner=samoylov, applicant_name="Сидоров Пётр", status=Status.IN_PROGRESS)
    ServiceRequestFactory(owner=samoylov, applicant_name="Иванов Пётр", status=Status.IN_PROGRESS)

    assert keys(client, view="mine", status="in_progress", q="иванов") == [wanted.pk]


@pytest.mark.parametrize("query", [{"q": "2025-777777"}, {"status": "closed"}])
def test_a_search_or_a_status_without_a_view_asks_all(client, operator, query):
    closed = ServiceRequestFactory(number="2025-777777", status=Status.CLOSED)

    found = listing(client, **query)

    assert [each.pk for each in found.result_list] == [closed.pk]
    assert found.view.name == "all"


def test_tabs_lead_to_the_views_and_keep_what_narrows_the_list(client, operator):
    html = client.get(LIST, {"view": "mine", "q": "иванов", "service": "inquiry", "p": "5"}).content.decode()

    for name in ("open", "overdue", "tomorrow", "waiting", "unassigned", "all"):
        assert f'<a href="?q=%D0%B8%D0%B2%D0%B0%D0%BD%D0%BE%D0%B2&amp;service=inquiry&amp;view={name}">' in html
    current = '<a href="?q=%D0%B8%D0%B2%D0%B0%D0%BD%D0%BE%D0%B2&amp;service=inquiry&amp;view=mine" aria-current="page">'
    assert current + "Мои</a>" in html
    assert '<a href="?view=mine">Сбросить</a>' in html


def test_an_empty_view_leads_to_all_with_the_same_search(client, operator):
    ServiceRequestFactory(applicant_name="Иванов Пётр", status=Status.CLOSED)

    html = client.get(LIST, {"view": "mine", "q": "иванов"}).content.decode()

    assert "Таких заявок нет." in html
    assert 'href="?q=%D0%B8%D0%B2%D0%B0%D0%BD%D0%BE%D0%B2&amp;view=all"' in html


# -- Pages ----------------------------------------------------------------------------------------------------------


def many(count, **fields):
    """So many of one moment and one day, so that the key alone tells them apart."""
    moment = timezone.now() - timedelta(days=1)
    owner = ConsumerFactory().user
    return [ServiceRequestFactory(owner=owner, submitted_at=moment, **fields).pk for _ in range(count)]


@pytest.mark.parametrize(("view", "is_descending"), [("open", False), ("all", True)])
def test_pages_go_on_and_back_without_losing_or_repeating_a_row(client, operator, view, is_descending):
    everything = sorted(many(120), reverse=is_descending)

    first = listing(client, view=view)
    second = listing(client, LIST + first.next_address)
    third = listing(client, LIST + second.next_address)
    again = listing(client, LIST + third.previous_address)
    start = listing(client, LIST + again.previous_address)

    seen = [[row.pk for row in page.result_list] for page in (first, second, third)]
    assert seen == [everything[:50], everything[50:100], everything[100:]]
    assert [row.pk for row in again.result_list] == everything[50:100]
    assert [row.pk for row in start.result_list] == everything[:50]
    assert not first.page.has_previous
    assert not third.page.has_next


def test_a_row_that_is_taken_away_hides_no_other(client, operator):
    """With numbered pages the 51st would have moved up to the first page, and the second begun with the 52nd."""
    everything = many(60)
    further = listing(client, view="open").next_address
    withdrawn = {"status": Status.WITHDRAWN, "closed_at": timezone.now(), "outcome": Outcome.NO_ANSWER}
    ServiceRequest.objects.filter(pk=everything[3]).update(**withdrawn)

    assert keys(client, LIST + further) == everything[50:]


def test_before_the_first_rows_stands_the_whole_first_page(client, operator):
    everything = many(55)

    assert keys(client, view="open", p=-everything[3]) == everything[:50]


def test_a_row_of_a_closed_queue_is_no_place_to_begin_at(client, operator):
    hidden = submitted(violation_report.SERVICE)
    service_request = ServiceRequestFactory(due_on=hidden.due_on - timedelta(days=1))

    assert keys(client, p=hidden.pk) == [service_request.pk]


def test_links_keep_the_view_and_the_filters(client, operator):
    many(51)

    address = listing(client, view="unassigned", service="inquiry").next_address

    assert parse_qs(urlsplit(address).query).keys() == {"view", "service", "p"}


@pytest.mark.parametrize(("rows", "counts"), [(3, 0), (50, 0), (51, 1)])
def test_one_page_is_not_counted(client, operator, rows, counts):
    many(rows)

    with CaptureQueriesContext(connection) as queries:
        html = client.get(LIST).content.decode()

    counting = [query["sql"] for query in queries if "COUNT(" in query["sql"]]
    assert len(counting) == counts
    assert all(f"LIMIT {MOST_COUNTED + 1}" in sql for sql in counting)
    assert f"Всего: {rows}<" in html


def test_a_long_list_is_counted_so_far_and_no_further(client, operator, monkeypatch):
    monkeypatch.setattr("requests_app.admin.queue.MOST_COUNTED", 55)
    many(60)

    html = client.get(LIST).content.decode().replace("\N{NO-BREAK SPACE}", " ")

    assert "Всего: больше 55<" in html


@pytest.mark.parametrize("rows", [60, 120])
def test_a_deep_page_costs_what_the_second_costs(client, operator, rows, django_assert_num_queries):
    everything = many(rows)

    with django_assert_num_queries(9):  # one for the row at which it begins, one for the number of rows
        client.get(LIST, {"p": everything[rows - 40]})


@pytest.mark.parametrize("column", ["due_on", "submitted_at"])
@pytest.mark.parametrize("is_descending", [False, True])
def test_any_place_of_any_list_is_reached(column, is_descending):
    """Against the plain list: before and after each row stands what stands there."""
    owner = ConsumerFactory().user
    start = timezone.now()
    for day in (3, 1, 2, 1, 3, 3, 2):
        ServiceRequestFactory(
            owner=owner, due_on=timezone.localdate() + timedelta(days=day), submitted_at=start + timedelta(days=day)
        )
    order = Order(column, is_descending=is_descending)
    everything = list(ServiceRequest.objects.order_by(*order.fields()))

    for place, row in enumerate(everything):
        after = page_of(ServiceRequest.objects.all(), order, size=2, row=row, backwards=False)
        before = page_of(ServiceRequest.objects.all(), order, size=2, row=row, backwards=True)
        assert after.rows == everything[place + 1 : place + 3]
        assert before.rows == (everything[place - 2 : place] if place > 2 else everything[:2])
