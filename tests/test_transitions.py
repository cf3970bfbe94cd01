"""Steps of the life cycle: who may take which, what each changes, and what happens when two come at once."""

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from requests_app import actions
from requests_app.codes import Outcome, RefusalReason
from requests_app.forms import TransitionForm
from requests_app.lifecycle import APPEAL, TRANSITIONS, Actor, Status
from requests_app.models import Attachment, Message, MessageKind, ServiceRequest
from tests.factories import ConsumerFactory, ServiceRequestFactory, StaffFactory, UserFactory, step_form
from tests.files import upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator():
    return StaffFactory(group="operator")


def actor_of(step, service_request, operator):
    return service_request.owner if step.actor == Actor.CONSUMER else operator


def take(service_request, name, *, by, **form):
    return actions.transition(service_request, name, by=by, form=step_form(name, by=by, **form))


CASES = [(step, status) for step in TRANSITIONS for status in Status]
IDS = [f"{step.name}-{status}" for step, status in CASES]


# -- Who may take which ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("step", "status"), CASES, ids=IDS)
def test_a_step_is_taken_from_its_sources_and_from_nowhere_else(step, status, operator):
    service_request = ServiceRequestFactory(status=status)
    by = actor_of(step, service_request, operator)
    is_allowed = status in step.sources
    assert (step in actions.available_transitions(service_request, by=by)) == is_allowed

    if is_allowed:
        changed = take(service_request, step.name, by=by)
    else:
        with pytest.raises(actions.TransitionNotAllowed):
            take(service_request, step.name, by=by)

    service_request.refresh_from_db()
    assert service_request.status == (step.target if is_allowed else status)
    if is_allowed:
        change = service_request.status_changes.last()
        assert changed.status == step.target
        assert (change.event, change.from_status, change.to_status, change.by) == (step.event, status, step.target, by)


@pytest.mark.parametrize("step", TRANSITIONS, ids=lambda step: step.name)
def test_nobody_else_takes_it(step, operator):
    service_request = ServiceRequestFactory(status=step.sources[0])
    wrong_side = operator if step.actor == Actor.CONSUMER else service_request.owner
    others = [wrong_side, ConsumerFactory().user, StaffFactory(), StaffFactory(group="editor"), UserFactory()]

    for by in others:
        with pytest.raises(actions.TransitionNotAllowed):
            take(service_request, step.name, by=by)

    service_request.refresh_from_db()
    assert service_request.status == step.sources[0]
    assert (
        service_request.status_changes.count() == ServiceRequestFactory(status=step.sources[0]).status_changes.count()
    )


@pytest.mark.parametrize("step", [step for step in TRANSITIONS if step.needs_comment], ids=lambda step: step.name)
def test_a_needed_text_is_asked_for_also_without_the_form(step, operator):
    service_request = ServiceRequestFactory(status=step.sources[0])

    with pytest.raises(actions.TransitionNotAllowed):
        actions.transition(service_request, step.name, by=actor_of(step, service_request, operator))

    assert not Message.objects.exists()


def test_a_refusal_needs_its_reason(operator):
    service_request = ServiceRequestFactory()
    form = step_form("answer", by=operator)  # a text, but no reason

    with pytest.raises(actions.TransitionNotAllowed, match="основание"):
        actions.transition(service_request, "refuse", by=operator, form=form)


def test_the_form_of_a_refusal_chooses_no_reason_by_itself(operator):
    form = TransitionForm(owner=operator, transition=APPEAL.get("refuse"))

    assert list(form.fields)[:2] == ["refusal_reason", "comment"]
    assert "checked" not in str(form["refusal_reason"])


def test_an_unknown_step_is_an_error(operator):
    with pytest.raises(KeyError):
        actions.transition(ServiceRequestFactory(), "reopen", by=operator)


# -- What each changes ----------------------------------------------------------------------------------------------


def test_whoever_takes_it_is_the_assignee(operator):
    service_request = take(ServiceRequestFactory(), "take", by=operator)

    assert service_request.assignee == operator
    assert service_request.assigned_at is not None


def test_one_who_was_assigned_before_stays(operator):
    colleague = StaffFactory(group="operator")
    service_request = ServiceRequestFactory()
    actions.assign(service_request, to=colleague, by=operator)

    assert take(service_request, "take", by=operator).assignee == colleague


