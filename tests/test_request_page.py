"""The page of one request: what it says in every state, and to whom."""

from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from requests_app.lifecycle import WHAT_NEXT, Status
from requests_app.models import Audience, MessageKind
from requests_app.services import SERVICES
from tests.factories import (
    AttachmentFactory,
    ConsumerFactory,
    MessageFactory,
    ServiceRequestFactory,
    StaffFactory,
    submitted,
)
from tests.files import fitting

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return ConsumerFactory().user


@pytest.fixture
def operator():
    return StaffFactory(group="operator")


@pytest.fixture
def client(client, user):
    client.force_login(user)
    return client


def page(client, service_request):
    response = client.get(service_request.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


def way(service_request, name):
    return reverse("requests:transition", args=[service_request.number, name])


# -- What it says ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.slug)
def test_everything_that_was_asked_is_there(client, user, service):
    sent = submitted(service, owner=user, files=[fitting(service)])

    html = page(client, sent)

    assert f"№&nbsp;{sent.number}" in html
    for row in sent.rows():
        assert f"<dt>{row.label}</dt><dd>{row.value}</dd>" in html
    assert sent.attachments.count() == ("files" in service.form_class.common)
    for file in sent.attachments.all():
        assert "Акт." in html
        assert file.get_absolute_url() in html


@pytest.mark.parametrize("status", [status for status in Status if status != Status.ANSWERED])
def test_each_state_says_what_comes_next(client, user, status):
    html = page(client, ServiceRequestFactory(owner=user, status=status))

    assert f'data-status="{status}">{status.label}' in html
    assert WHAT_NEXT[status] in html


@time_machine.travel("2026-11-24T09:00:00Z", tick=False)
def test_the_due_date_has_its_weekday_days_left_and_basis(client, user):
    html = page(client, ServiceRequestFactory(owner=user, due_on=date(2026, 12, 2)))

    assert '<time datetime="2026-12-02">2\N{NO-BREAK SPACE}декабря</time>' in html
    assert "среда, осталось\N{NO-BREAK SPACE}8\N{NO-BREAK SPACE}дней" in html
    assert "15\N{NO-BREAK SPACE}календарных дней" in html
    assert "Срок, установленный РСМ Энерго" in html


def test_a_late_answer_is_owned_up_to(client, user):
    late = ServiceRequestFactory(owner=user, due_on=timezone.localdate() - timedelta(days=3))

    html = page(client, late)

    assert "Срок ответа прошёл" in html
    assert "опаздываем на\N{NO-BREAK SPACE}3\N{NO-BREAK SPACE}дня" in html
    assert "Просим прощения" in html


def test_history_is_told_newest_first(client, user):
    html = page(client, ServiceRequestFactory(owner=user, status=Status.IN_PROGRESS))

    timeline = html.split('class="timeline"')[1].split("</ol>")[0]
    assert timeline.index("Взята в работу") < timeline.index("Зарегистрирована")


# -- The talk -------------------------------------------------------------------------------------------------------


def test_messages_of_both_sides_stand_in_order_of_time_with_their_files(client, user, operator):
    service_request = ServiceRequestFactory(owner=user)
    mine = MessageFactory(service_request=service_request, body="Когда приедет мастер?")
    AttachmentFactory(service_request=service_request, message=mine, original_name="Схема.pdf")
    MessageFactory(service_request=service_request, author=operator, body="Завтра к десяти.")

    talk = page(client, service_request).split('id="talk"')[1]

    order = ["Когда приедет мастер?", "Схема.pdf", "Марина Олеговна, оператор", "Завтра к десяти."]
    assert sorted(order, key=talk.index) == order


@pytest.mark.parametrize("status", [Status.ANSWERED, Status.CLOSED])
def test_the_answer_stands_apart_and_once(client, user, operator, status):
    service_request = ServiceRequestFactory(owner=user, status=status)
    MessageFactory(service_request=service_request, author=operator, kind=MessageKind.ANSWER, body="Первый ответ.")
    MessageFactory(service_request=service_request, kind=MessageKind.DISPUTE, body="Не то.")
    MessageFactory(service_request=service_request, author=operator, kind=MessageKind.ANSWER, body="Верный ответ.")

    answer, talk = page(client, service_request).split('id="talk"')

    assert "Верный ответ." in answer
    assert "Верный ответ." not in talk
    assert talk.index("Первый ответ.") < talk.index("Не то.")


def test_an_answer_that_was_disputed_is_part_of_the_talk_again(client, user, operator):
    service_request = ServiceRequestFactory(owner=user, status=Status.IN_PROGRESS)
    MessageFactory(service_request=service_request, author=operator, kind=MessageKind.ANSWER, body="Первый ответ.")

    answer, talk = page(client, service_request).split('id="talk"')

    assert "Первый ответ." not in answer
    assert "Первый ответ." in talk


def test_a_refusal_gives_its_reason(client, user, operator):
    service_request = ServiceRequestFactory(owner=user, status=Status.REFUSED, refusal_reason="not_ours")
    MessageFactory(service_request=service_request, author=operator, kind=MessageKind.REFUSAL, body="Спросите соседей.")

    html = page(client, service_request)

    assert "Отказ: вопрос не к нашей организации" in html
    assert "Спросите соседей." in html


def test_notes_of_staff_and_their_files_are_never_shown(client, user, operator):
    service_request = ServiceRequestFactory(owner=user)
    note = MessageFactory(
        service_request=service_request,
        author=operator,
        audience=Audience.STAFF,
        kind=MessageKind.NOTE,
        body="Склочник, осторожно.",
    )
    AttachmentFactory(service_request=service_request, message=note, original_name="Внутреннее.pdf")

    html = page(client, service_request)

    assert "Склочник" not in html
    assert "Внутреннее.pdf" not in html


@pytest.mark.parametrize("kind", [MessageKind.MESSAGE, MessageKind.ANSWER])
def test_an_operator_without_a_name_does_not_show_their_address(client, user, kind):
    operator = StaffFactory(group="operator", name="")
    service_request = ServiceRequestFactory(owner=user, status=Status.ANSWERED)
    MessageFactory(service_request=service_request, author=operator, kind=kind, body="Завтра.")

    html = page(client, service_request)

    assert operator.email not in html
    assert "Специалист" in html.split("<main")[1]


def test_links_lead_only_where_links_may(client, user, operator):
    service_request = ServiceRequestFactory(owner=user)
    body = "https://example.org/ и javascript:alert(1) и <b onclick=x>жирно</b>"
    MessageFactory(service_request=service_request, author=operator, body=body)

    html = page(client, service_request)

    assert '<a href="https://example.org/" rel="nofollow">' in html
    assert 'href="javascript' not in html
    assert "<b onclick" not in html


# -- What may be done -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "names"),
    [
        (Status.REGISTERED, {"withdraw"}),
        (Status.IN_PROGRESS, {"withdraw"}),
        (Status.AWAITING_CONSUMER, {"withdraw"}),
        (Status.ANSWERED, {"accept", "dispute"}),
        (Status.CLOSED, set()),
        (Status.REFUSED, set()),
        (Status.WITHDRAWN, set()),
    ],
)
def test_only_the_steps_that_are_allowed_have_buttons(client, user, status, names):
    service_request = ServiceRequestFactory(owner=user, status=status)

    html = page(client, service_request)

    offered = {name for name in ("withdraw", "accept", "dispute", "supply") if way(service_request, name) in html}
    assert offered == names


