"""Several requests of the queue at once: what is told beforehand, what each refuses, that none is done by halves or twice."""

import re
import uuid
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from requests_app import actions
from requests_app.codes import Category
from requests_app.lifecycle import Status
from requests_app.models import ServiceRequest, StatusChange
from requests_app.services import appointment, inquiry, survey, violation_report
from tests.factories import ConsumerFactory, ServiceRequestFactory, StaffFactory, submitted
from tests.factories import said as said_by

pytestmark = pytest.mark.django_db

LIST = reverse("admin:requests_app_servicerequest_changelist")
JOBS = ["assign", "take", "close"]
# From which status an ordinary request of each job comes, and where it is afterwards.
SOURCES = {"assign": Status.REGISTERED, "take": Status.REGISTERED, "close": Status.ANSWERED}
TARGETS = {"assign": Status.REGISTERED, "take": Status.IN_PROGRESS, "close": Status.CLOSED}


@pytest.fixture
def operator(client):
    operator = StaffFactory(group="operator")
    client.force_login(operator)
    return operator


def address(job, *service_requests, **query):
    ids = ",".join(str(service_request.pk) for service_request in service_requests)
    return f"{reverse('admin:requests_app_servicerequest_bulk', args=[job])}?{urlencode({'ids': ids, **query})}"


def choose(client, job, *service_requests, **query):
    """A press of the job's button above the list, with these ticked."""
    index = JOBS.index(job)
    data = {"action": JOBS, "index": index, "_selected_action": [each.pk for each in service_requests]}
    return client.post(f"{LIST}?{urlencode(query)}" if query else LIST, data)


def do(client, job, *service_requests, **data):
    """The page of the job is sent; what it tells afterwards."""
    response = client.post(address(job, *service_requests), {"submission_key": uuid.uuid4(), **data})
    assert response.status_code == 302, response.context["form"].errors.as_json()
    return [str(message).replace("\N{NO-BREAK SPACE}", " ") for message in get_messages(response.wsgi_request)]


def now(service_request):
    service_request.refresh_from_db()
    return service_request


# -- From the list to the page --------------------------------------------------------------------------------------


@pytest.mark.parametrize("job", JOBS)
def test_a_button_of_the_list_leads_to_its_page(client, operator, job):
    ticked = [ServiceRequestFactory(status=SOURCES[job]) for _ in range(2)]
    ServiceRequestFactory(status=SOURCES[job])

    response = choose(client, job, *ticked, view="all", service="inquiry")

    assert urlsplit(response["Location"]).path == urlsplit(address(job)).path
    query = parse_qs(urlsplit(response["Location"]).query)
    assert query["ids"] == [",".join(str(key) for key in sorted(each.pk for each in ticked))]
    assert query["_changelist_filters"] == ["view=all&service=inquiry"]
    assert client.get(response["Location"]).status_code == 200


def test_the_list_draws_its_buttons(client, operator):
    ServiceRequestFactory()

    html = client.get(LIST).content.decode().replace("\N{NO-BREAK SPACE}", " ")

    buttons = re.findall(r'name="index" value="(\d+)">([^<]+)</button>', html)
    assert buttons[:3] == [("0", "Назначить"), ("1", "Взять в работу"), ("2", "Закрыть")]
    assert re.findall(r'name="action" value="(\w+)"', html)[:3] == JOBS


def test_nothing_ticked_is_told(client, operator):
    ServiceRequestFactory()

    response = choose(client, "take")

    assert response["Location"] == LIST
    assert len(get_messages(response.wsgi_request)) == 1


@pytest.mark.parametrize("key", ["x", "-1", "1.5", "", "9" * 40, "١", "\x00"])
def test_what_is_no_request_is_told(client, operator, key):
    ServiceRequestFactory()

    response = client.post(LIST, {"action": JOBS, "index": 1, "_selected_action": [key]})

    assert response.status_code == 302
    assert response["Location"] == LIST


@pytest.mark.parametrize("data", [{"index": "9"}, {"index": "x"}, {"action": "delete_selected"}, {"action": "x"}])
def test_a_button_that_is_not_there_does_nothing(client, operator, data):
    service_request = ServiceRequestFactory()

    response = client.post(LIST, {"action": [], "index": 0, "_selected_action": service_request.pk, **data})

    assert response["Location"] == LIST


def test_all_rows_of_all_pages_cannot_be_asked_for(client, operator):
    ticked, _other = ServiceRequestFactory(), ServiceRequestFactory()

    data = {"action": JOBS, "index": 1, "select_across": "1", "_selected_action": [ticked.pk]}
    response = client.post(LIST, data)

    assert parse_qs(urlsplit(response["Location"]).query)["ids"] == [str(ticked.pk)]


# -- What is told beforehand ----------------------------------------------------------------------------------------


