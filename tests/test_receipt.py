"""The receipt: what the consumer keeps on paper."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from requests_app.models import Audience, MessageKind
from requests_app.services import SERVICES, inquiry
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
def client(client, user):
    client.force_login(user)
    return client


def address(service_request):
    return reverse("requests:receipt", args=[service_request.number])


def receipt(client, service_request):
    return client.get(address(service_request)).content.decode()


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.slug)
def test_it_holds_what_was_asked_with_its_files(client, user, service):
    sent = submitted(service, owner=user, files=[fitting(service)])

    html = receipt(client, sent)

    assert service.summary in html
    for row in sent.rows():
        assert f"<dt>{row.label}</dt><dd>{row.value}</dd>" in html
    assert "1. Акт." in html


@time_machine.travel("2026-11-24T20:30:00Z", tick=False)  # 23:30 in Moscow
def test_it_holds_number_moment_and_term(client, user):
    html = receipt(client, ServiceRequestFactory(owner=user, number="2026-000077", due_on=date(2026, 12, 9)))

    assert "№&nbsp;2026-000077" in html
    assert "24\N{NO-BREAK SPACE}ноября\N{NO-BREAK SPACE}2026, вторник, в&nbsp;23:30 по" in html
    assert "9\N{NO-BREAK SPACE}декабря\N{NO-BREAK SPACE}2026, среда" in html
    assert (
        "15\N{NO-BREAK SPACE}календарных дней со\N{NO-BREAK SPACE}дня, следующего за\N{NO-BREAK SPACE}отправкой" in html
    )
    assert "Срок, установленный РСМ Энерго" in html


def test_the_applicant_is_who_they_were_and_the_snils_is_masked(client, user):
    sent = submitted(inquiry.SERVICE, owner=user)
    user.consumer.last_name = "Новая-Фамилия"
    user.consumer.save()

    main = receipt(client, sent).split("<main")[1]

    assert "Самойлов Николай Петрович" in main
    assert "Новая-Фамилия" not in main
    assert user.consumer.masked_identifier in main
    assert user.consumer.snils not in main


def test_the_operator_is_named(client, user):
    assert "ООО «Ростсельмашэнерго»" in receipt(client, ServiceRequestFactory(owner=user))


def test_what_was_written_later_is_no_part_of_it(client, user):
    service_request = ServiceRequestFactory(owner=user)
    note = MessageFactory(
        service_request=service_request,
        author=StaffFactory(),
        audience=Audience.STAFF,
        kind=MessageKind.NOTE,
        body="Склочник, осторожно.",
    )
    AttachmentFactory(service_request=service_request, message=note, original_name="Внутреннее.pdf")

    html = receipt(client, service_request)

    assert "Склочник" not in html
    assert "Внутреннее.pdf" not in html


def test_the_print_button_waits_for_scripts(client, user):
    assert "data-print hidden" in receipt(client, ServiceRequestFactory(owner=user))


def test_a_stranger_gets_404(client):
    assert client.get(address(ServiceRequestFactory())).status_code == 404


def test_anonymous_is_led_to_login(client, user):
    client.logout()
    url = address(ServiceRequestFactory(owner=user))

    assert client.get(url).url == f"{reverse('accounts:login')}?next={url}"


def test_only_reading(client, user):
    assert client.post(address(ServiceRequestFactory(owner=user))).status_code == 405
