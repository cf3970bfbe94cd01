"""An appeal that a colleague writes down: what is refused, and what is sent twice."""

import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from requests_app import actions, services
from requests_app.models import Reception, ServiceRequest
from requests_app.services import complaint, inquiry, violation_report
from requests_app.services.base import CannotBeSent
from tests.factories import (
    ConsumerFactory,
    StaffFactory,
    submitted,
)
from tests.files import upload
from tests.on_behalf import (  # noqa: F401  `tuesday_noon` is a fixture
    QUESTION,
    REGISTER,
    asked,
    facts,
    form_for,
    form_page,
    html_of,
    nobody,
    stranger,
    tuesday_noon,
    written_down,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday_noon")]


@pytest.fixture
def operator():
    return StaffFactory(group="operator")


# -- What is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"received_at": "2026-11-24T12:01"}, "received_at"),
        ({"received_at": "2024-11-24T12:01"}, "received_at"),
        ({"received_at": ""}, "received_at"),
        ({"received_at": "вчера"}, "received_at"),
        ({"consent": ""}, "consent"),
        ({"consent": "no"}, "consent"),
        ({"consent_on": "2026-11-25"}, "consent_on"),
        ({"consent_on": "0001-01-01"}, "consent_on"),
        ({"appeal_form": "pigeon"}, "appeal_form"),
        ({"name": ""}, "name"),
        ({"name": "\0"}, "name"),
        ({"phone": ""}, "phone"),
        ({"phone": "٠١٢٣"}, "phone"),
        ({"reply_channel": "email"}, "email"),
        ({"reply_channel": "post"}, "address"),
        ({"reply_channel": "cabinet"}, "reply_channel"),
        ({"legal_form": "ghost"}, "legal_form"),
    ],
)
def test_what_cannot_be_is_said_by_its_field(client, operator, values, field):
    client.force_login(operator)

    response = client.post(form_page(inquiry.SERVICE), {**stranger(**values), **asked()})

    assert response.status_code == 200
    assert field in response.context["reception"].errors
    assert QUESTION in html_of(response)
    assert not ServiceRequest.objects.exists()


@pytest.mark.parametrize(
    ("of_reception", "of_service", "heading", "targets"),
    [
        (
            {"name": "", "consent": ""},
            {"topic": "", "question": ""},
            "Исправьте четыре поля",
            ["id_reception-name", "id_reception-consent_0", "id_topic_0", "id_question"],
        ),
        ({"phone": ""}, {}, "Исправьте одно поле", ["id_reception-phone"]),
        ({}, {"question": ""}, "Исправьте одно поле", ["id_question"]),
    ],
)
def test_one_summary_leads_to_all_that_is_wrong(client, operator, of_reception, of_service, heading, targets):
    client.force_login(operator)

    html = html_of(client.post(form_page(inquiry.SERVICE), {**stranger(**of_reception), **asked(**of_service)}))

    [summary] = re.findall(r"<section[^>]* data-error-summary>.*?</section>", html, re.DOTALL)
    assert f"<h2>{heading}</h2>" in summary
    assert re.findall(r'href="#([^"]+)"', summary) == targets
    assert all(f'id="{target}"' in html for target in targets)


def test_what_the_action_refuses_is_the_heading(client, operator, monkeypatch):
    def refuse(**asked):
        raise actions.TransitionNotAllowed("Такое сейчас не записать.")

    client.force_login(operator)
    monkeypatch.setattr(actions, "register_on_behalf", refuse)

    html = html_of(client.post(form_page(inquiry.SERVICE), {**stranger(), **asked()}))

    assert "<h2>Такое сейчас не записать.</h2>" in html


def test_a_scan_of_the_consent_must_be_there(client, operator):
    client.force_login(operator)
    without = client.post(form_page(inquiry.SERVICE), {**stranger(consent="scan"), **asked()})
    assert "files" in without.context["form"].errors

    client.post(form_page(inquiry.SERVICE), {**stranger(consent="scan"), **asked(), "files": upload("Согласие.pdf")})

    assert ServiceRequest.objects.get().attachments.get().uploader == operator


