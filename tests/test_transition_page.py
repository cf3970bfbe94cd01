"""Withdrawing, accepting and disputing: each has a page that says what will happen."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from requests_app.lifecycle import TRANSITIONS, Status
from requests_app.models import MessageKind
from tests.factories import ConsumerFactory, ServiceRequestFactory
from tests.files import upload

pytestmark = pytest.mark.django_db

STARTS = {"withdraw": Status.REGISTERED, "accept": Status.ANSWERED, "dispute": Status.ANSWERED}
every_step = pytest.mark.parametrize("name", STARTS)


@pytest.fixture
def user():
    return ConsumerFactory().user


@pytest.fixture
def client(client, user):
    client.force_login(user)
    return client


def address(service_request, name):
    return reverse("requests:transition", args=[service_request.number, name])


@pytest.mark.parametrize(
    ("name", "promise"),
    [
        ("withdraw", "Вернуть отозванную заявку нельзя"),
        ("accept", "Заявка закроется"),
        ("dispute", "Срок ответа начнётся заново"),
    ],
)
def test_it_says_what_will_happen_and_changes_nothing_yet(client, user, name, promise):
    service_request = ServiceRequestFactory(owner=user, status=STARTS[name])

    html = client.get(address(service_request, name)).content.decode()

    service_request.refresh_from_db()
    assert promise in html.replace("&nbsp;", " ")
    assert service_request.status == STARTS[name]


@pytest.mark.parametrize(
    ("name", "status", "told"),
    [
        ("withdraw", Status.WITHDRAWN, "Заявка отозвана."),
        ("accept", Status.CLOSED, "Заявка закрыта."),
        ("dispute", Status.IN_PROGRESS, "Заявка снова в\N{NO-BREAK SPACE}работе."),
    ],
)
def test_the_button_takes_the_step(client, user, name, status, told):
    service_request = ServiceRequestFactory(owner=user, status=STARTS[name])

    response = client.post(address(service_request, name), {"comment": "Ответили не на то."}, follow=True)

    service_request.refresh_from_db()
    assert response.redirect_chain == [(service_request.get_absolute_url(), 302)]
    assert service_request.status == status
    assert told in response.content.decode()


@every_step
def test_pressing_twice_is_pressing_once(client, user, name):
    service_request = ServiceRequestFactory(owner=user, status=STARTS[name])
    form = {"submission_key": str(uuid.uuid4()), "comment": "Ответили не на то."}
    client.post(address(service_request, name), form)

    response = client.post(address(service_request, name), form)

    assert response.url == service_request.get_absolute_url()
    assert service_request.status_changes.filter(transition=name).count() == 1


def test_a_disagreement_is_a_message_with_its_files(client, user):
    service_request = ServiceRequestFactory(owner=user, status=Status.ANSWERED)

    client.post(address(service_request, "dispute"), {"comment": "Ответили не на то.", "files": [upload("Акт.pdf")]})

    message = service_request.messages.get()
    assert message.kind == MessageKind.DISPUTE
    assert message.attachments.get().original_name == "Акт.pdf"


def test_a_disagreement_needs_words(client, user):
    service_request = ServiceRequestFactory(owner=user, status=Status.ANSWERED)

    html = client.post(address(service_request, "dispute"), {"files": [upload("Акт.pdf")]}).content.decode()

    service_request.refresh_from_db()
    assert service_request.status == Status.ANSWERED
    assert "data-error-summary" in html
    assert "Убрать «Акт.pdf»" in html


@every_step
def test_too_late_leads_back(client, user, name):
    service_request = ServiceRequestFactory(owner=user, status=Status.CLOSED)

    html = client.get(address(service_request, name)).content.decode()

    assert "Сейчас этого сделать нельзя" in html
    assert f'class="button" href="{service_request.get_absolute_url()}"' in html
    assert "<form" not in html.split("<main")[1]


def test_a_text_that_came_too_late_can_be_copied(client, user):
    service_request = ServiceRequestFactory(owner=user, status=Status.CLOSED)

    html = client.post(address(service_request, "dispute"), {"comment": "Ответили не на то."}).content.decode()

    assert "Статус заявки уже другой" in html
    assert "readonly>\nОтветили не на то.</textarea>" in html


def test_after_thirty_working_days_an_answer_stands(client, user):
    long_ago = timezone.now() - timedelta(days=90)
    service_request = ServiceRequestFactory(owner=user, status=Status.ANSWERED, answered_at=long_ago)

    html = client.get(address(service_request, "dispute")).content.decode()
    client.post(address(service_request, "dispute"), {"comment": "Ответили не на то."})

    service_request.refresh_from_db()
    assert "Срок для несогласия прошёл" in html
    assert service_request.status == Status.ANSWERED


@pytest.mark.parametrize("name", sorted({step.name for step in TRANSITIONS} - STARTS.keys() | {"explode"}))
def test_other_steps_have_no_page(client, user, name):
    service_request = ServiceRequestFactory(owner=user, status=Status.IN_PROGRESS)

    assert client.post(address(service_request, name), {"comment": "Хочу так."}).status_code == 404


@every_step
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_gets_404(client, name, method):
    service_request = ServiceRequestFactory(status=STARTS[name])

    assert getattr(client, method)(address(service_request, name)).status_code == 404


@every_step
def test_anonymous_is_led_to_login(client, user, name):
    client.logout()
    url = address(ServiceRequestFactory(owner=user), name)

    assert client.get(url).url == f"{reverse('accounts:login')}?next={url}"


def test_other_methods_are_refused(client, user):
    assert client.put(address(ServiceRequestFactory(owner=user), "withdraw")).status_code == 405
