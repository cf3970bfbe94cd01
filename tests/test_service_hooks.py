"""What a service may have of its own: another life, a step of the portal, a refusal, parts of pages, a line in the cabinet."""

import dataclasses
import uuid

import pytest
from django.urls import reverse

from requests_app import actions, services
from requests_app.codes import Outcome
from requests_app.lifecycle import APPEAL, Actor, Life, Status, Transition
from requests_app.models import ServiceRequest, StatusChange
from requests_app.services import inquiry
from requests_app.services.base import CannotBeSent, Notice
from tests.factories import ConsumerFactory, ServiceRequestFactory, StaffFactory, filled, step_form, submitted

pytestmark = pytest.mark.django_db

SETTLE = Transition(
    name="settle",
    label="Учесть",
    event="Учтена порталом",
    sources=(Status.REGISTERED,),
    target=Status.CLOSED,
    actor=Actor.SYSTEM,
)
SHORT = Life(
    transitions=(SETTLE,),
    what_next={Status.REGISTERED: "Ждите.", Status.CLOSED: "Всё сделано."},
    opening="Принята",
    labels={Status.CLOSED: "Учтена"},
    staff_labels={Status.REGISTERED: "Новая"},
    promises_answer=False,
    takes_messages=False,
)


@pytest.fixture
def use(monkeypatch):
    """Let inquiries be a service with other traits for one test."""

    def change(**traits):
        service = dataclasses.replace(inquiry.SERVICE, **traits)
        monkeypatch.setattr(services, "SERVICES", (service, *services.SERVICES[1:]))
        monkeypatch.setitem(services._BY_SLUG, service.slug, service)
        return service

    return change


@pytest.fixture
def operator_user():
    return StaffFactory(group="operator")


@pytest.fixture
def page_of(client):
    def read(service_request):
        client.force_login(service_request.owner)
        return client.get(service_request.get_absolute_url()).content.decode()

    return read


def test_the_words_of_a_life_stand_where_it_has_some():
    assert SHORT.label(Status.CLOSED) == SHORT.staff_label(Status.CLOSED) == "Учтена"
    assert (SHORT.label(Status.REGISTERED), SHORT.staff_label(Status.REGISTERED)) == ("Зарегистрирована", "Новая")
    with pytest.raises(KeyError):
        SHORT.get("take")


def test_a_life_that_promises_no_answer_names_no_day(use, page_of):
    use(life=SHORT)
    html = page_of(ServiceRequestFactory())

    assert "Ждите." in html
    assert "Ответим до" not in html
    assert 'id="reply"' not in html


def test_the_portal_itself_takes_the_first_step(use, page_of, monkeypatch):
    service = use(life=SHORT)
    monkeypatch.setattr(service.form_class, "first_step", lambda form: "settle")

    sent = ServiceRequest.objects.get(pk=submitted(service).pk)

    assert (sent.status, sent.status_label, sent.outcome) == (Status.CLOSED, "Учтена", Outcome.IN_TIME)
    assert [change.event for change in sent.status_changes.all()] == ["Принята", "Учтена порталом"]
    assert "Всё сделано." in page_of(sent)


def test_a_step_of_the_portal_is_nobodys_button(use, operator_user):
    use(life=SHORT)
    service_request = ServiceRequestFactory()

    for user in (service_request.owner, operator_user):
        assert actions.available_transitions(service_request, by=user) == []


def test_no_messages_where_the_life_takes_none(use, client):
    use(life=SHORT)
    service_request = ServiceRequestFactory()
    client.force_login(service_request.owner)

    response = client.post(reverse("requests:message", args=[service_request.number]), {"body": "Добрый день, это я."})

    assert response.status_code == 200
    assert not service_request.messages.exists()


def test_a_refusal_of_the_service_undoes_the_sending_and_keeps_the_text(client, monkeypatch):
    consumer = ConsumerFactory()
    client.force_login(consumer.user)

    def refuse(form, service_request):
        raise CannotBeSent("question", "Это время уже занято.")

    monkeypatch.setattr(inquiry.SERVICE.form_class, "save_detail", refuse)
    data = {**inquiry.SERVICE.example, "submission_key": uuid.uuid4()}
    response = client.post(reverse("requests:submit", args=["inquiry"]), data)

    html = response.content.decode()
    assert not ServiceRequest.objects.exists()
    assert "Это время уже занято." in html
    assert data["question"] in html


def test_a_service_may_forbid_a_step(monkeypatch):
    service_request = ServiceRequestFactory()
    monkeypatch.setattr(inquiry.Inquiry, "may_take", lambda detail, step, by: step.name != "withdraw")

    assert actions.available_transitions(service_request, by=service_request.owner) == []
    with pytest.raises(actions.TransitionNotAllowed):
        actions.transition(service_request, "withdraw", by=service_request.owner)


def test_what_a_service_does_after_a_step_is_undone_with_it(monkeypatch):
    service_request = ServiceRequestFactory()
    seen = []

    def note(detail, step, by):
        seen.append((step.name, detail.service_request.status, by))
        raise RuntimeError("stop")

    monkeypatch.setattr(inquiry.Inquiry, "after", note)
    form = step_form("withdraw", by=service_request.owner)
    with pytest.raises(RuntimeError):
        actions.transition(service_request, "withdraw", by=service_request.owner, form=form)

    assert seen == [("withdraw", Status.WITHDRAWN, service_request.owner)]
    assert not StatusChange.objects.filter(transition="withdraw").exists()
    service_request.refresh_from_db()
    assert service_request.status == Status.REGISTERED


def test_a_form_asks_only_the_common_questions_it_names(monkeypatch):
    monkeypatch.setattr(inquiry.SERVICE.form_class, "common", ["files"])
    form = filled(inquiry.SERVICE, owner=ConsumerFactory().user)

    assert form.is_valid(), form.errors
    assert [field.name for field in form.visible_fields()][-1] == "files"
    assert "reply_channel" not in form.fields


def test_the_cabinet_shows_what_a_service_has_to_say(use, client):
    consumer = ConsumerFactory()
    use(
        notices=lambda user: [
            Notice(title="Приём завтра", text=f"Ждём {user.email}.", url="/requests/", action="Открыть запись")
        ]
    )
    client.force_login(consumer.user)

    html = client.get(reverse("requests:cabinet")).content.decode()

    assert "Приём завтра" in html
    assert f"Ждём {consumer.user.email}." in html
    assert "Открыть запись" in html


def test_parts_of_pages_of_a_service_are_drawn(use, page_of, client, operator_user):
    use(page_template="components/pager.html", desk_template="components/pager.html")
    service_request = ServiceRequestFactory()
    client.force_login(service_request.owner)
    drawn = client.get(service_request.get_absolute_url())
    assert "components/pager.html" in [template.name for template in drawn.templates]

    client.force_login(operator_user)
    drawn = client.get(reverse("admin:requests_app_servicerequest_change", args=[service_request.pk]))
    assert "components/pager.html" in [template.name for template in drawn.templates]


def test_the_first_letter_may_have_words_of_its_own(use, monkeypatch):
    queued = []
    monkeypatch.setattr("rsmportal.mail.queue", lambda template, **letter: queued.append((template, letter["subject"])))
    sent = submitted(use(registered_letter="new_message", registered_news="принята"))

    assert queued == [("new_message", f"Заявка № {sent.number} принята")]


def test_most_services_live_the_life_of_an_appeal():
    assert services.lives()[0] is APPEAL
