"""The start page of the desk: whose blocks are whose, numbers that are those of their lists, a minute's memory."""

import re
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from requests_app import start_page
from requests_app.codes import Outcome
from requests_app.lifecycle import Status
from requests_app.models import CalendarDay, ServiceRequest
from requests_app.services import violation_report
from requests_app.start_page import selection
from requests_app.start_page.base import Block, BlockKind, Figure
from tests.factories import ConsumerFactory, ServiceRequestFactory, StaffFactory, group_of_staff, submitted
from tests.start_scene import fill_the_desk
from tests.visits import booked

pytestmark = pytest.mark.django_db

INDEX = reverse("admin:index")
LIST = reverse("admin:requests_app_servicerequest_changelist")
TUESDAY = datetime(2026, 11, 24, 6, tzinfo=UTC)  # 9:00 in Moscow


@pytest.fixture(autouse=True)
def tuesday():
    with time_machine.travel(TUESDAY, tick=False) as traveller:
        yield traveller


def staff(group):
    return StaffFactory(is_superuser=True) if group == "superuser" else StaffFactory(group=group)


def opened(client, user):
    """The start page of this colleague."""
    client.force_login(user)
    return client.get(INDEX).context["start_page"]


def figures(page):
    """Every number of the page with where it stands."""
    for block in page.blocks:
        yield from ((block, figure) for figure in block.figures)
        if block.table:
            yield from ((block, figure) for line in block.table.lines for figure in line.figures)


def block_of(page, name):
    return next(block for block in page.blocks if block.name == name)


def count_of(page, name, label):
    return next(figure.count for figure in block_of(page, name).figures if figure.label == label)


# -- Whose blocks are whose -----------------------------------------------------------------------------------------

WORK = ["mine", "queue"]
DESK = ["visits", "readings", "access", "conflicts"]
CHARTS = ["weeks", "timeliness", "services", "categories"]
OF_GROUP = {
    "operator": [*WORK, *DESK],
    "inspector": WORK,
    "supervisor": [*WORK, *DESK, *CHARTS, "quality", "grades", "workload", "reveals", "downloads", "imports"],
    "dpo": ["consents", "reveals", "downloads"],
    "editor": ["news"],
    "": [],
    "superuser": [
        *WORK,
        *DESK,
        *CHARTS,
        "quality",
        "grades",
        "workload",
        "news",
        "consents",
        "reveals",
        "downloads",
        "letters",
        "imports",
    ],
}


@pytest.mark.parametrize("group", OF_GROUP)
def test_each_role_sees_its_blocks(client, group):
    user = staff(group)
    fill_the_desk(user)

    assert [block.name for block in opened(client, user).blocks] == OF_GROUP[group]


@pytest.mark.parametrize("group", OF_GROUP)
def test_an_empty_portal_has_a_start_page_for_each(client, group):
    page = opened(client, staff(group))

    assert all(figure.count == 0 for _, figure in figures(page))
    assert not page.charts


def test_nothing_waits_for_whom_nothing_is_open(client):
    client.force_login(staff(""))

    html = client.get(INDEX).content.decode()

    assert "ничего не&nbsp;открыто" in html
    assert "Числа на" not in html


@pytest.mark.parametrize("who", ["consumer", "stranger"])
def test_others_are_led_to_the_login(client, who):
    if who == "consumer":
        client.force_login(ConsumerFactory(agreed=True).user)

    assert "/login/" in client.get(INDEX).url


def test_another_module_adds_a_block_with_one_name(client, monkeypatch):
    added = Block(name="added", title="Добавлен", figures=[Figure(label="Оценки", count=5)])
    kind = BlockKind(name="added", permissions=["requests_app.view_servicerequest"], make=lambda viewer: added)
    monkeypatch.setattr(start_page, "BLOCKS", [*start_page.BLOCKS, kind])
    client.force_login(staff("operator"))

    html = client.get(INDEX).content.decode()

    assert "Добавлен" in html
    assert re.search(r'<span class="figure">5</span> <span>Оценки</span>', html)


