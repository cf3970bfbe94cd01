"""An office with its hours, and visits to it in every state: coming, moved, cancelled by either side, past ones."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from requests_app import actions
from requests_app.codes import Outcome
from requests_app.demo.people import OPERATOR
from requests_app.demo.stories import post
from requests_app.models import CalendarDay, ServiceRequest
from requests_app.services import appointment
from requests_app.services.appointment.forms import AppointmentForm, MoveForm
from requests_app.services.appointment.models import Appointment
from requests_app.services.appointment.offices import Office
from requests_app.services.appointment.schedule import OpenTime, times
from rsmportal.site import site_at

_NAMESPACE = uuid.UUID("3b0a1f52-9a3c-4f0e-9d5c-2b1d6f3f7a10")
_SUPERVISOR = "supervisor@example.org"
_PERSON, _TRADER, _COMPANY = "person@example.org", "sole-trader@example.org", "company@example.org"


@dataclass(frozen=True, kw_only=True)
class Visit:
    """Who comes at the `nth` free time of the `day`-th day of reception from now; a past one so many days ago."""

    name: str
    owner: str
    topic: str
    day: int = 0
    nth: int = 0
    days_ago: int = 0
    ends: str = ""
    about: str = ""
    needs: str = ""


VISITS = (
    Visit(name="past came", owner=_PERSON, topic="contacts", day=1, days_ago=20, ends="came"),
    Visit(name="past missed", owner=_TRADER, topic="service", day=1, nth=3, days_ago=13, ends="missed"),
    Visit(name="past cancelled", owner=_COMPANY, topic="contacts", day=1, nth=4, days_ago=9, ends="cancel"),
    Visit(name="coming", owner=_PERSON, topic="metering", day=1, nth=4, about="Договор ЭС-118/2024, замена счётчика"),
    Visit(name="coming with help", owner=_TRADER, topic="connection", day=1, nth=4, needs="step_free"),
    Visit(name="coming company", owner=_COMPANY, topic="transmission", day=1, nth=9),
    Visit(name="moved", owner=_COMPANY, topic="metering", day=3, nth=2, ends="move"),
    Visit(name="cancelled", owner=_PERSON, topic="service", day=2, nth=6, ends="cancel"),
    Visit(name="on the day that is closed", owner=_TRADER, topic="metering", day=5, nth=1),
    Visit(name="later", owner=_PERSON, topic="connection", day=8, nth=0),
)


def make_visits() -> None:
    """Create who is missing; a second run changes nothing."""
    office = _make_office()
    if Appointment.objects.filter(office=office).exists():
        return
    with transaction.atomic():
        for visit in VISITS:
            make(visit)
        _close_a_day(office)
        _shorten_a_day(office)


def _make_office() -> Office:
    operator = site_at("").operator
    office, is_new = Office.objects.get_or_create(
        name="Центр очного обслуживания",
        defaults={
            "address": f"{operator.city}, {operator.street}",
            "windows": 2,
            "bring": "паспорт\nдоговор, если есть\nфото счётчика",
        },
    )
    if is_new:
        for weekday in range(5):
            closes = time(16) if weekday == 4 else time(17)
            office.hours.create(
                weekday=weekday, opens=time(9), closes=closes, break_starts=time(12), break_ends=time(13)
            )
    return office


def make(visit: Visit) -> None:
    """Book the visit through the real action and lead it to its end."""
    office = _make_office()
    owner = User.objects.get(email=visit.owner)
    answers = {
        "submission_key": uuid.uuid5(_NAMESPACE, visit.name),
        "slot": _free(office, day=visit.day, nth=visit.nth),
        "topic": visit.topic,
        "visitor": owner.consumer.contact_name or owner.consumer.full_name,
        "phone": str(owner.consumer.phone),
        "comment": visit.about,
    }
    data = post(answers)
    data.setlist("needs", [visit.needs] if visit.needs else [])
    form = AppointmentForm(data, owner=owner)
    if not form.is_valid():
        raise ValueError(f"Demo visit {visit.name}: {form.errors.as_json()}")
    service_request = actions.submit(service=appointment.SERVICE, form=form, by=owner)
    if visit.ends == "move":
        _move(service_request, office)
    elif visit.ends == "cancel":
        actions.transition(service_request, "cancel", by=owner)
    if visit.days_ago:
        _move_into_past(service_request, visit)
    if visit.ends in ("came", "missed"):
        actions.transition(service_request, visit.ends, by=User.objects.get(email=OPERATOR))
        _date_the_end(service_request)


def _free(office: Office, *, day: int, nth: int) -> str:
    """What the page would send for the `nth` free time of a day of reception, counted from today."""
    offered = times(office, now=timezone.now()).values()
    days = [free for slots in offered if (free := [slot for slot in slots if slot.is_free])]
    return str(OpenTime(office, days[day][nth].starts_at))


def _move(service_request: ServiceRequest, office: Office) -> None:
    data = {"slot": _free(office, day=4, nth=3), "submission_key": uuid.uuid4()}
    form = MoveForm(data, appointment=service_request.appointment)
    if not form.is_valid():
        raise ValueError(form.errors.as_json())
    actions.move_visit(service_request, form=form, by=service_request.appointment.owner)


def _move_into_past(service_request: ServiceRequest, visit: Visit) -> None:
    """The visit on a working day so long ago, booked three days before."""
    row = Appointment.objects.get(pk=service_request.pk)
    day = timezone.localdate() - timedelta(days=visit.days_ago)
    is_working = CalendarDay.objects.working_day_check()
    while not is_working(day) or day.weekday() > 4:
        day -= timedelta(days=1)
    length = row.ends_at - row.starts_at
    row.starts_at = _at(day, timezone.localtime(row.starts_at).time())
    row.ends_at, row.set_at = row.starts_at + length, row.starts_at - timedelta(days=3)
    row.save(update_fields=["starts_at", "ends_at", "set_at"])
    closed_at = row.set_at + timedelta(days=1) if row.is_cancelled else None
    _update(service_request, subject=row.subject, due_on=day, submitted_at=row.set_at, closed_at=closed_at)
    service_request.status_changes.filter(transition="").update(at=row.set_at)
    service_request.status_changes.filter(transition="cancel").update(at=closed_at)


def _date_the_end(service_request: ServiceRequest) -> None:
    """Marked when the visit was over, on its day and not on that of the demo."""
    ended_at = Appointment.objects.get(pk=service_request.pk).ends_at
    _update(service_request, answered_at=ended_at, closed_at=ended_at, outcome=Outcome.IN_TIME)
    service_request.status_changes.exclude(transition="").update(at=ended_at)


def _update(service_request: ServiceRequest, **values: Any) -> None:
    ServiceRequest.objects.filter(pk=service_request.pk).update(**values)


def _at(day: date, hour: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, hour))


def _close_a_day(office: Office) -> None:
    """The day of the visit that is there for it; who was booked is told, as on the desk."""
    booked = Appointment.objects.get(office=office, topic="metering", owner__email=_TRADER)
    day, reason = timezone.localdate(booked.starts_at), "Санитарный день"
    supervisor = User.objects.get(email=_SUPERVISOR)
    actions.close_day(office, day=day, reason=reason, by=supervisor)
    actions.call_off([booked], reason=reason, by=supervisor)


def _shorten_a_day(office: Office) -> None:
    """That of the farthest visit, which is early enough: nobody has to be told."""
    day = timezone.localdate(office.appointments.latest("starts_at").starts_at)
    supervisor = User.objects.get(email=_SUPERVISOR)
    actions.close_day(office, day=day, receives_until=time(15), reason="Учёба сотрудников", by=supervisor)
