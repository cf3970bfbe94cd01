"""What the cabinet tells a consumer about readings."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from requests_app.dates import day_in_words, days_left
from requests_app.models.readings import Reading
from requests_app.models.supply import Meter, MeterQuerySet
from requests_app.reading_windows import Window, moscow_day
from requests_app.services.base import Notice
from requests_app.services.meter_readings.standing import window_for
from requests_app.services.meter_readings.words import month_in_words
from rsmportal.russian import counted


def unsent_meters(user: User, window: Window) -> tuple[int, int]:
    """How many meters the consumer reads, and for how many of them nothing was sent for the month of `window`."""
    sent = Reading.objects.current().of_month(window.month)
    counts = _readable(user).aggregate(
        total=Count("pk"), missing=Count("pk", filter=~Exists(sent.filter(meter=OuterRef("pk"))))
    )
    return counts["total"], counts["missing"]


def notices(user: User) -> Iterator[Notice]:
    """«Передайте показания до 25 ноября» while the window is open and something is missing."""
    if not _readable(user).exists():  # most have no confirmed meter, and are asked no more
        return
    day = moscow_day(timezone.now())
    window = window_for(user.consumer.legal_form, day)
    total, missing = unsent_meters(user, window) if window.is_open(day) else (0, 0)
    if not missing:
        return
    deadline = day_in_words(window.closes, today=day)
    which = (
        "" if total == 1 else f" Не\N{NO-BREAK SPACE}переданы: {counted(missing, 'счётчик', 'счётчика', 'счётчиков')}."
    )
    month = month_in_words(window.month, today=day)
    yield Notice(
        title=f"Передайте показания до\N{NO-BREAK SPACE}{deadline}",
        text=f"За\N{NO-BREAK SPACE}{month}, {days_left(window.closes, today=day)}.{which}",
        url=reverse("requests:meters"),
        action="Ввести показания",
    )


def _readable(user: User) -> MeterQuerySet:
    return Meter.objects.visible_to(user).installed().filter(is_remote=False)
