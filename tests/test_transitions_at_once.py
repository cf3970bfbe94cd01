"""A step taken twice, and two people at the same request in the same moment."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from post_office.models import Email

from requests_app import actions
from requests_app.lifecycle import Status
from requests_app.models import Attachment, Message, ServiceRequest
from tests.factories import ServiceRequestFactory, StaffFactory, step_form
from tests.files import upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator():
    return StaffFactory(group="operator")


def take(service_request, name, *, by, **form):
    return actions.transition(service_request, name, by=by, form=step_form(name, by=by, **form))


@pytest.mark.parametrize("comment", ["", "Больше не нужно."])
def test_the_same_form_twice_is_one_step(comment):
    service_request = ServiceRequestFactory()
    form = step_form("withdraw", by=service_request.owner, comment=comment)

    first, second = (
        actions.transition(service_request, "withdraw", by=service_request.owner, form=form) for _ in range(2)
    )

    assert first.status == second.status == Status.WITHDRAWN
    assert service_request.status_changes.count() == 2
    assert service_request.messages.count() == bool(comment)
    assert Email.objects.count() == 1


def test_an_edited_form_sent_again_is_refused_and_not_taken_for_the_first(operator):
    """Back, another text, and again: saying that it was done would lose the new text."""
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)
    form = step_form("answer", by=operator, comment="Приедем в среду.")
    actions.transition(service_request, "answer", by=operator, form=form)

    with pytest.raises(actions.TransitionNotAllowed):
        take(service_request, "answer", by=operator, comment="Приедем в четверг.", key=form.key)

    assert service_request.messages.get().body == "Приедем в среду."


def test_an_edited_form_sent_again_is_a_new_step_where_one_is_allowed(operator):
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)
    form = step_form("ask", by=operator, comment="Пришлите акт.")
    actions.transition(service_request, "ask", by=operator, form=form)
    actions.transition(service_request, "resume", by=operator)

    asked = take(service_request, "ask", by=operator, comment="И договор.", key=form.key)

    assert asked.status == Status.AWAITING_CONSUMER
    assert [message.body for message in asked.messages.all()] == ["Пришлите акт.", "И договор."]


def test_the_second_of_two_operators_is_told_and_overwrites_nothing(operator):
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)
    seen_by_second = ServiceRequest.objects.get()
    take(service_request, "answer", by=operator, comment="Первый ответ.")

    with pytest.raises(actions.TransitionNotAllowed, match="Ответ дан"):
        take(seen_by_second, "answer", by=StaffFactory(group="operator"), comment="Второй ответ.")

    assert service_request.messages.get().body == "Первый ответ."


@pytest.mark.django_db(transaction=True)
def test_of_operators_in_the_same_moment_one_answers():
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)
    operators = [StaffFactory(group="operator") for _ in range(6)]

    def answer(by):
        try:
            take(service_request, "answer", by=by)
        except actions.TransitionNotAllowed:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(len(operators)) as pool:
        answered = list(pool.map(answer, operators))

    assert sum(answered) == 1
    assert Message.objects.count() == Email.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_double_click_in_the_same_moment_is_one_step():
    service_request = ServiceRequestFactory()
    forms = [
        step_form("withdraw", by=service_request.owner, key="7b9d5c1e-8a0f-4d55-9a3b-d0c8f1a3e111") for _ in range(6)
    ]

    def withdraw(form):
        try:
            return actions.transition(service_request, "withdraw", by=service_request.owner, form=form).status
        finally:
            connection.close()

    with ThreadPoolExecutor(len(forms)) as pool:
        statuses = set(pool.map(withdraw, forms))

    assert statuses == {Status.WITHDRAWN}
    assert service_request.status_changes.count() == 2


def test_a_failure_leaves_status_history_and_text_as_they_were(operator, monkeypatch):
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)
    form = step_form("answer", by=operator, files=[upload()])

    def fail(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr("requests_app.actions.life_cycle.notifications.status_changed", fail)
    with pytest.raises(ZeroDivisionError):
        actions.transition(service_request, "answer", by=operator, form=form)

    service_request.refresh_from_db()
    assert service_request.status == Status.IN_PROGRESS
    assert service_request.status_changes.count() == 2
    assert not Message.objects.exists()
    assert not Attachment.objects.exists()
