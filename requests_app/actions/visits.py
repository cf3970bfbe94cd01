"""Appointments: another time for one, a day on which an office receives nobody."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, time

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from requests_app import notifications
from requests_app.actions.life_cycle import transition
from requests_app.actions.steps import TransitionNotAllowed, advance, check_allowed, may_process
from requests_app.colleagues import PROCESS_REQUESTS
from requests_app.forms import TransitionForm
from requests_app.models import Audience, Message, MessageKind, ServiceRequest
from requests_app.services.appointment.forms import MoveForm
from requests_app.services.appointment.life import MOVE, VISIT
from requests_app.services.appointment.models import MARKED, Appointment, VisitState
from requests_app.services.appointment.offices import ClosedDay, Office
from requests_app.services.appointment.schedule import NotFree, set_time
from requests_app.services.base import CannotBeSent

_NOT_MOVED = "Вы и\N{NO-BREAK SPACE}так записаны на\N{NO-BREAK SPACE}это время. Выберите другое или оставьте прежнее."


def move_visit(service_request: ServiceRequest, *, form: MoveForm, by: User) -> ServiceRequest:
    """
    Give the visit the time that the valid `form` says; the old one is free at once. The same form twice is one move.

    Raises `TransitionNotAllowed` past the cut-off or when the visit was cancelled meanwhile, and `CannotBeSent` when
    the time is taken or is its own already: the visit then keeps the time it had.
    """
    with transaction.atomic():
        locked = ServiceRequest.objects.locked().get(pk=service_request.pk)
        key = form.cleaned_data["submission_key"]
        if locked.status_changes.filter(by=by, submission_key=key, transition=MOVE.name).exists():
            return locked
        check_allowed(locked, MOVE, by=by)
        appointment: Appointment = locked.appointment
        before = appointment.when_and_where
        try:
            set_time(appointment, form.cleaned_data["slot"], now=timezone.now())
        except NotFree as refusal:
            raise CannotBeSent("slot", str(refusal)) from refusal
        if appointment.when_and_where == before:
            raise CannotBeSent("slot", _NOT_MOVED)
        appointment.sequence += 1
        appointment.save(update_fields=["office", "starts_at", "ends_at", "window", "set_at", "sequence"])
        locked.subject, locked.due_on = appointment.subject, timezone.localdate(appointment.starts_at)
        locked.save(update_fields=["subject", "due_on"])
        advance(locked, MOVE, by=by, key=key)
        notifications.status_changed(locked, MOVE)
    return locked


def close_day(office: Office, *, day: date, reason: str, by: User, receives_until: time | None = None) -> ClosedDay:
    """
    From now on nobody can book for `day`, or for what of it is later than `receives_until`; closed again, it takes the
    new hour and reason. Who is booked already is told by `call_off`. Raises `PermissionDenied` for whoever may not
    close a day.
    """
    if not by.has_perm("requests_app.add_closedday"):
        raise PermissionDenied("This one may not close a day")
    with transaction.atomic():
        Office.objects.locked().get(pk=office.pk)  # a booking that looks at the calendar now ends first, or sees it
        values = {"receives_until": receives_until, "reason": reason}
        closed, _ = ClosedDay.objects.update_or_create(office=office, date=day, defaults=values)
    return closed


def call_off(appointments: Iterable[Appointment], *, reason: str, by: User) -> list[Appointment]:
    """
    Cancel these visits and write to everybody, each in a transaction of its own, so what was done stays done. Returns
    those that were cancelled; one that ended meanwhile is passed over. Raises `PermissionDenied`.
    """
    if not by.has_perm(PROCESS_REQUESTS):
        raise PermissionDenied("Visits are for those who process requests")
    return [appointment for appointment in appointments if _is_called_off(appointment, reason, by)]


def correct_mark(appointment: Appointment, *, to: VisitState, by: User) -> None:
    """
    Put right a mark that was set by mistake: that the visitor came, or did not. A note of the colleagues tells who did
    it; twice is once. Raises `TransitionNotAllowed` for a visit without a mark and for whoever may not process it.
    """
    if not may_process(appointment.service_request, by=by):
        raise TransitionNotAllowed("Отмечать визиты может только тот, кто обрабатывает заявки.")
    with transaction.atomic():
        locked = ServiceRequest.objects.locked().get(pk=appointment.pk)
        visit: Appointment = locked.appointment
        if {visit.state, to} - set(MARKED):
            raise TransitionNotAllowed("Отметки у этого визита ещё нет или она уже другая.")
        if visit.state != to:
            visit.state = to
            visit.save(update_fields=["state"])
            text = f"Отметка исправлена: {to.label.lower()}"
            note = {"audience": Audience.STAFF, "kind": MessageKind.NOTE, "body": text}
            Message.objects.create(service_request=locked, author=by, **note)


def _is_called_off(appointment: Appointment, reason: str, by: User) -> bool:
    data = {"comment": reason, "submission_key": uuid.uuid4()}
    form = TransitionForm(data, owner=by, transition=VISIT.get("call_off"))
    if not form.is_valid():
        raise ValueError(form.errors.as_json())
    try:
        transition(appointment.service_request, "call_off", by=by, form=form)
    except TransitionNotAllowed:
        return False
    return True
