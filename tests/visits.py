"""Offices and visits for tests."""

import uuid
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from requests_app import actions
from requests_app.services import appointment
from requests_app.services.appointment.forms import MoveForm
from requests_app.services.appointment.offices import Office
from requests_app.services.appointment.schedule import OpenTime, times
from tests.factories import submitted

NAME = "Центр очного обслуживания"


def make_office(*, name=NAME, weekdays=range(5), **traits):
    """The office with this name; new, it receives 9–17 with an hour's break, at two windows, 20 minutes each."""
    address = "г. Ростов-на-Дону, ул. Менжинского, 2С"
    office, is_new = Office.objects.get_or_create(name=name, defaults={"address": address, "windows": 2, **traits})
    if is_new:
        for weekday in weekdays:
            office.hours.create(
                weekday=weekday, opens=time(9), closes=time(17), break_starts=time(12), break_ends=time(13)
            )
    return office


def free_times(office, *, still_in=timedelta()):
    """What a page would send for each free time, in order; of those that will still be free to book `still_in` a while."""
    days = times(office, now=timezone.now() + still_in)
    return [str(OpenTime(office, slot.starts_at)) for slots in days.values() for slot in slots if slot.is_free]


def times_of_a_day(office):
    """What a page would send for each time of the last day that can be booked: a whole day, whatever the hour is now."""
    last_day = free_times(office)[-1].partition("T")[0]
    return [time for time in free_times(office) if time.startswith(last_day)]


def slot_at(office, day, hour, minute=0):
    """What a page would send for that time, free or not."""
    return str(OpenTime(office, moscow(day, hour, minute)))


def moscow(day: date, hour: int, minute: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


def booked(*, owner=None, office=None, slot=None, **answers):
    """A request for a visit that went through the real action: by default at the first free time."""
    slot = slot or free_times(office or make_office())[0]
    return submitted(appointment.SERVICE, owner=owner, slot=slot, **answers)


def move_form(service_request, slot, *, key=None):
    """A valid form that asks for another time."""
    data = {"slot": slot, "submission_key": key or uuid.uuid4()}
    form = MoveForm(data, appointment=service_request.appointment)
    assert form.is_valid(), form.errors.as_json()
    return form


def moved(service_request, slot, *, key=None):
    """Moved through the real action by its owner."""
    form = move_form(service_request, slot, key=key)
    return actions.move_visit(service_request, form=form, by=service_request.owner)


def after(service_request, **delta):
    """So long after the beginning of the visit; negative numbers are before it."""
    return service_request.appointment.starts_at + timedelta(**delta)