def told(client, job, *service_requests):
    """(numbers to be changed, number → why it will not be)."""
    context = client.get(address(job, *service_requests)).context
    doable = [line["service_request"].number for line in context["doable"]]
    refused = {line["service_request"].number: line["refusal"] for line in context["refused"]}
    return doable, {number: why.replace("\N{NO-BREAK SPACE}", " ") for number, why in refused.items()}


@pytest.mark.parametrize(
    ("job", "status"),
    [("take", status) for status in Status if status != Status.REGISTERED]
    + [("close", status) for status in Status if status != Status.ANSWERED],
)
def test_a_wrong_status_is_told_and_refused(client, operator, job, status):
    right = ServiceRequestFactory(status=SOURCES[job])
    wrong = ServiceRequestFactory(status=status)

    doable, refused = told(client, job, right, wrong)
    said = do(client, job, right, wrong)

    assert doable == [right.number]
    assert refused == {wrong.number: f"статус «{wrong.kind.life.staff_label(status)}»"}
    assert now(right).status == TARGETS[job]
    assert now(wrong).status == status
    assert len(said) == 2
    assert right.number in said[0]
    assert wrong.number in said[1]


@pytest.mark.parametrize("job", ["take", "close"])
def test_a_service_without_such_a_step_is_told(client, operator, job):
    visit = submitted(appointment.SERVICE)

    assert told(client, job, visit) == ([], {visit.number: "для услуги «Запись на приём» такого шага нет"})
    assert b"<form" not in client.get(address(job, visit)).content.partition(b'id="content-main"')[2]
    assert "такого шага нет" in do(client, job, visit)[0]
    assert now(visit).status == Status.REGISTERED


def test_the_consequences_are_told(client, operator):
    service_request = ServiceRequestFactory()

    html = client.get(address("take", service_request)).content.decode()

    assert "Заявителям придут письма." in html
    assert service_request.number in html
    assert service_request.applicant_name in html


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize("rows", [1, 50])
def test_page_cost_does_not_grow(client, operator, job, rows, django_assert_max_num_queries):
    owner = ConsumerFactory().user
    some = [ServiceRequestFactory(owner=owner, status=SOURCES[job]) for _ in range(rows)]

    with django_assert_max_num_queries(6):  # session, user, two of permissions, the requests, colleagues
        client.get(address(job, *some))


# -- Done -----------------------------------------------------------------------------------------------------------


def test_requests_are_taken(client, operator):
    some = [ServiceRequestFactory() for _ in range(3)]
    theirs = ServiceRequestFactory(assignee=StaffFactory(group="operator"), assigned_at=timezone.now())

    said = do(client, "take", *some, theirs)

    assert {now(each).status for each in [*some, theirs]} == {Status.IN_PROGRESS}
    assert {each.assignee for each in some} == {operator}
    assert theirs.assignee != operator
    assert Email.objects.count() == 4
    assert said == [f"Взяты в работу (4 заявки): {', '.join(str(each) for each in [*some, theirs])}."]


def test_requests_are_assigned_and_taken_away(client, operator):
    colleague = StaffFactory(group="supervisor")
    some = [ServiceRequestFactory() for _ in range(2)]

    do(client, "assign", *some, assignee=colleague.pk)
    assert {now(each).assignee for each in some} == {colleague}
    do(client, "assign", *some, assignee="")
    assert {now(each).assignee for each in some} == {None}


@pytest.mark.parametrize("how", ["given", "taken"])
def test_who_has_got_a_request_meanwhile_keeps_it(client, operator, how):
    first, second = ServiceRequestFactory(), ServiceRequestFactory()
    colleague = StaffFactory(group="operator")
    seen_at = client.get(address("assign", first, second)).context["form"]["seen_at"].value()
    if how == "given":
        actions.assign(first, to=colleague, by=colleague)
    else:
        actions.transition(first, "take", by=colleague)

    said = do(client, "assign", first, second, assignee=operator.pk, seen_at=seen_at)

    assert said == [
        f"Назначены (1 заявка): {second}.",
        f"{first} осталась как есть: пока вы выбирали, у неё появился исполнитель.",
    ]
    assert (now(first).assignee, now(second).assignee) == (colleague, operator)


@pytest.mark.parametrize("assignee", ["x", "0", "999999", "editor", "consumer"])
def test_only_a_colleague_on_duty_is_assigned(client, operator, assignee):
    people = {"editor": StaffFactory(group="editor").pk, "consumer": ConsumerFactory().pk}
    service_request = ServiceRequestFactory()

    response = client.post(address("assign", service_request), {"assignee": people.get(assignee, assignee)})

    assert response.status_code == 200
    assert response.context["form"].errors["assignee"]
    assert now(service_request).assignee is None