def test_what_can_be_opened_stands_below(client):
    client.force_login(staff("editor"))

    html = client.get(INDEX).content.decode()

    assert html.index("Все разделы") < html.index(f'href="{reverse("admin:content_news_changelist")}">Новости</a>')


def test_the_page_of_one_application_has_no_figures(client):
    client.force_login(staff("operator"))

    response = client.get(reverse("admin:app_list", args=["requests_app"]))

    assert response.status_code == 200
    assert "start_page" not in response.context
    assert LIST in response.content.decode()


# -- Numbers are those of their lists -------------------------------------------------------------------------------


def rows_behind(client, address):
    """How many rows the page of this address shows."""
    response = client.get(address)
    assert response.status_code == 200, address
    if "cl" not in response.context:
        return len(response.context["visits"])
    asked, known = parse_qs(urlsplit(address).query), {**response.context["cl"].get_filters_params(), "all": ""}
    assert set(asked) <= set(known), f"{address} is narrowed by less than it says"
    return response.context["cl"].queryset.count()


@pytest.mark.parametrize("group", [group for group in OF_GROUP if group])
def test_each_number_is_that_of_the_list_it_leads_to(client, group):
    user = staff(group)
    fill_the_desk(user)

    numbers = [figure for _, figure in figures(opened(client, user)) if figure.address]

    found = {figure.address: rows_behind(client, figure.address) for figure in numbers}
    assert found == {figure.address: figure.count for figure in numbers}


def test_the_scene_has_something_of_everything(client):
    user = staff("superuser")
    fill_the_desk(user)

    page = opened(client, user)

    weeks = {"weeks", "timeliness", "grades"}
    empty = [
        (block.name, figure.label) for block, figure in figures(page) if not figure.count and block.name not in weeks
    ]
    assert empty == [("visits", "Второй офис"), ("workload", "Просрочены")]


def test_the_work_of_colleagues_who_left_is_found(client):
    user = staff("supervisor")
    fill_the_desk(user)
    left = "Бывший Оператор (больше не\N{NO-BREAK SPACE}обрабатывает заявки)"

    lines = {line.label: line.figures for line in block_of(opened(client, user), "workload").table.lines}
    listed = client.get(lines[left][0].address)

    assert left in listed.content.decode()
    assert {row.assignee.name for row in listed.context["cl"].result_list} == {"Бывший Оператор"}
    assert [figure.count for figure in lines["Андрей Викторович, руководитель"]] == [5, 2]


@pytest.mark.parametrize(("today", "due", "is_near"), [
    ("2026-11-27T09:00:00Z", date(2026, 11, 30), True),  # Friday → Monday
    ("2026-11-27T09:00:00Z", date(2026, 12, 1), False),
    ("2026-11-24T09:00:00Z", date(2026, 11, 24), False),
    ("2026-11-24T09:00:00Z", date(2026, 11, 25), True),
    ("2026-11-24T09:00:00Z", date(2026, 11, 26), False),
])  # fmt: skip
def test_tomorrow_is_the_next_working_day(client, tuesday, today, due, is_near):
    tuesday.move_to(today)
    ServiceRequestFactory(due_on=due)

    assert count_of(opened(client, staff("operator")), "queue", "Срок завтра") == is_near


def test_tomorrow_follows_the_calendar_of_staff(client):
    CalendarDay.objects.create(date=date(2026, 11, 25), is_working=False)
    ServiceRequestFactory(due_on=date(2026, 11, 26))

    assert count_of(opened(client, staff("operator")), "queue", "Срок завтра") == 1


# -- What one may not know of ---------------------------------------------------------------------------------------


def test_violation_reports_are_counted_for_those_who_may_know_of_them(client):
    for answers in ({"reporter": "anonymous"}, {"reporter": "named", "is_dangerous": "on"}):
        submitted(violation_report.SERVICE, **answers)

    counts = {
        group: count_of(opened(client, staff(group)), "queue", "Открытые")
        for group in OF_GROUP
        if group in ("operator", "inspector", "supervisor")
    }
    danger = {group: "Опасно сейчас" in client_of(client, group) for group in counts}

    assert counts == {"operator": 0, "inspector": 2, "supervisor": 2}
    assert danger == {"operator": False, "inspector": True, "supervisor": True}


