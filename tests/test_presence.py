"""«Кто ещё смотрит»: colleagues who have the same request open are named, and nobody is kept logged in by it."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from requests_app.lifecycle import Status
from requests_app.models import Presence
from requests_app.services import violation_report
from tests.factories import ServiceRequestFactory, StaffFactory, submitted

pytestmark = pytest.mark.django_db


def at(service_request, page):
    if page == "answer":
        return reverse("admin:requests_app_servicerequest_transition", args=[service_request.pk, "answer"])
    return reverse(f"admin:requests_app_servicerequest_{page}", args=[service_request.pk])


def logged_in(name, group="operator"):
    client = Client()
    client.force_login(StaffFactory(group=group, name=name))
    return client


@pytest.fixture
def service_request():
    return ServiceRequestFactory(status=Status.IN_PROGRESS)


@pytest.fixture
def client():
    return logged_in("Марина Олеговна")


def told(response):
    html = response.content.decode().replace("&nbsp;", " ")
    if "data-presence-note" not in html:
        return html
    return html.split("data-presence-note>")[1].split("</div>")[0]


@pytest.mark.parametrize(("page", "words"), [("change", "</strong>."), ("answer", "</strong>, пишет ответ.")])
def test_a_colleague_is_named_without_any_script(client, service_request, page, words):
    logged_in("Иванова А.").get(at(service_request, page))

    for mine in ("change", "answer", "message", "assign"):
        assert f"Сейчас эту заявку смотрит <strong>Иванова А.{words}" in told(client.get(at(service_request, mine)))


def test_nobody_is_told_of_themselves_nor_of_another_request(client, service_request):
    logged_in("Иванова А.").get(at(ServiceRequestFactory(), "change"))
    client.get(at(service_request, "change"))

    assert "смотрит" not in told(client.get(at(service_request, "change")))


def test_after_two_minutes_without_a_sign_somebody_has_left(client, service_request):
    other = logged_in("Иванова А.")
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        other.get(at(service_request, "answer"))
    with time_machine.travel(now + timedelta(seconds=100), tick=False):
        other.post(at(service_request, "presence"))
    with time_machine.travel(now + timedelta(seconds=150), tick=False):
        assert "<strong>Иванова А.</strong>." in told(client.get(at(service_request, "change")))  # no more writing
    with time_machine.travel(now + timedelta(seconds=221), tick=False):
        assert "Иванова" not in told(client.get(at(service_request, "change")))


def test_a_script_learns_who_looks_and_says_that_one_writes(client, service_request):
    other = logged_in("Иванова А.")

    other.post(at(service_request, "presence"), {"writing": "1"})
    answer = client.post(at(service_request, "presence"))

    assert "<html" not in answer.content.decode()
    assert "<strong>Иванова А.</strong>, пишет ответ" in told(answer)
    assert Presence.objects.count() == 2


def test_a_tab_that_only_looks_does_not_undo_the_writing_of_another(client, service_request):
    other = logged_in("Иванова А.")
    other.get(at(service_request, "answer"))
    other.get(at(service_request, "change"))

    assert "пишет ответ" in told(client.get(at(service_request, "change")))


def test_a_name_is_text(client, service_request):
    logged_in("<b>Имя</b>").get(at(service_request, "change"))

    assert "&lt;b&gt;Имя" in told(client.post(at(service_request, "presence")))


@pytest.mark.parametrize(("group", "status"), [("editor", 403), ("dpo", 404), ("inspector", 404)])
def test_who_may_not_see_the_request_is_neither_told_nor_noted(service_request, group, status):
    assert logged_in("Кто-то", group).post(at(service_request, "presence")).status_code == status
    assert not Presence.objects.exists()


def test_a_closed_queue_names_nobody(client):
    report = submitted(violation_report.SERVICE)
    logged_in("Виктор Павлович", "inspector").get(at(report, "change"))

    assert client.post(at(report, "presence")).status_code == 404


def test_a_sign_is_sent_by_post_with_the_token(client, service_request):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(StaffFactory(group="operator"))

    assert client.get(at(service_request, "presence")).status_code == 405
    assert strict.post(at(service_request, "presence")).status_code == 403
    assert "/login/" in Client().post(at(service_request, "presence")).url


def test_an_open_page_does_not_keep_the_session_alive(service_request):
    """The script asks by itself, so it is no sign that anybody is there; a draft that is typed is one."""
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        client, writer = logged_in("Марина"), logged_in("Иванова")
        client.get(at(service_request, "change"))
        writer.get(at(service_request, "change"))
    with time_machine.travel(now + settings.STAFF_IDLE * 0.6, tick=False):
        assert client.post(at(service_request, "presence")).status_code == 200
        writer.post(at(service_request, "answer"), {"comment": "Да", "save_draft": "1"})
    with time_machine.travel(now + settings.STAFF_IDLE * 1.1, tick=False):
        assert client.post(at(service_request, "presence")).status_code == 302
        assert writer.post(at(service_request, "presence")).status_code == 200


def test_a_sign_costs_little(client, service_request, django_assert_num_queries):
    for number in range(10):
        logged_in(f"Иванова {number}").post(at(service_request, "presence"))

    with django_assert_num_queries(8):  # session, user, two of permissions, request, note, who else, drafts
        client.post(at(service_request, "presence"))


def test_the_cleaning_forgets_who_looked(client, service_request):
    client.get(at(service_request, "change"))
    Presence.objects.update(seen_at=timezone.now() - timedelta(days=2))

    call_command("cleanup_files")

    assert not Presence.objects.exists()