def test_requests_are_closed_with_their_own_codes(client, operator):
    first = ServiceRequestFactory(
        status=Status.ANSWERED,
        category=Category.APPEAL_METERING,
        measures_done="Заменён прибор",
        measures_planned="Нет",
    )
    second = ServiceRequestFactory(status=Status.ANSWERED, category=Category.COMPLAINT_OTHER)

    do(client, "close", first, second)

    assert {now(first).status, now(second).status} == {Status.CLOSED}
    assert (first.category, first.measures_done, first.measures_planned) == (
        Category.APPEAL_METERING,
        "Заменён прибор",
        "Нет",
    )
    assert (second.category, second.measures_done) == (Category.COMPLAINT_OTHER, "Дан ответ")
    assert second.measures_planned.replace("\N{NO-BREAK SPACE}", " ") == "Не требуются"


def test_a_request_in_which_the_applicant_has_the_last_word_is_not_closed_unread(client, operator):
    """A closed request takes no more messages: «так и не включили» would be lost among fifty."""
    silent, unread, replied = (ServiceRequestFactory(status=Status.ANSWERED) for _ in range(3))
    for service_request in (unread, replied):
        owner = service_request.owner
        actions.post_message(service_request, form=said_by("Так и не включили.", by=owner), by=owner)
    actions.post_message(replied, form=said_by("Включили в 18:40.", by=operator), by=operator)
    why = "после ответа заявитель написал: прочтите и закройте её на её странице"

    doable, refused = told(client, "close", silent, unread, replied)
    said = do(client, "close", silent, unread, replied)

    assert (doable, refused) == ([silent.number, replied.number], {unread.number: why})
    assert said == [f"Закрыты (2 заявки): {silent}, {replied}.", f"{unread} осталась как есть: {why}."]
    assert now(unread).status == Status.ANSWERED


def test_codes_may_be_said_once_for_all(client, operator):
    some = [ServiceRequestFactory(status=Status.ANSWERED, measures_done="Старое") for _ in range(2)]

    do(client, "close", *some, category="appeal_service", measures_done="Разъяснено", measures_planned="Обход")

    for each in some:
        assert now(each).status == Status.CLOSED
        assert (each.category, each.measures_done, each.measures_planned) == (
            "appeal_service",
            "Разъяснено",
            "Обход",
        )


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"category": "x"}, "category"),
        ({"measures_done": "Звонили 8 863 250-31-02"}, "measures_done"),
        ({"measures_planned": "a@example.org"}, "measures_planned"),
        ({"measures_done": "я" * 2001}, "measures_done"),
        ({"measures_done": "\x00"}, "measures_done"),
    ],
)
def test_wrong_codes_are_told_by_their_field_and_nothing_is_lost(client, operator, data, field):
    service_request = ServiceRequestFactory(status=Status.ANSWERED)

    response = client.post(address("close", service_request), {"measures_planned": "Обход", **data})

    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert "Обход" in response.content.decode() or "measures_planned" in data
    assert now(service_request).status == Status.ANSWERED


def test_what_a_request_itself_refuses_leaves_it_as_it_was(client, operator):
    """Its own measures name somebody: as on its own page, it is not closed, and its codes stay."""
    named = ServiceRequestFactory(status=Status.ANSWERED, measures_done="Звонили 8 863 250-31-02")
    other = ServiceRequestFactory(status=Status.ANSWERED)

    said = do(client, "close", named, other, category="appeal_service")

    assert now(named).status == Status.ANSWERED
    assert named.category == Category.APPEAL_METERING
    assert now(other).status == Status.CLOSED
    assert "Уберите телефон" in said[1]


def test_what_fails_stops_none_of_the_others(client, operator, monkeypatch):
    """The second is changed by a colleague between the page and the press of its button."""
    first, second, third = (ServiceRequestFactory() for _ in range(3))
    client.get(address("take", first, second, third))
    ServiceRequest.objects.filter(pk=second.pk).update(status=Status.IN_PROGRESS)

    said = do(client, "take", first, second, third)

    assert [now(each).status for each in (first, third)] == [Status.IN_PROGRESS] * 2
    assert second.number in said[1]
    assert "статус" in said[1].lower()
    assert Email.objects.count() == 2


def test_closing_is_undone_whole_when_its_step_fails(client, operator):
    """The codes are not left behind on a request that somebody has closed meanwhile."""
    service_request = ServiceRequestFactory(status=Status.CLOSED, measures_done="Старое")

    do(client, "close", service_request, category="appeal_service", measures_done="Новое")

    assert now(service_request).measures_done == "Старое"
    assert service_request.category == Category.APPEAL_METERING


