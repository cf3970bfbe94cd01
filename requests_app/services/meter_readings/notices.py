"""What the cabinet tells a consumer about readings."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import User
from requests_app.dates import day_in_words, days_left
from requests_app.models.readings import Reading
from requests_app.models.supply import Meter
from requests_app.reading_windows import moscow_day
from requests_app.services.base import Notice
from requests_app.services.meter_readings.standing import window_for
from rsmportal.russian import counted


def unsent_meters(user: User) -> tuple[int, int]:
    """How many meters the consumer reads, and of how many nothing was sent for the month that is taken in now."""
    day = moscow_day(timezone.now())
    window = window_for(user.consumer.legal_form, day)
    readable = Meter.objects.visible_to(user).installed().filter(is_remote=False)
    sent = Reading.objects.current().of_month(window.month).filter(meter__in=readable)
    total = readable.count()
    return total, total - sent.values("meter").distinct().count()


def notices(user: User) -> Iterator[Notice]:
    """«Передайте показания до 25 ноября» while the window is open and something is missing."""
    day = moscow_day(timezone.now())
    window = window_for(user.consumer.legal_form, day)
    if not window.is_open(day):
        return
    total, missing = unsent_meters(user)
    if not missing:
        return
    deadline = day_in_words(window.closes, today=day)
    which = (
        "" if total == 1 else f" Не\N{NO-BREAK SPACE}переданы: {counted(missing, 'счётчик', 'счётчика', 'счётчиков')}."
    )
    month = date_format(window.month, "F").lower()
    yield Notice(
        title=f"Передайте показания до\N{NO-BREAK SPACE}{deadline}",
        text=f"За\N{NO-BREAK SPACE}{month}, {days_left(window.closes, today=day)}.{which}",
        url=reverse("requests:submit", args=["meter-readings"]),
        action="Передать показания",
    )
