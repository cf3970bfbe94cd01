"""The queue of the work desk: what it shows, what it can be narrowed by, what an address cannot ask of it."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from requests_app import actions, services
from requests_app.codes import Outcome
from requests_app.lifecycle import OPEN_STATUSES, Status
from requests_app.models import ServiceRequest
from requests_app.services import inquiry, violation_report
from tests.factories import ConsumerFactory, ServiceRequestFactory, StaffFactory, said, step_form, submitted

pytestmark = pytest.mark.django_db

LIST = reverse("admin:requests_app_servicerequest_changelist")


@pytest.fixture
def operator(client):
    operator = StaffFactory(group="operator")
    client.force_login(operator)
    return operator


def numbers(client, **query):
    """The numbers in the list, from top to bottom."""
    response = client.get(LIST, query)
    assert response.status_code == 200
    return [service_request.number for service_request in response.context["cl"].result_list]


def assigned(user, **fields):
    return ServiceRequestFactory(assignee=user, assigned_at=timezone.now(), **fields)


# -- What it shows --------------------------------------------------------------------------------------------------


def test_row_tells_what_an_operator_needs(client, operator):
    assigned(operator, number="2026-000042", status=Status.AWAITING_CONSUMER)

    html = client.get(LIST).content.decode()

    assert "<h1>Заявки</h1>" in html
    assert ">2026-000042</a>" in html
    assert "Справка" in html
    assert "Самойлов Николай Петрович" in html
    assert "учёт электроэнергии" in html
    assert '<span class="status" data-status="awaiting_consumer">Ждём заявителя</span>' in html
    assert '<td class="field-assignee_column">Марина Олеговна</td>' in html


@pytest.mark.parametrize(
    ("days", "mark", "words"),
    [
        (-21, "late", "просрочено на 21 день"),
        (-1, "late", "просрочено на 1 день"),
        (0, "soon", "сегодня"),
        (1, "soon", "завтра"),
        (2, "soon", "2 дня"),
        (3, "", "3 дня"),
        (15, "", "15 дней"),
    ],
)
def test_days_left_are_told_in_words_and_marked(client, operator, days, mark, words):
    ServiceRequestFactory(due_on=timezone.localdate() + timedelta(days=days))

    html = client.get(LIST).content.decode().replace("\N{NO-BREAK SPACE}", " ")

    assert f'<span class="due" data-due="{mark}">' in html
    assert f"<small>{words}</small>" in html


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": Status.ANSWERED}, "ответили в срок"),
        ({"status": Status.CLOSED, "outcome": Outcome.LATE}, "ответили с опозданием"),
        ({"status": Status.WITHDRAWN}, "завершена "),
    ],
)
def test_what_is_not_open_has_no_days_left(client, operator, fields, words):
    ServiceRequestFactory(due_on=timezone.localdate() - timedelta(days=5), **fields)

    html = client.get(LIST, {"view": "all"}).content.decode().replace("\N{NO-BREAK SPACE}", " ")

    assert '<span class="due" data-due="">' in html
    assert f"<small>{words}" in html


def test_what_a_consumer_typed_is_text(client, operator):
    ServiceRequestFactory(applicant_name='<script>alert("1")</script>', subject="<img src=x onerror=alert(2)>")

    html = client.get(LIST).content.decode()

    assert "<script>alert" not in html
    assert "<img" not in html


def test_newest_stand_first(client, operator):
    now = timezone.now()
    old = ServiceRequestFactory(submitted_at=now - timedelta(days=2))
    new = ServiceRequestFactory(submitted_at=now)
    middle = ServiceRequestFactory(submitted_at=now - timedelta(days=1))

    assert numbers(client, view="all") == [new.number, middle.number, old.number]


# -- Who had the last word ------------------------------------------------------------------------------------------


def written(client):
    """Numbers of the rows that say that the applicant has written."""
    html = client.get(LIST, {"view": "all"}).content.decode()
    rows = re.findall(
        r'class="field-number">.*?>([\d-]+)</a>.*?class="field-status_column">(.*?)</td>', html, re.DOTALL
    )
    assert rows
    return [number for number, status in rows if "написал заявитель" in status]


def write(service_request, by):
    actions.post_message(service_request, form=said(by=by), by=by)


@pytest.mark.parametrize("status", [*OPEN_STATUSES, Status.ANSWERED])
def test_the_row_tells_that_the_applicant_has_written(client, operator, status):
    service_request = ServiceRequestFactory(status=status)
    ServiceRequestFactory(status=status)

    write(service_request, service_request.owner)

    assert written(client) == [service_request.number]


def test_what_came_with_the_request_itself_is_no_news(client, operator):
    submitted(inquiry.SERVICE)

    assert written(client) == []


@pytest.mark.parametrize(("status", "step"), [(Status.REGISTERED, "take"), (Status.IN_PROGRESS, "answer")])
def test_a_step_of_staff_ends_it_until_the_applicant_writes_again(client, operator, status, step):
    service_request = ServiceRequestFactory(status=status)
    write(service_request, service_request.owner)

    actions.transition(service_request, step, by=operator, form=step_form(step, by=operator, comment="Меняем кабель."))
    after_the_step = written(client)
    write(service_request, service_request.owner)

    assert after_the_step == []
    assert written(client) == [service_request.number]


def test_a_step_without_words_ends_it(client, operator):
    service_request = ServiceRequestFactory()
    write(service_request, service_request.owner)

    actions.transition(service_request, "take", by=operator)

    assert written(client) == []


def test_words_to_the_applicant_end_it_and_a_note_does_not(client, operator):
    noted, replied = ServiceRequestFactory(), ServiceRequestFactory()
    for service_request in (noted, replied):
        write(service_request, service_request.owner)

    actions.write_note(noted, form=said("Звонил, не берёт.", by=operator), by=operator)
    write(replied, operator)

    assert written(client) == [noted.number]


def test_a_disagreement_is_news_and_a_finished_request_none(client, operator):
    disputed, closed = ServiceRequestFactory(status=Status.ANSWERED), ServiceRequestFactory(status=Status.ANSWERED)
    for service_request, step in ((disputed, "dispute"), (closed, "accept")):
        owner = service_request.owner
        write(service_request, owner)
        actions.transition(service_request, step, by=owner, form=step_form(step, by=owner))

    assert written(client) == [disputed.number]


def test_a_hidden_reporter_who_has_written_stays_hidden(client):
    client.force_login(StaffFactory(group="inspector"))
    report = submitted(violation_report.SERVICE, reporter="anonymous")
    assert report.is_anonymous

    write(report, report.owner)

    assert written(client) == [report.number]
    assert report.owner.consumer.display_name not in client.get(LIST).content.decode()


@pytest.mark.parametrize("rows", [1, 50])
def test_list_cost_does_not_grow(client, rows, django_assert_num_queries):
    operator = StaffFactory(group="operator")
    consumer = ConsumerFactory()
    for _ in range(rows):
        write(assigned(operator, owner=consumer.user), consumer.user)
    client.force_login(operator)

    with django_assert_num_queries(7):  # session, user, two of permissions, colleagues, rows, what is urgent
        client.get(LIST)


# -- Filters --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", Status)
def test_filter_by_status(client, operator, status):
    wanted = [ServiceRequestFactory(status=each) for each in Status if each == status]
    ServiceRequestFactory(status=next(each for each in Status if each != status))

    assert numbers(client, status=status) == [each.number for each in wanted]


def test_filter_open(client, operator):
    everything = [ServiceRequestFactory(status=each) for each in Status]

    assert set(numbers(client, status="open")) == {each.number for each in everything if each.is_open}


def test_filter_by_service(client):
    client.force_login(StaffFactory(group="supervisor"))
    sent = {service.slug: submitted(service) for service in services.SERVICES}

    for slug, service_request in sent.items():
        assert numbers(client, view="all", service=slug) == [service_request.number]


def test_filter_by_assignee(client, operator):
    colleague = StaffFactory(group="supervisor", name="Андрей Викторович, руководитель")
    mine, theirs, nobodys = assigned(operator), assigned(colleague), ServiceRequestFactory()

    assert numbers(client, assignee="me") == [mine.number]
    assert numbers(client, assignee="nobody") == [nobodys.number]
    assert numbers(client, assignee=colleague.pk) == [theirs.number]
    every = {mine.number, theirs.number, nobodys.number}
    assert set(numbers(client, assignee=nobodys.owner.pk)) == every  # a consumer is no colleague, and not named
    assert nobodys.owner.email not in client.get(LIST, {"assignee": nobodys.owner.pk}).content.decode()


def test_filter_offers_only_colleagues_who_may_process(client, operator):
    StaffFactory(group="editor", name="Редактор Новостей")
    StaffFactory(group="supervisor", name="Бывший Руководитель", is_active=False)
    StaffFactory(group="supervisor", name="Андрей Викторович, руководитель")

    html = client.get(LIST).content.decode()

    assert "Андрей Викторович, руководитель" in html
    assert "Редактор Новостей" not in html
    assert "Бывший Руководитель" not in html


@time_machine.travel("2026-11-24T09:00:00Z", tick=False)  # a Tuesday
def test_filter_by_term_begins_with_the_earliest(client):
    client.force_login(StaffFactory(group="operator"))
    today = timezone.localdate()
    due = {days: ServiceRequestFactory(due_on=today + timedelta(days=days)).number for days in (-1, 8, 7, 1, 0, -9)}
    ServiceRequestFactory(status=Status.ANSWERED, due_on=today)

    assert numbers(client, due="late") == [due[-9], due[-1]]
    assert numbers(client, due="tomorrow") == [due[0], due[1]]
    assert numbers(client, due="week") == [due[0], due[1], due[7]]


@pytest.mark.parametrize(
    "query",
    [
        *("status=x", "service=x", "assignee=x", "assignee=999999", "due=x", "p=x", "o=1", "o=-7"),
        *("view=x", "view=", "view=mine&view=all", "p=-1", "p=999999", "p=٣", "p=--1", f"p={'9' * 30}"),
    ],
)
def test_strange_values_are_harmless(client, operator, query):
    ServiceRequestFactory()

    assert client.get(f"{LIST}?{query}", follow=True).status_code == 200


@pytest.mark.parametrize(
    "lookup",
    [
        "owner__password__startswith",
        "owner__consumer__snils_hash",
        "owner__consumer__snils_hash__startswith",
        "assignee__password__contains",
        "applicant_email__startswith",
        "postal_address__regex",
        "status__startswith",
        "messages__body__contains",
    ],
)
def test_an_address_filters_by_nothing_else(client, operator, lookup):
    ServiceRequestFactory()

    response = client.get(LIST, {lookup: "a"})

    assert response.status_code == 400


def test_an_address_sorts_by_nothing_else(client, operator):
    first, second = ServiceRequestFactory(applicant_name="А"), ServiceRequestFactory(applicant_name="Б")

    for column in range(1, 9):
        assert numbers(client, view="all", o=column) == [second.number, first.number]


# -- What it does not do --------------------------------------------------------------------------------------------


def test_nothing_is_added_or_deleted(client):
    service_request = ServiceRequestFactory()
    client.force_login(StaffFactory(is_superuser=True))

    assert client.get(reverse("admin:requests_app_servicerequest_add")).status_code == 403
    assert (
        client.post(reverse("admin:requests_app_servicerequest_delete", args=[service_request.pk])).status_code == 403
    )
    assert ServiceRequest.objects.filter(pk=service_request.pk).exists()
    actions = client.get(LIST).context["action_form"].fields["action"].choices
    assert "delete_selected" not in dict(actions)
