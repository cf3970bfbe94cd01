"""The choice of a service."""

import dataclasses

import pytest
from django.urls import reverse

from accounts.models import LegalForm
from requests_app import services
from requests_app.services import SERVICES
from tests.factories import ConsumerFactory

pytestmark = pytest.mark.django_db

NEW = reverse("requests:new")


@pytest.fixture
def client(client):
    client.force_login(ConsumerFactory().user)
    return client


def test_every_service_leads_to_its_form(client):
    html = client.get(NEW).content.decode()

    for service in SERVICES:
        assert f'href="{reverse("requests:submit", args=[service.slug])}">{service.title}</a>' in html


def test_a_service_for_others_is_not_offered(client, monkeypatch):
    for_companies = dataclasses.replace(SERVICES[0], allowed_for=(LegalForm.COMPANY,))
    monkeypatch.setattr(services, "SERVICES", (for_companies, *SERVICES[1:]))

    html = client.get(NEW).content.decode()

    assert SERVICES[0].title not in html
    assert SERVICES[1].title in html


def test_anonymous_is_led_to_login(client):
    client.logout()

    assert client.get(NEW).url.startswith(reverse("accounts:login"))


def test_only_reading(client):
    assert client.post(NEW).status_code == 405


def test_cost(client, django_assert_num_queries):
    with django_assert_num_queries(2):
        client.get(NEW)
