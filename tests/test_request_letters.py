"""Letters about requests as they are read: number and link, in text and HTML, and nothing of what was written."""

import re

import pytest
from post_office.models import Email

from requests_app import actions
from requests_app.services import SERVICES, inquiry
from tests.factories import ConsumerFactory, StaffFactory, said, step_form, submitted
from tests.files import upload

pytestmark = pytest.mark.django_db

SECRET = "Сосед ворует электричество по ночам."


@pytest.fixture
def owner():
    return ConsumerFactory().user


@pytest.fixture
def operator():
    return StaffFactory(group="operator")


@pytest.fixture
def service_request(owner):
    sent = submitted(inquiry.SERVICE, owner=owner, question=SECRET, files=[upload("Тайна.pdf")])
    Email.objects.all().delete()
    return sent


def last_letter():
    """The newest letter as the reader gets it: subject, text and HTML."""
    message = Email.objects.latest("pk").prepare_email_message()
    [(html, kind)] = [(part.content, part.mimetype) for part in message.alternatives]
    assert kind == "text/html"
    return message, message.subject, message.body, html


def assert_number_and_link_only(service_request, link):
    _, subject, text, html = last_letter()
    assert service_request.number in subject
    for letter in (text, html):
        assert link in letter
        assert service_request.number in letter
        for secret in (SECRET, "Тайна.pdf", "Самойлов", "Николай", "Петрович", "Марина", "СНИЛС", "+7928"):
            assert secret not in letter


def page(service_request):
    return f"http://testserver{service_request.get_absolute_url()}"


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.slug)
def test_registration(owner, service):
    sent = submitted(service, owner=owner)

    message, subject, text, _ = last_letter()
    assert message.to == [owner.email]
    assert subject == f"Заявка № {sent.number} {service.registered_news}"
    assert sent.number in text
    assert page(sent) in text


def test_registration_says_nothing_of_what_was_asked(owner):
    sent = submitted(inquiry.SERVICE, owner=owner, question=SECRET, files=[upload("Тайна.pdf")])

    assert_number_and_link_only(sent, page(sent))


def test_a_new_status(service_request, operator):
    actions.transition(service_request, "take", by=operator)

    _, subject, text, _ = last_letter()
    assert subject == f"Заявка № {service_request.number}: взята в работу"
    assert "взята в работу" in text
    assert_number_and_link_only(service_request, page(service_request))


def test_an_answer_stays_in_the_cabinet(service_request, operator):
    actions.transition(service_request, "take", by=operator)

    actions.transition(service_request, "answer", by=operator, form=step_form("answer", by=operator, comment=SECRET))

    assert_number_and_link_only(service_request, page(service_request))


def test_a_message_of_staff(service_request, operator):
    actions.post_message(service_request, form=said(SECRET, by=operator, files=[upload("Тайна.pdf")]), by=operator)

    message, *_ = last_letter()
    assert message.to == [service_request.owner.email]
    assert_number_and_link_only(service_request, page(service_request))


def test_what_the_consumer_did_is_told_to_the_assignee(service_request, owner, operator):
    taken = actions.transition(service_request, "take", by=operator)

    actions.post_message(taken, form=said(SECRET, by=owner), by=owner)

    message, _, text, _ = last_letter()
    assert message.to == [operator.email]
    assert "заявитель написал" in text
    assert_number_and_link_only(taken, f"http://testserver/admin/requests_app/servicerequest/{taken.pk}/change/")


def test_the_html_loads_nothing_from_anywhere(service_request, operator):
    actions.transition(service_request, "take", by=operator)

    *_, html = last_letter()
    assert not re.search(r"<(img|script|link|iframe)|url\(", html)


def test_text_and_html_are_whole(service_request, operator):
    actions.transition(service_request, "take", by=operator)

    _, _, text, html = last_letter()
    assert "{{" not in text + html
    assert "{%" not in text + html
    assert "&nbsp;" not in text
    assert "ООО «Ростсельмашэнерго»" in text
