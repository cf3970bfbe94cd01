"""Sessions of staff end when nobody works in them; what was being written is kept through both steps of the login."""

import base64
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as project
from django.contrib.auth import get_user
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import totp

from accounts import actions
from requests_app.models import Message
from rsmportal.settings import minutes
from tests.factories import PASSWORD, ConsumerFactory, ServiceRequestFactory, StaffFactory

pytestmark = pytest.mark.django_db

QUEUE = reverse("admin:requests_app_servicerequest_changelist")
LOGIN = reverse("admin:login")


@pytest.fixture
def colleague():
    return StaffFactory(group="operator")


@pytest.fixture
def client(colleague):
    client = Client()
    client.force_login(colleague, project.AUTHENTICATION_BACKENDS[-1])
    return client


def later(minutes):
    return time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=False)


def test_after_half_an_hour_without_work_staff_log_in_again(client):
    with later(31):
        response = client.get(QUEUE, follow=True)

    assert response.redirect_chain[-1][0].startswith(LOGIN)
    assert "Больше 30\N{NO-BREAK SPACE}минут вы ничего не\N{NO-BREAK SPACE}делали" in response.content.decode()
    assert get_user(client).is_anonymous


def test_every_click_begins_the_time_anew(client):
    for minute in (20, 40, 60):
        with later(minute):
            assert client.get(QUEUE).status_code == 200


def test_a_public_page_ends_it_too(client):
    with later(31):
        assert client.get(reverse("home")).status_code == 200
    assert get_user(client).is_anonymous


def test_the_time_is_a_setting(client, settings):
    settings.STAFF_IDLE = timedelta(minutes=5)

    with later(6):
        assert client.get(QUEUE).status_code == 302


def test_remember_me_does_not_outlast_it(colleague):
    client = Client()
    client.get(reverse("accounts:consent"))
    client.post(reverse("accounts:login"), {"username": colleague.email, "password": PASSWORD, "remember": "on"})

    with later(31):
        assert client.get(QUEUE).url.startswith(reverse("accounts:login"))


def test_consumers_are_not_hurried():
    client = Client()
    client.force_login(ConsumerFactory(agreed=True).user, project.AUTHENTICATION_BACKENDS[-1])

    with later(31):
        assert client.get(reverse("requests:cabinet")).status_code == 200


def test_the_session_is_written_once_a_minute_at_most(client, django_assert_num_queries):
    page = reverse("admin:requests_app_inquiry_changelist")
    with later(2):
        client.get(page)
        with django_assert_num_queries(6):  # the same as ever, and nothing is written
            client.get(page)


@pytest.mark.parametrize("value", ["0", "-5", "1441", "soon", "1.5", "1" * 30])
def test_a_senseless_time_stops_the_start(value, monkeypatch):
    from rsmportal import settings as module

    monkeypatch.setenv("STAFF_IDLE_MINUTES", value)
    with pytest.raises(ImproperlyConfigured, match="STAFF_IDLE_MINUTES"):
        module.read("STAFF_IDLE_MINUTES", minutes, None)


@pytest.mark.parametrize("with_code", [False, True])
def test_what_was_being_written_is_back_after_both_steps(client, colleague, settings, with_code):
    service_request = ServiceRequestFactory()
    page = reverse("admin:requests_app_servicerequest_message", args=[service_request.pk])
    secret = b"12345678901234567890"
    text = "Ответ, который писали сорок минут."
    mark = client.get(page).context["mark"]
    if with_code:
        settings.STAFF_SECOND_FACTOR = True
        base32 = base64.b32encode(secret).decode()
        actions.connect_device(colleague, secret=base32, step=1, instead_of=None)
        client.post(reverse("accounts:second_factor"), {"code": f"{totp(secret):06}"})

    with later(40):
        sent = client.post(page, {"given_to": mark, "body": text})
        assert "Больше 30" not in client.get(LOGIN).content.decode()  # one message is enough
        answer = client.post(LOGIN, {"username": colleague.email, "password": PASSWORD, "next": page})
        if with_code:
            closed = client.get(page)
            assert closed.url.startswith(reverse("accounts:second_factor"))
            answer = client.post(closed.url, {"code": f"{totp(secret):06}"})
        html = client.get(answer.url).content.decode()

    assert sent.status_code == 302
    assert answer.url == page
    assert text in html
    assert not Message.objects.filter(body=text).exists()
