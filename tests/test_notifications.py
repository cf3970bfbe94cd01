"""Letters about requests: once, to whom they belong, and with nothing of the content."""

import pytest
from django.core.exceptions import ValidationError
from post_office.models import Email

from requests_app import actions, notifications
from requests_app.lifecycle import TRANSITIONS, Actor, Status
from requests_app.models import ServiceRequest
from requests_app.services import SERVICES, inquiry
from rsmportal import mail
from tests.factories import (
    ConsumerFactory,
    ServiceRequestFactory,
    StaffFactory,
    group_of_staff,
    said,
    step_form,
    submitted,
)
from tests.files import upload

pytestmark = pytest.mark.django_db

SECRET = "В подвале по Портовой 71 сорвана пломба"


@pytest.fixture
def operator():
    return StaffFactory(group="operator")


def letters():
    """The queue: recipient → subjects in the order of sending."""
    sent = {}
    for letter in Email.objects.order_by("pk"):
        (recipient,) = letter.to
        sent.setdefault(recipient, []).append(letter.subject)
    return sent


# -- Which letters --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.slug)
def test_a_new_request_is_confirmed(service):
    service_request = submitted(service)

    subject = f"Заявка № {service_request.number} {service.registered_news}"
    assert letters() == {service_request.owner.email: [subject]}


@pytest.mark.parametrize("step", TRANSITIONS, ids=lambda step: step.name)
def test_the_consumer_hears_of_every_step_but_their_own_answer(step, operator):
    service_request = ServiceRequestFactory(status=step.sources[0])
    by = service_request.owner if step.actor == Actor.CONSUMER else operator

    actions.transition(service_request, step.name, by=by, form=step_form(step.name, by=by))

    expected = [f"Заявка № {service_request.number}: {step.news}"] if step.news else []
    assert letters().get(service_request.owner.email, []) == expected


@pytest.mark.parametrize("step", TRANSITIONS, ids=lambda step: step.name)
def test_the_assignee_hears_of_what_the_consumer_did(step, operator):
    service_request = ServiceRequestFactory(status=step.sources[0])
    actions.assign(service_request, to=operator, by=operator)
    by = service_request.owner if step.actor == Actor.CONSUMER else operator

    actions.transition(service_request, step.name, by=by, form=step_form(step.name, by=by))

    assert len(letters().get(operator.email, [])) == (step.actor == Actor.CONSUMER)


def test_a_message_of_staff_is_announced_to_the_consumer(operator):
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)
    actions.assign(service_request, to=operator, by=operator)

    actions.post_message(service_request, form=said(by=operator), by=operator)

    assert letters() == {service_request.owner.email: [f"Заявка № {service_request.number}: новое сообщение"]}


def test_a_message_of_the_consumer_is_announced_to_the_assignee(operator):
    service_request = ServiceRequestFactory(status=Status.AWAITING_CONSUMER)
    actions.assign(service_request, to=operator, by=operator)

    actions.post_message(service_request, form=said(by=service_request.owner), by=service_request.owner)

    assert letters() == {operator.email: [f"Заявка № {service_request.number}: заявитель написал"]}


@pytest.mark.parametrize("assignee", ["nobody", "one who has left"])
def test_without_an_assignee_nobody_is_written_to(assignee, operator):
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)
    if assignee == "one who has left":
        actions.assign(service_request, to=operator, by=operator)
        operator.is_active = False
        operator.save()

    actions.post_message(service_request, form=said(by=service_request.owner), by=service_request.owner)

    assert letters() == {}


def test_a_note_for_staff_announces_nothing(operator):
    service_request = ServiceRequestFactory()
    actions.assign(service_request, to=operator, by=operator)
    actions.write_note(service_request, form=said(SECRET, by=operator), by=operator)

    notifications.message_posted(service_request.messages.get())

    assert letters() == {}


def test_a_changed_address_gets_the_letters(operator):
    service_request = ServiceRequestFactory(applicant_email="old@example.org")

    actions.transition(service_request, "take", by=operator)

    assert list(letters()) == [service_request.owner.email]


# -- What stands in them --------------------------------------------------------------------------------------------


def test_a_letter_names_the_number_and_the_link_and_nothing_of_the_content(operator):
    consumer = ConsumerFactory(last_name="Приходько")
    service_request = submitted(inquiry.SERVICE, owner=consumer.user, question=SECRET, files=[upload("пломба.pdf")])
    actions.transition(service_request, "take", by=operator)
    actions.post_message(service_request, form=said(SECRET, by=operator), by=operator)
    actions.post_message(service_request, form=said(SECRET, by=consumer.user), by=consumer.user)
    actions.transition(service_request, "answer", by=operator, form=step_form("answer", by=operator, comment=SECRET))

    assert Email.objects.count() == 5
    for letter in Email.objects.all():
        for text in (letter.subject, letter.message, letter.html_message):
            assert service_request.number in text
            for private in ("Портовой", "Портовая", "пломб", "Приходько", consumer.user.email, service_request.subject):
                assert private not in text
        if letter.to == [consumer.user.email]:
            link = f"http://testserver/requests/{service_request.number}/"
        else:
            link = f"http://testserver/admin/requests_app/servicerequest/{service_request.pk}/change/"
        assert link in letter.message
        assert f'href="{link}"' in letter.html_message


def test_a_letter_says_that_a_machine_wrote_it_and_who_it_is(operator):
    """RFC 3834: other machines do not answer it; Message-ID: a repeated one is known as such."""
    submitted(inquiry.SERVICE)

    letter = Email.objects.get()
    assert letter.headers == {"Auto-Submitted": "auto-generated"}
    assert letter.message_id


# -- The queue ------------------------------------------------------------------------------------------------------


def test_nothing_is_sent_before_the_worker_sends_it(mailoutbox):
    submitted(inquiry.SERVICE)

    assert mailoutbox == []


@pytest.mark.parametrize("number", ["{{ settings.SECRET_KEY }}", "{% load static %}", "{# note", "<b>&amp;"])
def test_what_people_typed_is_no_template(number):
    mail.queue(
        "new_message",
        to="a@example.org",
        subject=f"Заявка {number}",
        context={"service_request": ServiceRequest(number=number), "link": "http://testserver/"},
    )

    letter = Email.objects.get()
    assert letter.subject == f"Заявка {number}"
    assert number in letter.message
    assert number.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in letter.html_message


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x0b", "\x85", "\N{LINE SEPARATOR}"])
def test_a_subject_is_one_line(end):
    mail.queue("password_reset", to="a@example.org", subject=f"Пароль{end}Bcc: all@example.org", context={"link": "/"})

    letter = Email.objects.get()
    assert letter.subject == "Пароль Bcc: all@example.org"
    assert letter.email_message().message()["Bcc"] is None


@pytest.mark.parametrize("to", ["a@example.org\r\nBcc: b@example.org", "a@example.org, b@example.org", "nobody", ""])
def test_an_address_that_is_none_is_refused(to):
    with pytest.raises(ValidationError):
        mail.queue("password_reset", to=to, subject="Пароль", context={"link": "/"})

    assert not Email.objects.exists()


def test_operators_may_see_requests():
    """What `visible_to` and the letters of staff stand on."""
    permissions = group_of_staff("operator").permissions.values_list("codename", flat=True)

    assert {"view_servicerequest", "process_servicerequest"} <= set(permissions)
