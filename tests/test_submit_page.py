"""The form of a service as a page; what sending does is tested beside `actions.submit`."""

import dataclasses
import re
import uuid
from datetime import date

import pytest
import time_machine
from django.urls import reverse

from accounts.models import LegalForm
from requests_app import services
from requests_app.deadlines import DayKind
from requests_app.lifecycle import Status
from requests_app.models import Attachment, ServiceRequest, ServiceTerm
from requests_app.services import SERVICES, complaint, consultation, inquiry, survey
from rsmportal import site
from tests.factories import ConsumerFactory
from tests.files import fitting, upload
from tests.scenes import SCENES

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return ConsumerFactory().user


@pytest.fixture
def client(client, user):
    client.force_login(user)
    return client


@pytest.fixture(autouse=True)
def scenes(user):
    """What services choose from is there; slug → the data of their forms."""
    return {slug: make(user) for slug, make in SCENES.items()}


def address(service):
    return reverse("requests:submit", args=[service.slug])


def filled_in(service, **answers):
    return {"submission_key": str(uuid.uuid4()), **service.example, **answers}


def post(client, service, **answers):
    return client.post(address(service), filled_in(service, **answers))


# The entry to surveys is a list of them; each is answered on a page of its own: test_surveys.py.
WITH_A_FORM = [service for service in SERVICES if service is not survey.SERVICE]
every_service = pytest.mark.parametrize("service", WITH_A_FORM, ids=lambda service: service.slug)


# -- The page -------------------------------------------------------------------------------------------------------


@every_service
def test_the_form_is_named_by_what_happens(client, service):
    html = client.get(address(service)).content.decode()

    assert f"<h1>{service.title}</h1>" in html or service.form_template != "requests/submit.html"
    assert re.search(rf'<button class="button" type="submit">\s*{service.title}\s*</button>', html)


@every_service
def test_fields_stand_in_the_order_of_the_form(client, service):
    html = client.get(address(service)).content.decode()
    names = [name for name in service.form_class(owner=ConsumerFactory().user).fields if name != "submission_key"]

    places = [html.index(f'name="{name}"') for name in names]

    assert places == sorted(places)


@time_machine.travel("2026-11-24T09:00:00Z", tick=False)
def test_the_term_is_told_before_sending(client):
    html = client.get(address(inquiry.SERVICE)).content.decode()

    assert '<time datetime="2026-12-09">9\N{NO-BREAK SPACE}декабря</time>' in html
    assert "15\N{NO-BREAK SPACE}календарных дней" in html
    assert "Срок, установленный РСМ Энерго" in html


@time_machine.travel("2026-11-24T09:00:00Z", tick=False)
def test_the_term_that_staff_have_set_is_told(client):
    ServiceTerm.objects.create(
        service="inquiry", days=3, day_kind=DayKind.WORKING, legal_basis="Приказ № 7", valid_from=date(2026, 11, 1)
    )

    html = client.get(address(inquiry.SERVICE)).content.decode()

    assert '<time datetime="2026-11-27">' in html
    assert "3\N{NO-BREAK SPACE}рабочих дня" in html
    assert "Приказ № 7" in html


def test_danger_is_told_to_call_112(client):
    html = client.get(address(complaint.SERVICE)).content.decode()

    assert 'href="tel:112"' in html


def test_danger_is_told_to_call_the_dispatcher_when_there_is_one(client, monkeypatch):
    dispatcher = site.Phone(title="Диспетчер", number="8 (863) 200-00-00")
    with_dispatcher = dataclasses.replace(
        site.site_at(""), operator=site.Operator(name="", legal_name="", dispatcher=dispatcher)
    )
    monkeypatch.setattr("rsmportal.context_processors.site_at", lambda path: with_dispatcher)

    html = client.get(address(complaint.SERVICE)).content.decode()

    assert 'Диспетчер: <a href="tel:+78632000000">' in html


def test_other_services_speak_of_no_danger(client):
    assert "tel:112" not in client.get(address(inquiry.SERVICE)).content.decode()


# -- Sending --------------------------------------------------------------------------------------------------------


@every_service
def test_a_filled_form_becomes_a_request_with_its_file(client, user, service, scenes):
    response = post(client, service, **scenes.get(service.slug, {}), files=[fitting(service)])

    sent = ServiceRequest.objects.get(owner=user)
    assert response.url == sent.get_absolute_url()
    assert sent.service == service.slug
    assert sent.attachments.count() == ("files" in service.form_class.common)


def test_the_number_is_told(client, user):
    response = client.post(address(inquiry.SERVICE), filled_in(inquiry.SERVICE), follow=True)

    number = ServiceRequest.objects.get().number
    assert f"Заявка № {number} отправлена. Письмо придёт на {user.email}." in response.content.decode()