def test_files_of_a_refused_form_are_kept(client, operator):
    client.force_login(operator)
    data = {**stranger(name=""), **asked()}
    refused = client.post(form_page(inquiry.SERVICE), {**data, "files": upload("Заявление.pdf")})
    assert "Заявление.pdf" in html_of(refused)

    client.post(form_page(inquiry.SERVICE), {**data, **stranger()})

    assert ServiceRequest.objects.get().attachments.get().original_name == "Заявление.pdf"


@pytest.mark.parametrize(
    "values",
    [
        {"received_at": timezone.make_aware(timezone.datetime(2026, 11, 24, 12, 1))},
        {"consent_on": date(2026, 11, 25)},
        {"consent": "scan"},
    ],
)
def test_the_action_refuses_too(operator, values):
    with pytest.raises(CannotBeSent):
        written_down(by=operator, **values)

    assert not ServiceRequest.objects.exists()


@pytest.mark.parametrize("group", ["dpo", "editor", None])
def test_who_does_not_process_writes_nothing_down(group):
    with pytest.raises(PermissionDenied):
        written_down(by=StaffFactory(group=group))


def test_a_service_that_is_not_seen_is_not_offered(client, operator):
    client.force_login(operator)

    page = html_of(client.get(REGISTER, {"stranger": "1"}))

    assert form_page(inquiry.SERVICE) in page
    assert form_page(violation_report.SERVICE) not in page
    assert client.get(form_page(violation_report.SERVICE)).status_code == 404
    assert client.get(form_page(services.get("survey"))).status_code == 404
    with pytest.raises(PermissionDenied):
        written_down(violation_report.SERVICE, by=operator, answers={"reporter": "named"})


def test_a_colleague_learns_nothing_of_reports_that_are_closed_to_them(client, operator):
    owner = ConsumerFactory().user
    report = submitted(violation_report.SERVICE, owner=owner, reporter="named")
    earlier = submitted(inquiry.SERVICE, owner=owner)
    client.force_login(operator)

    page = html_of(client.get(form_page(complaint.SERVICE, consumer=owner.pk)))

    assert earlier.number in page
    assert report.number not in page


@pytest.mark.parametrize("key", ["0", "x", "٣", "9" * 30, "999999"])
@pytest.mark.parametrize("name", ["consumer", "visit"])
def test_nobody_by_that_key(client, operator, name, key):
    client.force_login(operator)

    for address in (REGISTER, form_page(inquiry.SERVICE)):
        assert client.get(address, {name: key}).status_code == 404


# -- Once -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_known", [True, False])
def test_the_same_form_sent_twice_is_one(operator, is_known):
    owner, key = (ConsumerFactory().user if is_known else None), uuid.uuid4()

    made = [written_down(owner=owner, by=operator, key=key) for _ in range(2)]

    assert made[0] == made[1]
    assert ServiceRequest.objects.count() == Reception.objects.count() == 1


def test_the_same_content_within_ten_minutes_is_one_and_of_another_person_two(operator):
    first = written_down(by=operator)

    assert written_down(by=operator) == first
    assert written_down(by=operator, applicant=nobody(name="Лужин Пётр Ильич")) != first
    with time_machine.travel("2026-11-24T09:11:00Z", tick=False):
        assert written_down(by=operator) != first


def test_another_content_under_the_same_key_is_asked_about(client, operator):
    client.force_login(operator)
    data = {**stranger(), **asked()}
    client.post(form_page(inquiry.SERVICE), data)

    again = client.post(form_page(inquiry.SERVICE), {**data, "question": "Совсем другой вопрос о тарифах"})

    assert "Эту форму вы уже отправили" in html_of(again)
    assert ServiceRequest.objects.count() == 1
    client.post(form_page(inquiry.SERVICE), {**data, **again.context["form"].data.dict()})
    assert ServiceRequest.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_colleagues_and_two_presses_at_once():
    colleagues = [StaffFactory(group="operator") for _ in range(2)]
    owner = ConsumerFactory().user
    sendings = [(by, form_for(inquiry.SERVICE, owner, by, key=key)) for by in colleagues for key in [uuid.uuid4()] * 2]
    told_facts = facts(owner)

    def send(sending):
        by, form = sending
        try:
            return actions.register_on_behalf(service=inquiry.SERVICE, form=form, facts=told_facts, by=by).number
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(send, sendings))

    assert len(set(numbers)) == ServiceRequest.objects.count() == 2
    assert numbers[0] == numbers[1]
    assert numbers[2] == numbers[3]
