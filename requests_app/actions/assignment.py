"""Who handles a request: said by a colleague, or by the rules that supervisors keep. Each change is in its history."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from requests_app.actions.steps import TransitionNotAllowed, may_process
from requests_app.colleagues import processing_staff
from requests_app.lifecycle import OPEN_STATUSES
from requests_app.models import Absence, AssignmentChange, AssignmentRule, Cause, Choice, ServiceRequest


def assign(service_request: ServiceRequest, *, to: User | None, by: User, seen_at: datetime | None = None) -> None:
    """
    Give the request to a colleague, or to nobody. Raises `TransitionNotAllowed` when either may not process it, or
    somebody has got it after `seen_at`.
    """
    if not may_process(service_request, by=by):
        raise TransitionNotAllowed("Назначать исполнителя может только тот, кто обрабатывает заявки.")
    if to and not may_process(service_request, by=to):
        raise TransitionNotAllowed("Этот сотрудник не обрабатывает такие заявки. Выберите другого.")
    with transaction.atomic():
        locked = ServiceRequest.objects.locked().get(pk=service_request.pk)
        if locked.assignee_id != (to and to.pk):
            if seen_at and locked.assigned_at and locked.assigned_at > seen_at:
                raise TransitionNotAllowed("пока вы выбирали, у\N{NO-BREAK SPACE}неё появился исполнитель")
            give(locked, to, cause=Cause.HAND, by=by)
    service_request.assignee, service_request.assigned_at = to, locked.assigned_at


def assign_by_rule(service_request: ServiceRequest) -> User | None:
    """
    Give a new request to whom the first rule names that fits it and has somebody on duty; nobody when there is none.
    Must run in the transaction that registers it. Returns who got it.
    """
    found = chosen_by_rules(service_request)
    if found is None:
        return None
    rule, colleague = found
    give(service_request, colleague, cause=Cause.RULE, rule=rule)
    return colleague


def assign_anew(service_request: ServiceRequest) -> None:
    """Take a locked request from who has left, and give it to whom a new one would go; the history says why."""
    rule, colleague = chosen_by_rules(service_request) or (None, None)
    give(service_request, colleague, cause=Cause.RULE, rule=rule)


def has_left(service_request: ServiceRequest) -> bool:
    """Is it with somebody who works here no more, or may not process it any more?"""
    staff = processing_staff(service_request.kind)
    return service_request.assignee_id is not None and not staff.filter(pk=service_request.assignee_id).exists()


def chosen_by_rules(
    service_request: ServiceRequest, *, besides: User | None = None
) -> tuple[AssignmentRule, User] | None:
    """
    The rule that counts and whom it means; `besides` is not meant. The rule stays locked until the transaction ends, so
    that two requests at one moment do not go to the same one of several.
    """
    topic = str(getattr(service_request.detail, service_request.kind.form_class.subject_field, ""))
    fitting = AssignmentRule.objects.filter(is_active=True, service=service_request.service)
    for rule in fitting.filter(topic__in={"", topic}).select_for_update(of=("self",), no_key=True):
        candidates = on_duty(service_request)
        colleague = _next(rule, candidates.exclude(pk=besides.pk) if besides else candidates)
        if colleague:
            return rule, colleague
    return None


def on_duty(service_request: ServiceRequest) -> QuerySet[User]:
    """Those who may process it and are not away today."""
    away = Absence.objects.on(timezone.localdate()).filter(who=OuterRef("pk"))
    return processing_staff(service_request.kind, with_superusers=False).filter(~Exists(away))


def least_loaded(people: QuerySet[User]) -> User | None:
    """Who has the fewest open requests; of equals who got one longest ago."""
    load = Count("assigned_requests", filter=Q(assigned_requests__status__in=OPEN_STATUSES))
    latest = Max("assigned_requests__assigned_at", filter=Q(assigned_requests__status__in=OPEN_STATUSES))
    return people.annotate(load=load, latest=latest).order_by("load", F("latest").asc(nulls_first=True), "pk").first()


def give(
    service_request: ServiceRequest,
    to: User | None,
    *,
    cause: Cause,
    by: User | None = None,
    rule: AssignmentRule | None = None,
    absence: Absence | None = None,
) -> None:
    """The locked, or just made, request gets its assignee, and its history a line."""
    was = service_request.assignee_id
    service_request.assignee = to
    service_request.assigned_at = timezone.now() if to else None
    service_request.save(update_fields=["assignee", "assigned_at"])
    AssignmentChange.objects.create(
        service_request=service_request, was_id=was, to=to, cause=cause, by=by, rule=rule, absence=absence
    )


def _next(rule: AssignmentRule, candidates: QuerySet[User]) -> User | None:
    people = candidates.filter(pk__in=rule.people.values("pk"))
    if rule.choice == Choice.LEAST:
        return least_loaded(people)
    turns: Iterable[tuple[int, object]] = (
        rule.changes.filter(cause=Cause.RULE).order_by().values_list("to").annotate(last=Max("pk"))
    )
    last = dict(turns)
    ordered = sorted(people, key=lambda colleague: (int(str(last.get(colleague.pk, 0))), colleague.pk))
    return ordered[0] if ordered else None
