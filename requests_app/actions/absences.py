"""A colleague is away: the open work goes to others when it begins, and comes back only when somebody says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone

from accounts.models import User
from requests_app import notifications
from requests_app.actions.assignment import assign_anew, chosen_by_rules, give, has_left, least_loaded, on_duty
from requests_app.actions.steps import may_process
from requests_app.colleagues import PROCESS_REQUESTS
from requests_app.models import Absence, AssignmentChange, Cause, ServiceRequest
from requests_app.models.request_queryset import ServiceRequestQuerySet
from requests_app.services.base import CannotBeSent

ENTER_FOR_OTHERS = "requests_app.add_absence"


def enter_absence(*, who: User, from_day: date, until: date, stand_ins: Collection[User], by: User) -> Absence:
    """
    Write down that `who` is away, both days included; the open work is handed over at once when it begins today or has
    begun. Returns it; the same one entered again is one.

    Raises `PermissionDenied` for whoever may neither enter those of others nor is `who`, `CannotBeSent` for days or
    people that cannot be.
    """
    if not by.has_perm(PROCESS_REQUESTS) or (by != who and not by.has_perm(ENTER_FOR_OTHERS)):
        raise PermissionDenied("Only a supervisor enters the absence of somebody else")
    _check(who, from_day, until, stand_ins)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=who.pk)  # of two that overlap the second is refused
        others = Absence.objects.filter(who=who, ended_at=None, from_day__lte=until, until__gte=from_day)
        if other := others.first():
            if (other.from_day, other.until) == (from_day, until):
                return other
            raise CannotBeSent("from_day", f"На\N{NO-BREAK SPACE}эти дни уже внесено отсутствие: {other}.")
        absence = Absence.objects.create(who=who, from_day=from_day, until=until, entered_by=by)
        absence.stand_ins.set(stand_ins)
        if from_day <= timezone.localdate():
            _hand_over(absence)
    return absence


def _check(who: User, from_day: date, until: date, stand_ins: Collection[User]) -> None:
    if until < from_day:
        raise CannotBeSent("until", "Последний день раньше первого.")
    if until < timezone.localdate():
        raise CannotBeSent("until", "Эти дни уже прошли.")
    if who in stand_ins:
        raise CannotBeSent("stand_ins", "Человек не\N{NO-BREAK SPACE}может замещать сам себя.")


def begin_absence(pk: int) -> bool:
    """Hand the work over of an absence that has begun; False when that is done, or it is over or called off."""
    with transaction.atomic():
        absence = Absence.objects.on(timezone.localdate()).locked().filter(pk=pk, handed_over_at=None).first()
        if absence is None:
            return False
        _hand_over(absence)
    return True


def pass_on(service_request: ServiceRequest) -> None:
    """
    A locked request that is open again goes the way of the others when its assignee is away by now, and that of a new one
    when they have left. Who gets it hears of it by the news of the step.
    """
    away = Absence.objects.on(timezone.localdate()).filter(who=service_request.assignee_id)
    if absence := away.exclude(handed_over_at=None).first():
        _give_away(service_request, absence)
    elif has_left(service_request):
        assign_anew(service_request)


def end_absence(absence: Absence, *, by: User) -> None:
    """The colleague is back, or stays: nothing is handed over any more, and nothing comes back by itself."""
    _check_may(absence, by)
    Absence.objects.filter(pk=absence.pk, ended_at=None).update(ended_at=timezone.now())


def returnable(absence: Absence) -> ServiceRequestQuerySet:
    """Open requests that this absence handed over, and that are still with whom they were given to."""
    latest = AssignmentChange.objects.filter(service_request=OuterRef("pk")).order_by("-pk")
    given = ServiceRequest.objects.open().filter(pk__in=absence.changes.values("service_request"))
    marked: Any = given.annotate(
        by_absence=Subquery(latest.filter(cause=Cause.ABSENCE).values("absence")[:1]),
        latest=Subquery(latest.values("absence")[:1]),
        to=Subquery(latest.values("to")[:1]),
    )
    untouched = marked.filter(by_absence=absence.pk, latest=absence.pk)
    kept: ServiceRequestQuerySet = untouched.filter(Q(assignee=F("to")) | Q(assignee=None, to=None))
    return kept.filter(Q(assignee=None) | ~Q(assignee=absence.who_id))  # given back already


def give_back(absence: Absence, *, by: User) -> int:
    """Give back to the colleague what was handed over and is still open with its receiver. Returns how many."""
    _check_may(absence, by)
    with transaction.atomic():
        Absence.objects.locked().get(pk=absence.pk)
        found = ServiceRequest.objects.locked().filter(pk__in=returnable(absence).values("pk")).order_by("pk")
        back = [one for one in found if may_process(one, by=absence.who)]
        for service_request in back:
            give(service_request, absence.who, cause=Cause.RETURN, by=by, absence=absence)
        if back:
            notifications.work_handed_over(absence.who, amount=len(back))
    return len(back)


def _check_may(absence: Absence, by: User) -> None:
    if by.pk != absence.who_id and not by.has_perm(ENTER_FOR_OTHERS):
        raise PermissionDenied("Only a supervisor changes the absence of somebody else")


def _hand_over(absence: Absence) -> None:
    """Each open request goes to somebody else, and each receiver gets one letter."""
    absence.handed_over_at = timezone.now()
    absence.save(update_fields=["handed_over_at"])
    received: Counter[User] = Counter()
    for service_request in ServiceRequest.objects.open().filter(assignee=absence.who).locked().order_by("due_on", "pk"):
        if to := _give_away(service_request, absence):
            received[to] += 1
    for colleague, amount in received.items():
        notifications.work_handed_over(colleague, amount=amount)


def _give_away(service_request: ServiceRequest, absence: Absence) -> User | None:
    """To the least loaded stand-in who may process it, else by the rules, else to nobody."""
    free = on_duty(service_request).exclude(pk=absence.who_id)
    to = least_loaded(free.filter(pk__in=absence.stand_ins.values("pk")))
    if to is None and (found := chosen_by_rules(service_request, besides=absence.who)):
        to = found[1]
    give(service_request, to, cause=Cause.ABSENCE, by=absence.entered_by, absence=absence)
    return to