def test_another_person_cannot_be_made_the_owner(client, user):
    stranger = ConsumerFactory().user

    post(client, inquiry.SERVICE, owner=stranger.pk, status=Status.CLOSED, number="2020-000001", due_on="2099-01-01")

    sent = ServiceRequest.objects.get()
    assert sent.owner == user
    assert sent.status == Status.REGISTERED
    assert sent.number != "2020-000001"
    assert sent.due_on < date(2099, 1, 1)


# -- Bad input ------------------------------------------------------------------------------------------------------


@every_service
def test_an_empty_form_is_refused_at_its_fields(client, service):
    response = client.post(address(service), {})

    html = response.content.decode()
    assert response.status_code == 200
    assert "data-error-summary" in html
    assert 'aria-invalid="true"' in html
    assert "<title>Ошибка:" in html
    assert not ServiceRequest.objects.exists()


def test_nothing_typed_is_lost(client):
    answers = {"question": "мало", "object_address": "ул. Портовая, 71", "reply_channel": "post"}

    html = post(client, inquiry.SERVICE, **answers).content.decode()

    assert ">\nмало</textarea>" in html
    assert 'value="ул. Портовая, 71"' in html
    assert re.search(r'value="post"[^>]*checked', html)


def test_good_files_of_a_refused_form_are_kept_and_listed(client, user):
    refused = post(client, inquiry.SERVICE, question="", files=[upload("Акт.pdf"), upload("bad.exe")])

    kept = Attachment.objects.get()
    html = refused.content.decode()
    assert "Убрать «Акт.pdf»" in html
    assert f'name="remove_file" value="{kept.pk}"' in html


def test_kept_files_are_sent_with_the_next_try(client):
    key = str(uuid.uuid4())
    post(client, inquiry.SERVICE, submission_key=key, question="", files=[upload("Акт.pdf")])

    post(client, inquiry.SERVICE, submission_key=key)

    assert [file.original_name for file in ServiceRequest.objects.get().attachments.all()] == ["Акт.pdf"]


def test_a_kept_file_that_was_ticked_is_removed(client):
    key = str(uuid.uuid4())
    post(client, inquiry.SERVICE, submission_key=key, question="", files=[upload("Акт.pdf")])

    post(client, inquiry.SERVICE, submission_key=key, remove_file=Attachment.objects.get().pk)

    assert not ServiceRequest.objects.get().attachments.exists()


def test_the_page_asks_again_when_the_form_was_sent_before_with_another_text(client):
    key = str(uuid.uuid4())
    post(client, inquiry.SERVICE, submission_key=key)

    response = post(client, inquiry.SERVICE, submission_key=key, question="Совсем другой вопрос о тарифах.")

    html = response.content.decode()
    assert "Эту форму вы уже отправили" in html
    assert ServiceRequest.objects.get().number in html
    assert "Совсем другой вопрос о тарифах." in html


def test_pressing_again_sends_it_as_a_new_one(client):
    key = str(uuid.uuid4())
    post(client, inquiry.SERVICE, submission_key=key)
    another = {"question": "Совсем другой вопрос о тарифах."}
    asked = post(client, inquiry.SERVICE, submission_key=key, **another)
    new_key = re.search(r'name="submission_key" value="([^"]+)"', asked.content.decode())[1]

    post(client, inquiry.SERVICE, submission_key=new_key, **another)

    assert ServiceRequest.objects.count() == 2


def test_a_full_disk_costs_the_files_but_not_the_text(client, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("django.core.files.storage.FileSystemStorage.save", full)

    html = post(client, inquiry.SERVICE, files=[upload()]).content.decode()

    assert "Файлы сейчас не сохраняются" in html
    assert inquiry.SERVICE.example["question"] in html
    assert not ServiceRequest.objects.exists()


@pytest.mark.parametrize("nonsense", ["\x00", "😀" * 5000, "‮" * 20, "<script>alert(1)</script>" * 3])
def test_nonsense_is_never_an_error_of_the_server(client, nonsense):
    response = post(client, consultation.SERVICE, question=nonsense, call_phone=nonsense, object_address=nonsense)

    assert response.status_code in (200, 302)


def test_markup_is_shown_as_text(client):
    html = post(client, inquiry.SERVICE, question="", object_address='"><script>alert(1)</script>').content.decode()

    assert "<script>alert" not in html


# -- Who may --------------------------------------------------------------------------------------------------------


def test_an_unknown_service_is_not_found(client):
    assert client.get(reverse("requests:submit", args=["miracle"])).status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_service_for_others_is_not_found(client, monkeypatch, method):
    for_companies = dataclasses.replace(inquiry.SERVICE, allowed_for=(LegalForm.COMPANY,))
    monkeypatch.setattr(services, "get_or_404", lambda slug: for_companies)

    assert getattr(client, method)(address(inquiry.SERVICE)).status_code == 404


@every_service
def test_anonymous_is_led_to_login(client, service):
    client.logout()

    assert client.get(address(service)).url == f"{reverse('accounts:login')}?next={address(service)}"


def test_other_methods_are_refused(client):
    assert client.put(address(inquiry.SERVICE)).status_code == 405