@pytest.mark.parametrize("job", ["take", "close"])
def test_a_page_sent_twice_does_it_once(client, operator, job):
    some = [ServiceRequestFactory(status=SOURCES[job]) for _ in range(2)]
    key = uuid.uuid4()

    first = do(client, job, *some, submission_key=key)
    second = do(client, job, *some, submission_key=key)

    assert set(first) == set(second)  # the second time they are told as done again
    assert {now(each).status for each in some} == {TARGETS[job]}
    assert StatusChange.objects.filter(transition=job, by=operator).count() == 2
    assert Email.objects.count() == 2


def test_back_to_the_list_as_it_was(client, operator):
    service_request = ServiceRequestFactory()
    page = address("take", service_request, _changelist_filters="view=unassigned&service=inquiry")

    html = client.get(page).content.decode()
    response = client.post(page, {})

    assert f'href="{LIST}?view=unassigned&amp;service=inquiry"' in html
    assert response["Location"] == f"{LIST}?view=unassigned&service=inquiry"


# -- Who may --------------------------------------------------------------------------------------------------------

#                        inquiry    violation report
MAY = {
    "operator": {"inquiry": True, "violation": None},
    "supervisor": {"inquiry": True, "violation": True},
    "inspector": {"inquiry": None, "violation": True},
}  # None: is not there for this group


@pytest.mark.parametrize("job", ["assign", "take"])
@pytest.mark.parametrize("group", MAY)
def test_each_request_by_its_own_permission(client, group, job):
    colleague = StaffFactory(group=group)
    client.force_login(colleague)
    some = {
        "inquiry": submitted(inquiry.SERVICE),
        "violation": submitted(violation_report.SERVICE, reporter="anonymous"),
    }
    may = MAY[group]

    doable, refused = told(client, job, *some.values())
    do(client, job, *some.values(), assignee=colleague.pk)

    assert doable == [some[name].number for name in some if may[name]]
    assert not refused
    assert {name for name in some if now(some[name]).assignee == colleague} == {name for name in some if may[name]}


def test_a_hidden_report_is_told_like_one_that_does_not_exist(client, operator):
    hidden = submitted(violation_report.SERVICE, reporter="anonymous")
    seen = ServiceRequestFactory()

    page = client.get(address("take", hidden, seen))

    assert hidden.number not in page.content.decode()
    assert page.context["missing"] == 1
    assert client.get(address("take", hidden)).status_code == 404
    assert client.post(address("take", hidden)).status_code == 404
    assert now(hidden).status == Status.REGISTERED


def test_a_colleague_who_may_not_know_of_a_report_is_not_given_it(client):
    client.force_login(StaffFactory(group="supervisor"))
    operator = StaffFactory(group="operator")
    hidden, seen = submitted(violation_report.SERVICE), ServiceRequestFactory()

    said = do(client, "assign", hidden, seen, assignee=operator.pk)

    assert now(hidden).assignee is None
    assert now(seen).assignee == operator
    assert "не обрабатывает такие заявки" in said[1]


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize(
    ("who", "status"), [("dpo", 403), ("editor", 403), (None, 403), ("consumer", 302), ("stranger", 302)]
)
def test_others_do_nothing(client, job, who, status):
    service_request = ServiceRequestFactory(status=SOURCES[job])
    if who == "consumer":
        client.force_login(service_request.owner)
    elif who != "stranger":
        client.force_login(StaffFactory(group=who))

    for send in (client.get, client.post):
        assert send(address(job, service_request)).status_code == status
    assert now(service_request).status == SOURCES[job]
    assert service_request.assignee is None


def test_who_may_only_look_has_no_buttons(client):
    """The data protection officer sees the reports and processes none."""
    client.force_login(StaffFactory(group="dpo"))
    report = submitted(violation_report.SERVICE)

    html = client.get(LIST, {"view": "all"}).content.decode()

    assert report.number in html
    assert 'name="index"' not in html
    assert "_selected_action" not in html
    choose(client, "take", report)
    assert now(report).status == Status.REGISTERED


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_wrong_method(client, operator, method):
    assert getattr(client, method)(address("take", ServiceRequestFactory())).status_code == 405


@pytest.mark.parametrize("ids", ["", "x", "0", "999999", "9" * 40, "1;2", "\x00", "-1"])
def test_strange_keys_are_not_found(client, operator, ids):
    page = f"{reverse('admin:requests_app_servicerequest_bulk', args=['take'])}?{urlencode({'ids': ids})}"

    assert client.get(page).status_code == 404
    assert client.post(page).status_code == 404


def test_unknown_job(client, operator):
    assert client.get(f"{LIST}bulk/delete/?ids=1").status_code == 404


def test_a_survey_is_never_closed_by_hand(client):
    client.force_login(StaffFactory(group="supervisor"))
    finished = submitted(survey.SERVICE)

    assert told(client, "close", finished)[0] == []
