"""How each rule that the database keeps about offices and visits is broken; `test_constraints.py` does it."""

from datetime import time

from requests_app.services.appointment.offices import ClosedDay, OfficeHours
from tests.factories import ConsumerFactory
from tests.visits import booked, free_times, make_office


def _changed(row, **values):
    """Write `values` past every rule of Python's."""
    type(row)._default_manager.filter(pk=row.pk).update(**values)


def _office(**values):
    return lambda: _changed(make_office(), **values)


def _hours(**values):
    return lambda: _changed(make_office().hours.first(), **values)


def _visit(**values):
    return lambda: _changed(booked().appointment, **values)


def _second_at_the_window():
    first = booked().appointment
    _changed(booked().appointment, window=first.window, starts_at=first.starts_at)


def _second_of_the_topic():
    owner = ConsumerFactory().user
    first = booked(owner=owner, topic="metering")
    other = booked(owner=owner, topic="service", slot=free_times(make_office())[5])
    _changed(other.appointment, topic=first.appointment.topic)


def _second_hours():
    OfficeHours.objects.create(office=make_office(), weekday=0, opens=time(9), closes=time(10))


def _closed_twice():
    for _ in range(2):
        ClosedDay.objects.create(office=make_office(), date="2030-01-09", reason="Ремонт")


def _closed_until_midnight():
    ClosedDay.objects.create(office=make_office(), date="2030-01-09", receives_until=time(0), reason="Ремонт")


def _reminded_twice():
    visit = booked().appointment
    for _ in range(2):
        visit.reminders.create(kind="day", starts_at=visit.starts_at)


def _no_length():
    visit = booked().appointment
    _changed(visit, ends_at=visit.starts_at)


APPOINTMENT_BREAKS = {
    "office_named": [_office(address="")],
    "office_slot": [_office(slot_minutes=0)],
    "office_windows": [_office(windows=0)],
    "office_horizon": [_office(horizon_days=0)],
    "office_hours_once": [_second_hours],
    "office_hours_weekday": [_hours(weekday=7)],
    "office_hours_open": [_hours(opens=time(17), break_starts=None, break_ends=None)],
    "office_hours_break": [_hours(break_ends=None)],
    "closed_day_once": [_closed_twice],
    "closed_day_has_reason": [lambda: ClosedDay.objects.create(office=make_office(), date="2030-01-09", reason="")],
    "closed_day_until_an_hour": [_closed_until_midnight],
    "appointment_slot_once": [_second_at_the_window],
    "appointment_topic_once": [_second_of_the_topic],
    "appointment_has_length": [_no_length],
    "appointment_window": [_visit(window=0)],
    "appointment_state_known": [_visit(state="lost")],
    "appointment_says_who": [_visit(visitor="")],
    "appointment_reminder_once": [_reminded_twice],
}