def client_of(client, group):
    client.force_login(staff(group))
    return client.get(INDEX).content.decode()


def test_charts_leave_out_what_their_reader_may_not_know_of(client):
    user = StaffFactory()
    user.groups.add(group_of_staff("supervisor"))
    fill_the_desk(user)
    seen = [line.label for line in block_of(opened(client, user), "services").table.lines]
    group = group_of_staff("supervisor")
    group.permissions.remove(group.permissions.get(codename="view_violationreport"))

    left = [line.label for line in block_of(opened(client, user), "services").table.lines]

    assert set(seen) - set(left) == {"Сообщение о нарушении"}


def test_a_right_that_is_taken_takes_its_block_at_once(client):
    user = staff("supervisor")
    fill_the_desk(user)
    assert "workload" in {block.name for block in opened(client, user).blocks}

    user.groups.clear()

    assert opened(client, user).blocks == []


# -- Kept for a minute ----------------------------------------------------------------------------------------------


def test_figures_are_kept_for_a_minute(client, tuesday):
    operator = staff("operator")
    assert count_of(opened(client, operator), "queue", "Открытые") == 0
    ServiceRequestFactory(status=Status.IN_PROGRESS, assignee=operator, assigned_at=timezone.now())

    tuesday.shift(timedelta(seconds=50))
    kept = opened(client, operator)
    tuesday.shift(timedelta(seconds=20))
    fresh = opened(client, operator)

    assert [count_of(page, "queue", "Открытые") for page in (kept, fresh)] == [0, 1]
    assert [count_of(page, "mine", "В\N{NO-BREAK SPACE}работе у\N{NO-BREAK SPACE}меня") for page in (kept, fresh)] == [
        0,
        1,
    ]
    assert (kept.at, fresh.at) == (TUESDAY, TUESDAY + timedelta(seconds=70))


def test_what_is_mine_is_kept_for_me_alone(client):
    first, second = staff("operator"), staff("operator")
    ServiceRequestFactory(status=Status.IN_PROGRESS, assignee=first, assigned_at=timezone.now())

    counts = [
        count_of(opened(client, user), "mine", "В\N{NO-BREAK SPACE}работе у\N{NO-BREAK SPACE}меня")
        for user in (first, second)
    ]

    assert counts == [1, 0]


def test_colleagues_who_see_the_same_share_the_rest(client):
    opened(client, staff("operator"))
    ServiceRequestFactory()

    assert count_of(opened(client, staff("operator")), "queue", "Открытые") == 0
    assert count_of(opened(client, staff("supervisor")), "queue", "Открытые") == 1


# -- What it costs --------------------------------------------------------------------------------------------------


def queries(client, user):
    client.force_login(user)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(INDEX).status_code == 200
    return [query["sql"] for query in captured if "cache_table" not in query["sql"] and "SAVEPOINT" not in query["sql"]]


@pytest.mark.parametrize(("group", "count"), [
    # session, user, two of permissions; then what each block asks
    ("operator", 4 + 2 + 1 + 2 + 3),  # mine with the calendar, queue, offices and visits, three to decide
    ("supervisor", 4 + 2 + 1 + 2 + 3 + 5 + 5 + 2 + 2 + 2),  # and charts, quality, workload, reveals and downloads, imports
    ("dpo", 4 + 2 + 2),
    ("editor", 4 + 1),
])  # fmt: skip
def test_cost_is_flat(client, group, count):
    user = staff(group)
    fill_the_desk(user)
    few = queries(client, user)
    for _ in range(9):
        ServiceRequestFactory(status=Status.IN_PROGRESS, assignee=staff("operator"), assigned_at=timezone.now())
        ServiceRequestFactory(status=Status.CLOSED, outcome=Outcome.LATE)
    newcomer = staff(group)
    ServiceRequest.objects.filter(assignee=user).update(assignee=newcomer)
    start_page.cache.clear()

    many = queries(client, newcomer)

    assert (len(few), len(many)) == (count, count)


