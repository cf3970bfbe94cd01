"""A form that is sent after the session has ended: the text waits for its writer, and for nobody else."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as project
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from requests_app import unsent
from requests_app.lifecycle import Status
from requests_app.models import Attachment, Message, ServiceRequest
from requests_app.services import complaint, inquiry
from tests.factories import PASSWORD, ConsumerFactory, ServiceRequestFactory, StaffFactory
from tests.files import upload

pytestmark = pytest.mark.django_db

INQUIRY = reverse("requests:submit", args=["inquiry"])
STORY = "Рассказ, который писали целый час."


@pytest.fixture
def user():
    return ConsumerFactory(agreed=True).user


@pytest.fixture
def client(client, user):
    client.force_login(user)
    return client


def end_session(client):
    """As when it is too old: the cookie is still there, the session is not."""
    client.session.delete()


def send(client, address=INQUIRY, *, page=None, **answers):
    """Open the form, let the session end, send the form."""
    mark = client.get(page or address).context["mark"]
    end_session(client)
    form = {"submission_key": str(uuid.uuid4()), **inquiry.SERVICE.example, "question": STORY, **answers}
    return client.post(address, {"given_to": mark, **form})


def log_in(client, user, next_page):
    """Through the form, in the session that the text waits in."""
    client.get(reverse("accounts:consent"))
    form = {"username": user.email, "password": PASSWORD, "next": next_page}
    return client.post(reverse("accounts:login"), form)


def test_the_text_is_back_after_login(client, user):
    sent = send(client)

    response = log_in(client, user, INQUIRY)
    html = client.get(response.url).content.decode()

    assert sent.url == f"{reverse('accounts:login')}?next={INQUIRY}"
    assert response.url == INQUIRY
    assert f">\n{STORY}</textarea>" in html
    assert "Вы снова вошли" in html
    assert "data-error-summary" not in html


def test_nothing_is_sent_by_itself(client, user):
    send(client)

    client.get(log_in(client, user, INQUIRY).url)

    assert not ServiceRequest.objects.exists()


def test_every_answer_is_back(client, user):
    address = reverse("requests:submit", args=["complaint"])
    answers = {**complaint.SERVICE.example, "reply_channel": "post", "postal_address": "344000, а/я 1"}
    send(client, address, **answers)

    log_in(client, user, address)
    form = client.get(address).context["form"]

    assert {name: form[name].value() for name in answers} == {**answers, "no_contract": True}


def test_the_restored_form_can_be_sent(client, user):
    send(client)
    log_in(client, user, INQUIRY)
    form = client.get(INQUIRY).context["form"]

    client.post(
        INQUIRY, {**inquiry.SERVICE.example, "question": form["question"].value(), "submission_key": str(form.key)}
    )

    assert ServiceRequest.objects.get().detail.question == STORY


def test_the_login_page_says_that_the_text_is_kept(client):
    response = send(client)

    assert "текст сохранён" in client.get(response.url, follow=True).content.decode()


def test_files_are_not_kept_but_those_of_an_earlier_try_are(client, user):
    key = str(uuid.uuid4())
    refused = {**inquiry.SERVICE.example, "submission_key": key, "question": "", "files": [upload("Акт.pdf")]}
    client.post(INQUIRY, refused)
    send(client, submission_key=key, files=[upload("Новый.pdf")])

    log_in(client, user, INQUIRY)
    html = client.get(INQUIRY).content.decode()

    assert "Убрать «Акт.pdf»" in html
    assert "Новый.pdf" not in html
    assert Attachment.objects.count() == 1


def test_a_message_comes_back_to_the_page_of_its_request(client, user):
    service_request = ServiceRequestFactory(owner=user)
    page = service_request.get_absolute_url()
    address = reverse("requests:message", args=[service_request.number])

    sent = send(client, address, page=page, body=STORY)
    log_in(client, user, page)
    html = client.get(page).content.decode()

    assert sent.url == f"{reverse('accounts:login')}?next={page}"
    assert f">\n{STORY}</textarea>" in html
    assert not Message.objects.exists()


def test_a_disagreement_comes_back_too(client, user):
    service_request = ServiceRequestFactory(owner=user, status=Status.ANSWERED)
    address = reverse("requests:transition", args=[service_request.number, "dispute"])

    send(client, address, comment=STORY)
    log_in(client, user, address)
    html = client.get(address).content.decode()

    service_request.refresh_from_db()
    assert f">\n{STORY}</textarea>" in html
    assert service_request.status == Status.ANSWERED


def test_it_comes_back_once(client, user):
    send(client)
    log_in(client, user, INQUIRY)

    client.get(INQUIRY)

    assert STORY not in client.get(INQUIRY).content.decode()


def test_another_page_does_not_get_it(client, user):
    send(client)
    log_in(client, user, INQUIRY)

    other = client.get(reverse("requests:submit", args=["consultation"])).content.decode()

    assert STORY not in other
    assert STORY in client.get(INQUIRY).content.decode()


def test_another_person_on_the_same_computer_never_sees_it(client):
    neighbour = ConsumerFactory(agreed=True).user
    send(client)

    log_in(client, neighbour, INQUIRY)
    html = client.get(INQUIRY).content.decode()

    assert STORY not in html
    assert "unsent" not in client.session


def test_after_half_an_hour_it_is_gone(client, user):
    send(client)

    with time_machine.travel(timezone.now() + unsent.LIFETIME + timedelta(minutes=1), tick=False):
        log_in(client, user, INQUIRY)
        html = client.get(INQUIRY).content.decode()

        assert STORY not in html
        assert "unsent" not in client.session


@pytest.mark.parametrize("mark", ["", "1", "forged:mark"])
def test_a_form_that_was_given_to_nobody_is_not_kept(client, mark):
    end_session(client)

    response = client.post(INQUIRY, {"given_to": mark, "question": STORY})

    assert response.url == f"{reverse('accounts:login')}?next={INQUIRY}"
    assert "unsent" not in client.session


def test_a_huge_text_does_not_fill_the_sessions(client):
    send(client, question="я" * unsent.MAX_LENGTH)

    assert "unsent" not in client.session


def test_what_another_site_sends_is_not_kept(user):
    client = Client(enforce_csrf_checks=True)

    response = client.post(INQUIRY, {"given_to": unsent.mark(user), "question": STORY})

    assert response.status_code == 403
    assert "unsent" not in client.session


def test_other_addresses_lead_to_login_as_ever(client):
    end_session(client)

    response = client.post(reverse("accounts:profile"), {"given_to": "x", "last_name": STORY})

    assert response.url == f"{reverse('accounts:login')}?next={reverse('accounts:profile')}"


def test_the_text_is_kept_before_the_login_is_asked_for():
    order = [
        "django.middleware.csrf.CsrfViewMiddleware",
        "requests_app.middleware.UnsentTextMiddleware",
        "django.contrib.auth.middleware.LoginRequiredMiddleware",
    ]

    assert [name for name in project.MIDDLEWARE if name in order] == order


@pytest.mark.parametrize(
    ("page", "field"),
    [
        ("admin:requests_app_servicerequest_transition", "comment"),
        ("admin:requests_app_servicerequest_message", "body"),
        ("admin:requests_app_servicerequest_note", "body"),
    ],
)
def test_an_operator_finds_the_answer_again(page, field):
    operator, client = StaffFactory(group="operator"), Client()
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)
    arguments = [service_request.pk, "answer"] if page.endswith("transition") else [service_request.pk]
    address = reverse(page, args=arguments)
    client.force_login(operator)
    mark = client.get(address).context["mark"]
    end_session(client)
    client.post(address, {"given_to": mark, field: STORY, "submission_key": str(uuid.uuid4())})
    client.post(reverse("admin:login"), {"username": operator.email, "password": PASSWORD, "next": address})

    response = client.get(address)

    assert response.context["form"][field].value() == STORY
    service_request.refresh_from_db()
    assert service_request.status == Status.IN_PROGRESS, "nothing is sent by itself"
    assert not Message.objects.exists()
