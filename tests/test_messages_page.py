"""Writing in a request."""

import uuid

import pytest
from django.urls import reverse

from requests_app.lifecycle import Status
from requests_app.models import Attachment, Message
from tests.factories import ConsumerFactory, ServiceRequestFactory
from tests.files import upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return ConsumerFactory().user


@pytest.fixture
def client(client, user):
    client.force_login(user)
    return client


def address(service_request):
    return reverse("requests:message", args=[service_request.number])


def test_a_message_with_a_file_is_sent(client, user):
    service_request = ServiceRequestFactory(owner=user)

    response = client.post(
        address(service_request), {"body": "Когда мастер?", "files": [upload("Акт.pdf")]}, follow=True
    )

    message = service_request.messages.get()
    assert message.body == "Когда мастер?"
    assert message.author == user
    assert message.attachments.get().original_name == "Акт.pdf"
    assert response.redirect_chain == [(service_request.get_absolute_url(), 302)]
    assert "Сообщение отправлено." in response.content.decode()


def test_an_answer_to_a_question_brings_the_request_back_to_work(client, user):
    service_request = ServiceRequestFactory(owner=user, status=Status.AWAITING_CONSUMER)

    client.post(address(service_request), {"body": "Договор ЭС-118/2024."})

    service_request.refresh_from_db()
    assert service_request.status == Status.IN_PROGRESS


def test_pressing_twice_sends_once(client, user):
    service_request = ServiceRequestFactory(owner=user)
    form = {"submission_key": str(uuid.uuid4()), "body": "Когда мастер?"}

    client.post(address(service_request), form)
    client.post(address(service_request), form)

    assert service_request.messages.count() == 1


def test_an_empty_message_is_refused_and_its_file_kept(client, user):
    service_request = ServiceRequestFactory(owner=user)

    html = client.post(address(service_request), {"body": " ", "files": [upload("Акт.pdf")]}).content.decode()

    assert "data-error-summary" in html
    assert 'aria-invalid="true"' in html
    assert "Убрать «Акт.pdf»" in html
    assert not Message.objects.exists()


def test_a_bad_file_does_not_cost_the_text(client, user):
    service_request = ServiceRequestFactory(owner=user)

    html = client.post(address(service_request), {"body": "Смотрите.", "files": [upload("a.exe")]}).content.decode()

    assert ">\nСмотрите.</textarea>" in html
    assert "a.exe" in html
    assert not Attachment.objects.exists()


def test_a_text_that_came_too_late_is_shown_with_the_reason(client, user):
    service_request = ServiceRequestFactory(owner=user, status=Status.CLOSED)

    html = client.post(address(service_request), {"body": "И ещё вопрос."}).content.decode()

    assert "Заявка завершена, написать в неё уже нельзя." in html
    assert ">\nИ ещё вопрос.</textarea>" in html
    assert not Message.objects.exists()


def test_a_full_disk_costs_the_files_but_not_the_text(client, user, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("django.core.files.storage.FileSystemStorage.save", full)
    service_request = ServiceRequestFactory(owner=user)

    html = client.post(address(service_request), {"body": "Смотрите.", "files": [upload()]}).content.decode()

    assert "Файлы сейчас не сохраняются" in html
    assert ">\nСмотрите.</textarea>" in html
    assert not Message.objects.exists()


def test_a_note_cannot_be_smuggled_in(client, user):
    service_request = ServiceRequestFactory(owner=user)

    client.post(address(service_request), {"body": "Заметка.", "kind": "note", "audience": "staff"})

    message = service_request.messages.get()
    assert message.kind == "message"
    assert message.audience == "consumer"


def test_opening_the_address_leads_to_the_request(client, user):
    service_request = ServiceRequestFactory(owner=user)

    assert client.get(address(service_request)).url == service_request.get_absolute_url()


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_gets_404(client, method):
    service_request = ServiceRequestFactory()

    response = getattr(client, method)(address(service_request), {"body": "Пустите."})

    assert response.status_code == 404
    assert not Message.objects.exists()


def test_anonymous_is_led_to_login_and_from_there_to_the_request(client, user):
    client.logout()
    service_request = ServiceRequestFactory(owner=user)

    response = client.post(address(service_request), {"body": "Пустите."})

    assert response.url.startswith(reverse("accounts:login"))
    assert not Message.objects.exists()


def test_other_methods_are_refused(client, user):
    assert client.put(address(ServiceRequestFactory(owner=user))).status_code == 405
