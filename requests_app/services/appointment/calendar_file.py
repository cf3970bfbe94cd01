"""An appointment as an event of the visitor's own calendar: RFC 5545, times in UTC."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from icalendar import Calendar, Event

if TYPE_CHECKING:
    from requests_app.services.appointment.models import Appointment

FILE_NAME = "priem.ics"


def calendar_file(appointment: Appointment) -> str:
    """
    The text of the .ics file. The UID stays for good and SEQUENCE grows with each change, so a calendar that has the
    event moves it, or strikes it out when it is cancelled.
    """
    service_request, office = appointment.service_request, appointment.office
    host = urlsplit(settings.SITE_URL).hostname
    event = Event()
    event.add("uid", f"{service_request.number}@{host}")
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", appointment.set_at.astimezone(UTC))
    event.add("dtstart", appointment.starts_at.astimezone(UTC))
    event.add("dtend", appointment.ends_at.astimezone(UTC))
    event.add("summary", f"Приём: {settings.OPERATOR_NAME}")
    event.add("location", f"{office.name}, {office.address}")
    event.add("description", f"Запись № {service_request.number}")
    event.add("url", settings.SITE_URL + service_request.get_absolute_url())
    event.add("status", "CANCELLED" if appointment.is_cancelled else "CONFIRMED")
    calendar = Calendar()
    calendar.add("prodid", "-//rsmportal//appointments//RU")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return str(calendar.to_ical().decode())
