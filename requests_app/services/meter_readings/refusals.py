"""
What is refused whoever sends it and however, in the form of one meter or in a table of many: nobody's answer makes it
right. Each function raises ValidationError with a code and a text that tells what to do.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError

from requests_app.dates import day_in_words
from requests_app.models.supply import Meter
from requests_app.services.meter_readings.fields import spaced
from requests_app.services.meter_readings.standing import Standing

_NBSP = "\N{NO-BREAK SPACE}"
_YEAR = timedelta(days=366)


def check_meter(meter: Meter, *, today: date) -> None:
    """Nobody sends readings of a meter that was removed or is read from afar."""
    if meter.removed_on:
        day = day_in_words(meter.removed_on, today=today)
        raise ValidationError(f"Этот счётчик снят {day}, показания по{_NBSP}нему не{_NBSP}принимаем.", code="removed")
    if meter.is_remote:
        message = f"Показания этого счётчика снимаются дистанционно, передавать их не{_NBSP}нужно."
        raise ValidationError(message, code="remote")


def check_not_future(day: date, *, today: date) -> None:
    if day > today:
        raise ValidationError(f"Этот день ещё не{_NBSP}наступил. Проверьте дату.", code="future")


def check_not_old(day: date, *, today: date) -> None:
    """A value of years ago says nothing of the month it would count for; the year was mistyped."""
    if day < today - _YEAR:
        raise ValidationError(f"С{_NBSP}этого дня прошло больше года. Проверьте дату.", code="too_old")


def check_day(day: date, *, standing: Standing, today: date) -> None:
    """The day of a reading lies between the one before it and today, and not before the meter was there."""
    check_not_future(day, today=today)
    last = standing.last_day()
    if last and day < last:
        words = day_in_words(last, today=today)
        raise ValidationError(
            f"Прошлые показания сняты {words}. Эти не{_NBSP}могут быть раньше.", code="before_previous"
        )
    installed = standing.meter.installed_on
    if installed and day < installed:
        words = day_in_words(installed, today=today)
        raise ValidationError(f"Счётчик установлен {words}. Проверьте дату.", code="before_installed")
    check_not_old(day, today=today)


def check_control(value: Decimal, *, zone: int, standing: Standing, today: date) -> None:
    """What our own people have read this month is the least that the consumer's value can be."""
    control = standing.controls.get(zone)
    if control and value < control.value:
        message = (
            f"Наш сотрудник снял {day_in_words(control.taken_on, today=today)} показание {spaced(control.value)}: ваше "
            f"не{_NBSP}может быть меньше. Если на{_NBSP}счётчике другая цифра, позвоните нам."
        )
        raise ValidationError(message, code="below_control")
