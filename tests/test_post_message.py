"""What the two sides write to each other, and the notes of staff; actions.post_message and actions.write_note."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from post_office.models import Email

from requests_app import actions
from requests_app.forms import MessageForm
from requests_app.lifecycle import FINAL_STATUSES, OPEN_STATUSES, Status
from requests_app.models import Attachment, Audience, Message, MessageKind
from tests.factories import ConsumerFactory, MessageFactory, ServiceRequestFactory, StaffFactory, said
from tests.files import PDF, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator():
    return StaffFactory(group="operator")


@pytest.fixture
def service_request():
    return ServiceRequestFactory(status=Status.IN_PROGRESS)


def post(service_request, body="Когда приедет мастер?", *, by, **form):
    return actions.post_message(service_request, form=said(body, by=by, **form), by=by)


def bodies(service_request):
    return [message.body for message in service_request.messages.all()]


# -- Messages -------------------------------------------------------------------------------------------------------


def test_both_sides_write(service_request, operator):
    post(service_request, "Когда приедет мастер?", by=service_request.owner)
    post(service_request, "В среду.", by=operator)

    question, answer = service_request.messages.all()
    assert (question.body, question.is_from_staff) == ("Когда приедет мастер?", False)
    assert (answer.body, answer.is_from_staff) == ("В среду.", True)
    assert {question.audience, answer.audience} == {Audience.CONSUMER}
    assert {question.kind, answer.kind} == {MessageKind.MESSAGE}


def test_files_belong_to_the_message_and_its_request(service_request):
    post(service_request, by=service_request.owner, files=[upload("Акт.pdf")])

    attachment = Attachment.objects.get()
    assert (attachment.message, attachment.service_request) == (Message.objects.get(), service_request)


@pytest.mark.parametrize("status", [*OPEN_STATUSES, Status.ANSWERED])
def test_a_request_that_is_not_finished_can_be_written_in(status):
    service_request = ServiceRequestFactory(status=status)

    post(service_request, by=service_request.owner)

    assert service_request.messages.count() == 1


@pytest.mark.parametrize("status", FINAL_STATUSES)
def test_a_finished_request_cannot(status, operator):
    service_request = ServiceRequestFactory(status=status)

    for by in (service_request.owner, operator):
        with pytest.raises(actions.TransitionNotAllowed):
            post(service_request, by=by, files=[upload()])

    assert not Message.objects.exists()
    assert not Attachment.objects.exists()


def test_a_request_that_was_finished_meanwhile_cannot(service_request, operator):
    form = said(by=service_request.owner)
    actions.transition(service_request, "withdraw", by=service_request.owner)

    with pytest.raises(actions.TransitionNotAllowed):
        actions.post_message(service_request, form=form, by=service_request.owner)


@pytest.mark.parametrize("group", [None, "", "editor", "dpo"])
def test_nobody_else_writes(service_request, group):
    by = ConsumerFactory().user if group is None else StaffFactory(group=group)

    with pytest.raises(PermissionDenied):
        post(service_request, by=by)

    assert not Message.objects.exists()


def test_an_empty_message_is_refused(service_request):
    form = MessageForm({"body": "  "}, owner=service_request.owner)

    assert list(form.errors) == ["body"]


# -- The answer to a question ---------------------------------------------------------------------------------------


def test_the_consumers_answer_brings_the_request_back_to_work():
    service_request = ServiceRequestFactory(status=Status.AWAITING_CONSUMER)

    changed = post(service_request, "Вот акт.", by=service_request.owner)

    assert changed.status == Status.IN_PROGRESS
    change = service_request.status_changes.last()
    assert (change.event, change.from_status) == ("Заявитель ответил", Status.AWAITING_CONSUMER)


def test_a_message_of_staff_does_not(operator):
    service_request = ServiceRequestFactory(status=Status.AWAITING_CONSUMER)

    assert post(service_request, "И ещё договор.", by=operator).status == Status.AWAITING_CONSUMER


def test_the_term_does_not_stop_while_the_consumer_is_asked():
    service_request = ServiceRequestFactory(status=Status.AWAITING_CONSUMER)

    assert post(service_request, by=service_request.owner).due_on == service_request.due_on


# -- Twice ----------------------------------------------------------------------------------------------------------


def test_the_same_form_twice_is_one_message(service_request):
    form = said(by=service_request.owner, files=[upload()])

    for _ in range(2):
        actions.post_message(service_request, form=form, by=service_request.owner)

    assert Message.objects.count() == Attachment.objects.count() == 1


def test_a_double_click_that_answers_a_question_is_one_step():
    service_request = ServiceRequestFactory(status=Status.AWAITING_CONSUMER)
    form = said(by=service_request.owner)

    for _ in range(2):
        actions.post_message(service_request, form=form, by=service_request.owner)

    assert service_request.status_changes.count() == 3


@pytest.mark.parametrize(
    ("text", "file"), [("Другой текст.", PDF), ("Когда приедет мастер?", PDF.replace(b"1.4", b"1.7"))]
)
def test_another_text_or_file_after_back_is_another_message(service_request, text, file):
    """Passing it off as sent would lose it."""
    form = said("Когда приедет мастер?", by=service_request.owner, files=[upload()])
    actions.post_message(service_request, form=form, by=service_request.owner)

    post(service_request, text, by=service_request.owner, key=form.key, files=[upload(data=file)])

    assert bodies(service_request) == ["Когда приедет мастер?", text]


def test_a_new_page_may_say_the_same_again(service_request):
    post(service_request, "Ау?", by=service_request.owner)
    post(service_request, "Ау?", by=service_request.owner)

    assert bodies(service_request) == ["Ау?", "Ау?"]


@pytest.mark.django_db(transaction=True)
def test_parallel_posts_of_one_form_are_one_message():
    service_request = ServiceRequestFactory(status=Status.AWAITING_CONSUMER)
    key = "7b9d5c1e-8a0f-4d55-9a3b-d0c8f1a3e112"
    forms = [said(by=service_request.owner, key=key, files=[upload()]) for _ in range(8)]

    def send(form):
        try:
            return actions.post_message(service_request, form=form, by=service_request.owner).status
        finally:
            connection.close()

    with ThreadPoolExecutor(len(forms)) as pool:
        statuses = set(pool.map(send, forms))

    assert statuses == {Status.IN_PROGRESS}
    assert Message.objects.count() == Attachment.objects.count() == 1
    assert service_request.status_changes.count() == 3


# -- Notes of staff -------------------------------------------------------------------------------------------------


def test_a_note_is_for_staff_and_sends_no_letter(service_request, operator):
    actions.assign(service_request, to=StaffFactory(group="operator"), by=operator)

    actions.write_note(service_request, form=said("Звонил, не отвечает.", by=operator, files=[upload()]), by=operator)

    note = Message.objects.get()
    assert (note.kind, note.audience) == (MessageKind.NOTE, Audience.STAFF)
    assert note.attachments.count() == 1
    assert not Email.objects.exists()


def test_a_note_is_possible_in_a_finished_request(operator):
    service_request = ServiceRequestFactory(status=Status.CLOSED)

    actions.write_note(service_request, form=said(by=operator), by=operator)

    assert Message.objects.count() == 1


def test_the_same_note_twice_is_one(service_request, operator):
    form = said(by=operator)

    for _ in range(2):
        actions.write_note(service_request, form=form, by=operator)

    assert Message.objects.count() == 1


@pytest.mark.parametrize("group", ["editor", "dpo", ""])
def test_notes_are_for_those_who_process_requests(service_request, group):
    for by in (service_request.owner, StaffFactory(group=group)):
        with pytest.raises(PermissionDenied):
            actions.write_note(service_request, form=said(by=by), by=by)


# -- Who sees what --------------------------------------------------------------------------------------------------


def test_each_sees_what_is_meant_for_them(service_request, operator):
    message = MessageFactory(service_request=service_request)
    note = MessageFactory(
        service_request=service_request, author=operator, kind=MessageKind.NOTE, audience=Audience.STAFF
    )
    of_another = MessageFactory()

    assert set(Message.objects.visible_to(service_request.owner)) == {message}
    assert set(Message.objects.visible_to(operator)) == {message, note, of_another}
    for stranger in (ConsumerFactory().user, StaffFactory(), StaffFactory(group="editor"), StaffFactory(group="dpo")):
        assert not Message.objects.visible_to(stranger).exists()
