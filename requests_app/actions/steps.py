"""Which steps of the life cycle may be taken, and what taking one changes in the request itself."""

from __future__ import annotations

import uuid
from datetime import date

from django.utils import timezone

from accounts.models import User
from requests_app import terms
from requests_app.codes import Outcome
from requests_app.colleagues import PROCESS_REQUESTS
from requests_app.deadlines import add_working_days
from requests_app.lifecycle import (
    DISPUTE_WORKING_DAYS,
    FINAL_STATUSES,
    Actor,
    Status,
    Transition,
)
from requests_app.models import CalendarDay, ServiceRequest, StatusChange

# What a step may change; the rest of the row is left to whoever edits it at the same time.
_CHANGED_BY_STEPS = [
    "status",
    "assignee",
    "assigned_at",
    "answered_at",
    "outcome",
    "disputes",
    "due_on",
    "refusal_reason",
    "closed_at",
]


class TransitionNotAllowed(Exception):
    """The step cannot be taken: not from this status, not by this person, or not any more. The text says why."""


def available_transitions(service_request: ServiceRequest, *, by: User) -> list[Transition]:
    """The steps that `by` may take now, in the order of the table: what buttons are drawn."""
    if service_request.owner_id == by.pk:
        actor = Actor.CONSUMER
    elif may_process(service_request, by=by):
        actor = Actor.STAFF
    else:
        return []
    steps = service_request.kind.life.steps_from(service_request.status, actor)
    return [step for step in steps if _is_open_to(service_request, step, by)]


def _is_open_to(service_request: ServiceRequest, step: Transition, by: User) -> bool:
    if step.name == "dispute" and not may_dispute(service_request):
        return False
    return service_request.detail.may_take(step, by=by)


def may_process(service_request: ServiceRequest, *, by: User) -> bool:
    """Is this one of the staff who handle such requests, and may know of them?"""
    return by.has_perm(PROCESS_REQUESTS) and by.has_perm(service_request.kind.view_permission)


def may_dispute(service_request: ServiceRequest) -> bool:
    """An answer may be disputed within 30 working days."""
    last_day = dispute_until(service_request)
    return last_day is not None and timezone.localdate() <= last_day


def dispute_until(service_request: ServiceRequest) -> date | None:
    """The last day on which the consumer may disagree with the answer; None while there is none."""
    if service_request.answered_at is None:
        return None
    answered_on = timezone.localdate(service_request.answered_at)
    return add_working_days(answered_on, DISPUTE_WORKING_DAYS, CalendarDay.objects.working_day_check())


def check_allowed(service_request: ServiceRequest, step: Transition, *, by: User) -> None:
    """Raises `TransitionNotAllowed` unless `by` may take the step now."""
    if step in available_transitions(service_request, by=by):
        return
    if step.starts_from(service_request.status):
        raise TransitionNotAllowed("Этот шаг сейчас вам недоступен.")
    life = service_request.kind.life
    label = life.staff_label if step.actor == Actor.STAFF else life.label
    status = label(service_request.status)
    raise TransitionNotAllowed(f"Статус заявки уже другой: «{status}». Возможно, её изменили, пока вы писали.")


def advance(
    service_request: ServiceRequest, step: Transition, *, by: User, key: uuid.UUID, refusal_reason: str = ""
) -> None:
    """Take an allowed step with a locked request: its status, dates and codes, and the line of its history."""
    previous = service_request.status
    service_request.status = step.target
    if step.target in FINAL_STATUSES:
        service_request.closed_at = timezone.now()
    if step.target in (Status.REFUSED, Status.WITHDRAWN):
        service_request.outcome = Outcome.NO_ANSWER
    if step.name == "take" and not service_request.assignee_id:
        service_request.assignee, service_request.assigned_at = by, timezone.now()
    elif step.target in (Status.ANSWERED, Status.CLOSED) and not service_request.answered_at:
        _mark_answered(service_request)
    elif step.name == "dispute":
        _reopen(service_request)
    service_request.refusal_reason = refusal_reason
    service_request.save(update_fields=_CHANGED_BY_STEPS)
    StatusChange.objects.create(
        service_request=service_request,
        transition=step.name,
        from_status=previous,
        to_status=step.target,
        by=by,
        submission_key=key,
    )
    service_request.detail.after(step, by=by)


def _mark_answered(service_request: ServiceRequest) -> None:
    service_request.answered_at = timezone.now()
    in_time = timezone.localdate() <= service_request.due_on and not _was_extended_late(service_request)
    service_request.outcome = Outcome.IN_TIME if in_time else Outcome.LATE


def _was_extended_late(service_request: ServiceRequest) -> bool:
    """An extension of a term that was over gives the consumer a day to wait for, and makes no late answer one in time."""
    if not service_request.kind.life.promises_answer:
        return False  # only a promised answer can be put off
    return any(
        extension.came_late for extension in service_request.extensions.filter(disputes=service_request.disputes)
    )


def _reopen(service_request: ServiceRequest) -> None:
    """The answer did not settle it: the term runs anew, and the request counts as repeated."""
    service_request.answered_at, service_request.outcome = None, ""
    service_request.disputes += 1
    service_request.due_on = terms.due_on(service_request.term_days, service_request.term_day_kind)
