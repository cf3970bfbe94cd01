"""What the cabinet tells a consumer about readings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

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

_METERS = ("счётчик", "счётчика", "счётчиков")


class Unsent(NamedTuple):
    """How many meters the consumer reads; for how many nothing was sent, and for how many only what was read early."""

    total: int
    missing: int
    early: int


def unsent_meters(user: User, window: Window) -> Unsent:
    """For the month of `window`; one query."""
    given = Reading.objects.current().filter(meter=OuterRef("pk"))
    sent, in_time = Exists(given.of_month(window.month)), Exists(given.in_time(window))
    counts = _readable(user).aggregate(
        total=Count("pk"), missing=Count("pk", filter=~sent), early=Count("pk", filter=sent & ~in_time)
    )
    return Unsent(**counts)


def notices(user: User) -> Iterator[Notice]:
    """«Передайте показания до 25 ноября» while the window is open and something is missing or was read too early."""
    if not _readable(user).exists():  # most have no confirmed meter, and are asked no more
        return
    day = moscow_day(timezone.now())
    window = window_for(user.consumer.legal_form, day)
    if not window.is_open(day):
        return
    unsent = unsent_meters(user, window)
    if not unsent.missing and not unsent.early:
        return
    deadline = day_in_words(window.closes, today=day)
    month = month_in_words(window.month, today=day)
    yield Notice(
        title=f"Передайте показания до\N{NO-BREAK SPACE}{deadline}",
        text=f"За\N{NO-BREAK SPACE}{month}, {days_left(window.closes, today=day)}.{_which(unsent)}",
        url=reverse("requests:meters"),
        action="Ввести показания",
    )


def _which(unsent: Unsent) -> str:
    if unsent.total == 1:
        return " Прежние сняты слишком рано, нужны новые." if unsent.early else ""
    words = {"Не\N{NO-BREAK SPACE}переданы": unsent.missing, "Сняты слишком рано, нужны новые": unsent.early}
    return "".join(f" {word}: {counted(count, *_METERS)}." for word, count in words.items() if count)


def _readable(user: User) -> MeterQuerySet:
    return Meter.objects.visible_to(user).installed().filter(is_remote=False)