def test_kept_figures_cost_one_query(client):
    user = staff("supervisor")
    fill_the_desk(user)
    queries(client, user)

    with CaptureQueriesContext(connection) as captured:
        client.get(INDEX)

    kept = [query["sql"] for query in captured if "cache_table" in query["sql"]]
    assert len(kept) == 1
    assert len(captured) == 5  # with session, user, two of permissions


# -- Charts ---------------------------------------------------------------------------------------------------------


def answered(moment, outcome=Outcome.IN_TIME, **values):
    service_request = ServiceRequestFactory(status=Status.CLOSED, outcome=outcome, **values)
    ServiceRequest.objects.filter(pk=service_request.pk).update(submitted_at=moment, answered_at=moment)
    return service_request


@pytest.mark.parametrize(("moment", "week"), [
    ("2026-11-22T20:59:59Z", "16.11\N{EN DASH}22.11"),  # Sunday 23:59:59 in Moscow
    ("2026-11-22T21:00:00Z", "23.11\N{EN DASH}29.11"),
    ("2026-09-06T21:00:00Z", "07.09\N{EN DASH}13.09"),  # the first moment of the charts
])  # fmt: skip
def test_a_week_is_one_of_moscow(client, moment, week):
    answered(datetime.fromisoformat(moment))

    lines = block_of(opened(client, staff("supervisor")), "weeks").table.lines

    assert len(lines) == selection.WEEKS
    assert {line.label: [figure.count for figure in line.figures] for line in lines if line.figures[0].count} == {
        week: [1, 1]
    }


def test_what_is_older_than_the_charts_is_not_in_them(client):
    answered(datetime.fromisoformat("2026-09-06T20:59:59Z"))

    assert opened(client, staff("supervisor")).charts == []


def test_shares_are_of_the_answers(client):
    for outcome in [Outcome.IN_TIME] * 2 + [Outcome.LATE]:
        answered(TUESDAY - timedelta(days=7), outcome)
    ServiceRequestFactory(status=Status.REFUSED)  # no answer, so neither in time nor late

    block = block_of(opened(client, staff("supervisor")), "timeliness")

    assert block.note.replace("\N{NO-BREAK SPACE}", " ") == "67 % ответов за 12 недель даны в срок."
    assert [line.share_title for line in block.table.lines[:3]] == ["—", "67\N{NO-BREAK SPACE}%", "—"]


def test_readings_and_visits_are_no_appeals(client):
    answered(TUESDAY, service="meter-readings")

    page = opened(client, staff("supervisor"))

    assert [block.name for block in page.charts] == ["services"]


def test_a_chart_says_the_same_without_colour(client):
    user = staff("supervisor")
    fill_the_desk(user)
    client.force_login(user)

    html = client.get(INDEX).content.decode()

    assert html.count('<svg class="chart" role="img"') == 3
    assert 'fill="url(#timeliness-hatch)"' in html
    assert html.count("Те&nbsp;же числа таблицей") == 3


# -- The filter behind the charts -----------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [
    "x", "received", "received-", "received-2026", "received-2026-W99", "received-1999-W01", "received-0001-W01",
    "received-9999-W52", "late-2026-W4x", "service-x", "category-x", "urgent-x", "received-٢٠٢٦-W01",
])  # fmt: skip
def test_a_strange_value_selects_nothing(client, value):
    ServiceRequestFactory()
    client.force_login(staff("operator"))

    response = client.get(f"{LIST}?figure={value}")

    assert response.status_code == 200
    assert list(response.context["cl"].result_list) == []


def test_the_filter_stands_in_the_row_only_when_it_is_used(client):
    ServiceRequestFactory()
    client.force_login(staff("operator"))

    unused = client.get(LIST).content.decode()
    used = client.get(LIST, {"figure": "received-2026-W48"}).content.decode()

    assert "figure=" not in unused
    assert "Поступили 23.11.2026\N{EN DASH}29.11.2026" in used


def test_the_list_of_letters_shows_those_with_files(client):
    booked()
    client.force_login(staff("superuser"))

    html = client.get(reverse("admin:post_office_email_changelist")).content.decode()

    letter = Email.objects.exclude(context=None).get()
    assert letter.subject in html
