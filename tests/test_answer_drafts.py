"""The draft of an answer: kept for its writer alone, shown when the page is opened again, gone once it is sent."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from requests_app import actions
from requests_app.lifecycle import Status
from requests_app.models import AnswerDraft, Message, ServiceRequest
from requests_app.models.answering import DRAFT_KEPT
from tests.factories import ServiceRequestFactory, StaffFactory, step_form
from tests.files import upload

pytestmark = pytest.mark.django_db

JSON = {"Accept": "application/json"}


@pytest.fixture
def operator(client):
    operator = StaffFactory(group="operator", name="Марина Олеговна, оператор")
    client.force_login(operator)
    return operator


@pytest.fixture
def service_request():
    return ServiceRequestFactory(status=Status.IN_PROGRESS)


def at(service_request, name="answer"):
    if name in ("message", "note", "presence", "change"):
        return reverse(f"admin:requests_app_servicerequest_{name}", args=[service_request.pk])
    return reverse("admin:requests_app_servicerequest_transition", args=[service_request.pk, name])


def html_of(response):
    return response.content.decode().replace("&nbsp;", " ").replace("\N{NO-BREAK SPACE}", " ")


def draft(service_request, by, *, form="answer", answers="comment=%D0%AF"):
    return AnswerDraft.objects.create(service_request=service_request, author=by, form=form, answers=answers)


# -- Kept -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "field"), [("answer", "comment"), ("ask", "comment"), ("message", "body"), ("note", "body")]
)
def test_a_draft_is_shown_when_the_page_is_opened_again(client, operator, service_request, page, field):
    typed = {field: "Приедем\r\nв среду & <b>", "save_draft": "1"}

    saved = client.post(at(service_request, page), typed)
    opened = client.get(at(service_request, page))

    assert saved.url == at(service_request, page)
    assert opened.context["form"][field].value() == "Приедем\nв среду & <b>"
    local = timezone.localtime(AnswerDraft.objects.get().saved_at)
    assert f"черновик от {local.hour}:{local:%M}" in html_of(opened)
    assert "Удалить черновик" in html_of(opened)
    assert not Message.objects.exists()


def test_the_other_answers_are_kept_too_and_files_are_not(client, operator, service_request):
    typed = {"comment": "Да.", "category": "complaint_metering", "measures_done": "Осмотр", "files": [upload()]}

    saved = client.post(at(service_request), {**typed, "save_draft": "1"}, follow=True)

    form = saved.context["form"]
    assert (form["category"].value(), form["measures_done"].value()) == ("complaint_metering", "Осмотр")
    assert "Файлы в него не входят" in html_of(saved)
    assert "files" not in AnswerDraft.objects.get().answers
    assert "submission_key" not in AnswerDraft.objects.get().answers


def test_the_box_on_the_page_of_the_request_shows_the_draft(client, operator, service_request):
    draft(service_request, operator, answers="comment=%D0%9F%D1%80%D0%B8%D0%B5%D0%B4%D0%B5%D0%BC")
    draft(service_request, operator, form="ask")

    html = html_of(client.get(at(service_request, "change")))

    assert "Приедем</textarea>" in html
    assert f'<a href="{at(service_request, "ask")}">черновик «запросить сведения»</a>' in html
    assert "черновик «ответить»</a>" not in html  # it is there in full


def test_a_script_saves_without_a_page(client, operator, service_request):
    typed = {"comment": "Приедем", "save_draft": "1"}

    first = client.post(at(service_request), typed, headers=JSON)
    emptied = client.post(at(service_request), {**typed, "comment": " "}, headers=JSON)

    local = timezone.localtime()
    assert first.json()["saved"].startswith(f"{local.hour}:")
    assert emptied.json() == {"saved": ""}
    assert not AnswerDraft.objects.exists()


def test_the_newest_text_is_the_one_that_is_kept(client, operator, service_request):
    for text in ("Приедем", "Приедем в среду"):
        client.post(at(service_request), {"comment": text, "save_draft": "1"})

    assert client.get(at(service_request)).context["form"]["comment"].value() == "Приедем в среду"
    assert AnswerDraft.objects.count() == 1


@pytest.mark.parametrize("text", ["", "   ", "я" * 40_000, "\0"])
def test_nothing_and_too_much_are_not_kept(client, operator, service_request, text):
    response = client.post(at(service_request), {"comment": text, "save_draft": "1"}, follow=True)

    assert "Черновик не сохранён" in html_of(response)
    assert not AnswerDraft.objects.exists()


def test_absurd_input_is_stored_as_text(client, operator, service_request):
    data = {"comment": "а\0б ٣", "category": "weather", "measures_done": "😀", "save_draft": "1", "x": "y"}

    client.post(at(service_request), data)
    opened = client.get(at(service_request))

    assert opened.context["form"]["comment"].value() == "аб ٣"
    assert opened.status_code == 200
    assert "x=" not in AnswerDraft.objects.get().answers


# -- Gone -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("page", "field"), [("answer", "comment"), ("message", "body"), ("note", "body")])
def test_a_draft_is_gone_once_it_is_sent(client, operator, service_request, page, field):
    draft(service_request, operator, form=page)
    other = draft(service_request, operator, form="ask")
    of_colleague = draft(service_request, StaffFactory(group="operator"), form=page)

    client.post(at(service_request, page), {field: "Приедем.", "category": "appeal_other"})

    assert Message.objects.get().body == "Приедем."
    assert set(AnswerDraft.objects.all()) == {other, of_colleague}


def test_a_refused_form_keeps_the_draft(client, operator, service_request):
    kept = draft(service_request, operator)

    client.post(at(service_request), {"comment": "", "category": "appeal_other"})

    assert AnswerDraft.objects.get() == kept


def test_a_draft_is_deleted_by_its_writer(client, operator, service_request):
    draft(service_request, operator)
    of_colleague = draft(service_request, StaffFactory(group="operator"))

    response = client.post(at(service_request), {"comment": "Я", "delete_draft": "1"}, follow=True)

    assert "Черновик удалён" in html_of(response)
    assert AnswerDraft.objects.get() == of_colleague
    assert not response.context["form"]["comment"].value()


def test_a_late_save_does_not_bring_back_what_was_sent(client, operator, service_request):
    """The script had sent it when the button was pressed, and it comes in after the answer."""
    typed = {"comment": "Приедем.", "category": "appeal_other", "submission_key": str(uuid.uuid4())}
    client.post(at(service_request), typed)

    late = client.post(at(service_request), {**typed, "save_draft": "1"}, headers=JSON)

    assert late.json() == {"saved": ""}
    assert not AnswerDraft.objects.exists()


def test_a_draft_is_read_even_when_the_step_cannot_be_taken_any_more(client, operator):
    service_request = ServiceRequestFactory(status=Status.ANSWERED)
    draft(service_request, operator, answers="comment=%D0%9F%D1%80%D0%B8%D0%B5%D0%B4%D0%B5%D0%BC")

    assert "Приедем</textarea>" in html_of(client.get(at(service_request)))


def test_old_drafts_are_removed_by_the_cleaning(operator, service_request):
    old, recent = draft(service_request, operator), draft(service_request, operator, form="ask")
    AnswerDraft.objects.filter(pk=old.pk).update(saved_at=timezone.now() - DRAFT_KEPT - timedelta(minutes=1))

    call_command("cleanup_files")

    assert AnswerDraft.objects.get() == recent


# -- Whose ----------------------------------------------------------------------------------------------------------


def test_a_colleague_sees_that_there_is_a_draft_and_not_its_text(client, operator, service_request):
    draft(service_request, StaffFactory(group="operator", name="Иванова А."), answers="comment=secret-words")

    pages = [client.get(at(service_request, "change")), client.get(at(service_request))]
    pages.append(client.post(at(service_request, "presence")))

    for page in pages:
        assert "Есть черновик «ответить»: <strong>Иванова А.</strong>" in html_of(page)
        assert "secret-words" not in html_of(page)


def test_the_consumer_and_strangers_learn_nothing_of_a_draft(operator, service_request):
    draft(service_request, operator, answers="comment=secret-words")
    consumer, editor = Client(), Client()
    consumer.force_login(service_request.owner)
    editor.force_login(StaffFactory(group="editor"))

    html = html_of(consumer.get(service_request.get_absolute_url(), follow=True))

    assert "secret-words" not in html
    assert "черновик" not in html.lower()
    for method in (editor.get, editor.post):
        assert method(at(service_request), {"comment": "Я", "save_draft": "1"}).status_code == 403
    for by in (service_request.owner, StaffFactory(group="editor")):
        with pytest.raises(PermissionDenied):
            actions.save_draft(service_request, form="answer", answers="a=b", key=uuid.uuid4(), by=by)


def test_a_closed_queue_keeps_no_drafts_of_others(client, operator):
    from requests_app.services import violation_report
    from tests.factories import submitted

    report = submitted(violation_report.SERVICE)

    assert client.post(at(report, "message"), {"body": "Я", "save_draft": "1"}).status_code == 404
    assert not AnswerDraft.objects.exists()


def test_one_draft_of_a_form_by_constraint(operator, service_request):
    draft(service_request, operator)

    for wrong in ({}, {"form": "ask", "answers": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            draft(service_request, operator, **wrong)


# -- At once --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_save_and_a_sending_in_the_same_moment_leave_no_draft():
    operator = StaffFactory(group="operator")
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)
    form = step_form("answer", by=operator, comment="Приедем.")

    def send(_):
        try:
            with transaction.atomic():
                actions.check_nothing_new(service_request, seen=None, key=form.key, by=operator)
                actions.transition(service_request, "answer", by=operator, form=form)
                actions.drop_draft(service_request, form="answer", by=operator)
        finally:
            connection.close()

    def save(number):
        try:
            actions.save_draft(service_request, form="answer", answers=f"comment={number}", key=form.key, by=operator)
        finally:
            connection.close()

    with ThreadPoolExecutor(7) as pool:
        for done in (
            [pool.submit(save, number) for number in range(3)]
            + [pool.submit(send, 0)]
            + [pool.submit(save, number) for number in range(3)]
        ):
            done.result()

    assert not AnswerDraft.objects.exists()
    assert ServiceRequest.objects.get().status == Status.ANSWERED