@pytest.mark.parametrize(("due_in", "outcome"), [(0, Outcome.IN_TIME), (5, Outcome.IN_TIME), (-1, Outcome.LATE)])
def test_an_answer_is_in_time_until_the_end_of_the_due_day(operator, due_in, outcome):
    service_request = ServiceRequestFactory(
        status=Status.IN_PROGRESS, due_on=timezone.localdate() + timedelta(days=due_in)
    )

    answered = take(service_request, "answer", by=operator, comment="Приедем в среду.")

    assert answered.outcome == outcome
    assert answered.answered_at is not None
    (message,) = answered.messages.all()
    assert (message.kind, message.body, message.author) == (MessageKind.ANSWER, "Приедем в среду.", operator)


@time_machine.travel("2026-12-09T20:59:59Z", tick=False)  # 23:59:59 in Moscow
def test_the_last_second_of_the_due_day_in_moscow_is_in_time(operator):
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS, due_on=date(2026, 12, 9))

    assert take(service_request, "answer", by=operator).outcome == Outcome.IN_TIME


def test_a_refusal_keeps_its_reason_and_text(operator):
    refused = take(
        ServiceRequestFactory(), "refuse", by=operator, comment="Это к гарантирующему поставщику.",
        refusal_reason=RefusalReason.NOT_OURS,
    )  # fmt: skip

    assert refused.refusal_reason == RefusalReason.NOT_OURS
    assert refused.closed_at is not None
    assert refused.messages.get().kind == MessageKind.REFUSAL


@pytest.mark.parametrize("name", ["close", "accept"])
def test_a_closed_request_keeps_its_answer(operator, name):
    service_request = ServiceRequestFactory(status=Status.ANSWERED)

    closed = take(service_request, name, by=actor_of(APPEAL.get(name), service_request, operator))

    assert closed.closed_at is not None
    assert (closed.answered_at, closed.outcome) == (service_request.answered_at, Outcome.IN_TIME)


@pytest.mark.parametrize(("name", "kind"), [("ask", MessageKind.QUESTION), ("resume", MessageKind.MESSAGE)])
def test_the_comment_is_a_message_of_its_kind(operator, name, kind):
    service_request = ServiceRequestFactory(status=APPEAL.get(name).sources[0])

    take(service_request, name, by=operator, comment="Пришлите акт.")

    assert service_request.messages.get().kind == kind


def test_a_step_without_a_comment_leaves_no_message(operator):
    service_request = ServiceRequestFactory()

    take(service_request, "take", by=operator, comment="")

    assert not service_request.messages.exists()


def test_files_without_a_comment_are_not_lost():
    service_request = ServiceRequestFactory()

    take(service_request, "withdraw", by=service_request.owner, comment="", files=[upload()])

    message = service_request.messages.get()
    assert (message.body, message.attachments.count()) == ("Отозвана заявителем", 1)


def test_files_of_a_step_belong_to_its_message(operator):
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)

    take(service_request, "answer", by=operator, files=[upload("Ответ.pdf")])

    attachment = Attachment.objects.get()
    assert (attachment.message, attachment.service_request) == (service_request.messages.get(), service_request)


def test_a_step_leaves_what_colleagues_edit_alone(operator):
    """The admin form of the same request may be saved between two reads."""
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)
    ServiceRequest.objects.update(measures_done="Заменён провод")

    take(service_request, "answer", by=operator)

    service_request.refresh_from_db()
    assert service_request.measures_done == "Заменён провод"


# -- The assignee ---------------------------------------------------------------------------------------------------


def test_a_request_is_given_to_a_colleague_and_back_to_nobody(operator):
    service_request = ServiceRequestFactory()
    colleague = StaffFactory(group="operator")

    actions.assign(service_request, to=colleague, by=operator)
    given = ServiceRequest.objects.get()
    actions.assign(service_request, to=None, by=operator)
    returned = ServiceRequest.objects.get()

    assert (given.assignee, returned.assignee) == (colleague, None)
    assert given.assigned_at
    assert returned.assigned_at is None


@pytest.mark.parametrize("group", ["", "editor", "dpo"])
def test_only_those_who_process_requests_assign_and_are_assigned(operator, group):
    service_request = ServiceRequestFactory()
    other = StaffFactory(group=group)

    with pytest.raises(actions.TransitionNotAllowed):
        actions.assign(service_request, to=operator, by=other)
    with pytest.raises(actions.TransitionNotAllowed):
        actions.assign(service_request, to=other, by=operator)


def test_assigning_from_an_old_page_changes_nothing_else(operator):
    seen = ServiceRequestFactory()
    take(seen, "take", by=operator)

    actions.assign(seen, to=operator, by=operator)

    assert ServiceRequest.objects.get().status == Status.IN_PROGRESS
