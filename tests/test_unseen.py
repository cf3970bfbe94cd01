"""What has come while an answer was written: it stops the sending once, is shown, and nothing typed is lost."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from requests_app import actions, unseen
from requests_app.lifecycle import Status
from requests_app.models import Attachment, Message, ServiceRequest
from tests.factories import ServiceRequestFactory, StaffFactory, said, step_form
from tests.files import upload

pytestmark = pytest.mark.django_db


def at(service_request, name="answer"):
    if name in ("message", "note", "assign", "extend"):
        return reverse(f"admin:requests_app_servicerequest_{name}", args=[service_request.pk])
    return reverse("admin:requests_app_servicerequest_transition", args=[service_request.pk, name])


@pytest.fixture
def operator(client):
    operator = StaffFactory(group="operator", name="Марина Олеговна, оператор")
    client.force_login(operator)
    return operator


@pytest.fixture
def colleague():
    return StaffFactory(group="operator", name="Иванова А.")


@pytest.fixture
def service_request():
    return ServiceRequestFactory(status=Status.IN_PROGRESS)


def seen_on(response):
    """What the hidden field of the page carries."""
    return str(response.context["timeline"].seen)


def answer(seen, **more):
    return {"comment": "Приедем в среду.", "category": "appeal_other", "seen": seen, **more}


def news_of(response):
    return [(entry.who, entry.title, entry.text) for entry in response.context["news"]]


def test_a_message_of_the_consumer_stops_the_answer_once(client, operator, service_request):
    seen = seen_on(client.get(at(service_request)))
    owner = service_request.owner
    actions.post_message(service_request, form=said("Уже починили, не приезжайте.", by=owner), by=owner)

    stopped = client.post(at(service_request), answer(seen, files=[upload("Схема.pdf")]))

    html = stopped.content.decode().replace("&nbsp;", " ").replace("\N{NO-BREAK SPACE}", " ")
    assert "в заявке появилось новое" in html
    assert news_of(stopped) == [("Самойлов Николай Петрович", "", "Уже починили, не приезжайте.")]
    assert "Приедем в среду.</textarea>" in html
    assert "Убрать «Схема.pdf»" in html
    assert ServiceRequest.objects.get().status == Status.IN_PROGRESS
    key = stopped.context["form"].key
    client.post(at(service_request), answer(seen_on(stopped), submission_key=key))
    assert ServiceRequest.objects.get().status == Status.ANSWERED
    assert service_request.messages.last().attachments.get().original_name == "Схема.pdf"


def test_the_page_of_the_request_carries_what_was_seen_too(client, operator, service_request):
    page = client.get(reverse("admin:requests_app_servicerequest_change", args=[service_request.pk]))

    assert f'name="seen" value="{seen_on(page)}"' in page.content.decode()


@pytest.mark.parametrize("what", ["message", "note", "step", "assignment", "extension"])
def test_whatever_a_colleague_adds_is_shown(client, operator, colleague, service_request, what):
    seen = seen_on(client.get(at(service_request, "message")))
    if what == "message":
        actions.post_message(service_request, form=said("Я отвечу.", by=colleague), by=colleague)
    elif what == "note":
        actions.write_note(service_request, form=said("Ждём юриста.", by=colleague), by=colleague)
    elif what == "step":
        actions.transition(service_request, "ask", by=colleague, form=step_form("ask", by=colleague))
    elif what == "assignment":
        actions.assign(service_request, to=colleague, by=colleague)
    else:
        supervisor = StaffFactory(group="supervisor", name="Руководитель")
        day = timezone.localdate() + timezone.timedelta(days=20)
        service_request.extensions.create(
            disputes=0, from_day=service_request.due_on, until=day, reason="Нужен выезд.", by=supervisor
        )

    stopped = client.post(at(service_request, "message"), {"body": "Приедем.", "seen": seen})

    assert news_of(stopped)
    assert stopped.context["form"].non_field_errors()
    assert not Message.objects.filter(body="Приедем.").exists()
    again = client.post(at(service_request, "message"), {"body": "Приедем.", "seen": seen_on(stopped)})
    assert again.status_code == 302
    assert Message.objects.filter(body="Приедем.").count() == 1


def test_own_work_in_another_tab_is_no_news(client, operator, service_request):
    seen = seen_on(client.get(at(service_request)))
    actions.write_note(service_request, form=said("Похоже на прошлый год.", by=operator), by=operator)

    client.post(at(service_request), answer(seen))

    assert ServiceRequest.objects.get().status == Status.ANSWERED


def test_a_repeated_sending_is_not_stopped(client, operator, service_request):
    """A refresh after the answer of the consumer has come: it was sent, and is not asked about again."""
    page = client.get(at(service_request, "message"))
    data = {"body": "Приедем.", "seen": seen_on(page), "submission_key": page.context["form"].key}
    client.post(at(service_request, "message"), data)
    owner = service_request.owner
    actions.post_message(service_request, form=said("Спасибо.", by=owner), by=owner)

    assert client.post(at(service_request, "message"), data).status_code == 302
    assert Message.objects.filter(body="Приедем.").count() == 1


@pytest.mark.parametrize(
    "seen", ["", "1", "1.2", "a.b.c", "-1.0.0.0", "１.０.０.０", "9" * 40 + ".0.0.0", "\0", "1.1.1", "1.1.1.1.1"]
)
def test_what_cannot_be_read_stops_nothing(client, operator, service_request, seen):
    actions.post_message(service_request, form=said("Да.", by=service_request.owner), by=service_request.owner)

    client.post(at(service_request), answer(seen))

    assert unseen.read(seen) is None
    assert ServiceRequest.objects.get().status == Status.ANSWERED


def test_assigning_is_stopped_as_well(client, operator, colleague, service_request):
    seen = seen_on(client.get(at(service_request, "assign")))
    actions.write_note(service_request, form=said("Беру себе.", by=colleague), by=colleague)

    stopped = client.post(at(service_request, "assign"), {"assignee": operator.pk, "seen": seen})

    assert news_of(stopped) == [("Иванова А.", "Заметка", "Беру себе.")]
    assert ServiceRequest.objects.get().assignee is None


def test_who_was_given_the_request_meanwhile_keeps_it_until_that_is_seen(client, operator, colleague, service_request):
    seen = seen_on(client.get(at(service_request, "assign")))
    actions.assign(service_request, to=colleague, by=colleague)

    stopped = client.post(at(service_request, "assign"), {"assignee": operator.pk, "seen": seen})

    assert news_of(stopped) == [("Иванова А.", "Исполнитель: Иванова А.", "")]
    assert ServiceRequest.objects.get().assignee == colleague
    client.post(at(service_request, "assign"), {"assignee": operator.pk, "seen": seen_on(stopped)})
    assert ServiceRequest.objects.get().assignee == operator


def test_the_second_of_two_operators_reads_the_first_answer_beside_their_own(
    client, operator, colleague, service_request
):
    seen = seen_on(client.get(at(service_request)))
    actions.transition(
        service_request, "answer", by=colleague, form=step_form("answer", by=colleague, comment="Ответ.")
    )

    stopped = client.post(at(service_request), answer(seen))

    assert [text for _, _, text in news_of(stopped)] == ["", "Ответ."]
    assert "Приедем в среду.</textarea>" in stopped.content.decode()
    assert "отправьте ещё раз" not in stopped.content.decode()  # it would be refused
    second = client.post(at(service_request), answer(seen_on(stopped)))
    assert second.context["form"].non_field_errors()  # it is answered, and says so
    assert Message.objects.get().body == "Ответ."


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("page", ["answer", "message"])
def test_of_operators_in_the_same_moment_one_is_sent_and_no_text_is_lost(page):
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)
    clients = []
    for number in range(5):
        client = Client()
        client.force_login(StaffFactory(group="operator", name=f"Оператор {number}"))
        clients.append((number, client, seen_on(client.get(at(service_request, page)))))

    def send(each):
        number, client, seen = each
        field = "comment" if page == "answer" else "body"
        data = {field: f"Ответ {number}.", "category": "appeal_other", "seen": seen, "files": [upload(f"{number}.pdf")]}
        try:
            return number, client.post(at(service_request, page), data)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(clients)) as pool:
        answers = dict(pool.map(send, clients))

    sent = [number for number, response in answers.items() if response.status_code == 302]
    assert len(sent) == 1
    assert Message.objects.get().body == f"Ответ {sent[0]}."
    for number, response in answers.items():
        if number != sent[0]:
            html = response.content.decode()
            assert f"Ответ {number}.</textarea>" in html
            assert f"«{number}.pdf»" in html
            assert f"Ответ {sent[0]}." in html
    assert Attachment.objects.filter(draft_key=None).count() == 1


def test_looking_for_news_costs_four_queries(operator, colleague, service_request, django_assert_num_queries):
    for number in range(5):
        actions.write_note(service_request, form=said(f"{number}", by=colleague), by=colleague)

    operator.has_perm("requests_app.view_servicerequest")  # as any page has asked by then
    with django_assert_num_queries(4):
        assert len(unseen.since(service_request, unseen.Seen(0, 0, 0, 0), by=operator)) == 7