@pytest.mark.parametrize("status", Status)
def test_writing_is_offered_until_the_end(client, user, status):
    html = page(client, ServiceRequestFactory(owner=user, status=status))

    is_final = status in (Status.CLOSED, Status.REFUSED, Status.WITHDRAWN)
    assert ('name="body"' in html) is not is_final


def test_a_question_is_answered_by_a_form_that_says_so(client, user):
    html = page(client, ServiceRequestFactory(owner=user, status=Status.AWAITING_CONSUMER))

    assert "Ваш ответ" in html
    assert "Отправить ответ" in html


@time_machine.travel("2026-11-24T09:00:00Z", tick=False)
def test_until_when_the_answer_may_be_disputed(client, user):
    html = page(client, ServiceRequestFactory(owner=user, status=Status.ANSWERED))

    assert '<time datetime="2027-01-14">' in html


def test_an_old_answer_may_only_be_accepted(client, user):
    service_request = ServiceRequestFactory(
        owner=user, status=Status.ANSWERED, answered_at=timezone.now() - timedelta(days=90)
    )

    html = page(client, service_request)

    assert way(service_request, "dispute") not in html
    assert "прошёл" in html


def test_the_receipt_is_one_press_away(client, user):
    service_request = ServiceRequestFactory(owner=user)

    assert reverse("requests:receipt", args=[service_request.number]) in page(client, service_request)


# -- Who may --------------------------------------------------------------------------------------------------------


def test_a_stranger_gets_404(client):
    assert client.get(ServiceRequestFactory().get_absolute_url()).status_code == 404


def test_a_number_that_was_never_given_looks_the_same(client):
    assert client.get(reverse("requests:detail", args=["2020-000001"])).status_code == 404


def test_anonymous_is_led_to_login(client, user):
    client.logout()
    url = ServiceRequestFactory(owner=user).get_absolute_url()

    assert client.get(url).url == f"{reverse('accounts:login')}?next={url}"


def test_only_reading(client, user):
    assert client.post(ServiceRequestFactory(owner=user).get_absolute_url()).status_code == 405


def test_no_copy_stays_behind(client, user):
    response = client.get(ServiceRequestFactory(owner=user).get_absolute_url())

    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("rows", [1, 50])
@pytest.mark.parametrize("status", Status)
def test_cost_does_not_grow(client, user, operator, status, rows, django_assert_max_num_queries):
    service_request = ServiceRequestFactory(owner=user, status=status)
    for author in (user, operator):
        for message in MessageFactory.create_batch(rows, service_request=service_request, author=author):
            AttachmentFactory(service_request=service_request, message=message)

    with django_assert_max_num_queries(10):
        client.get(service_request.get_absolute_url())
