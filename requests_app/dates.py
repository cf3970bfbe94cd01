"""Dates as people read them: with the weekday or the days left, tied by no-break spaces. No database."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format

from requests_app.deadlines import DayKind
from rsmportal.russian import counted, plural

_NBSP = "\N{NO-BREAK SPACE}"


def day_in_words(day: date, *, today: date) -> str:
    """«2 декабря»; of another year «2 декабря 2025»."""
    return date_format(day, "j E" if day.year == today.year else "j E Y").replace(" ", _NBSP)


def full_day(day: date) -> str:
    """«2 декабря 2026», for papers that are kept."""
    return date_format(day, "j E Y").replace(" ", _NBSP)


def weekday(day: date) -> str:
    """«среда»."""
    return date_format(day, "l").lower()


def moment_in_words(moment: datetime, *, today: date) -> str:
    """«вторник, 17 ноября, 14:32», Moscow time."""
    local = timezone.localtime(moment)
    return f"{weekday(local)}, {day_in_words(local, today=today)}, {date_format(local, 'G:i')}"


def days_left(due: date, *, today: date) -> str:
    """«осталось 8 дней», «сегодня последний день»; after the day «опаздываем на 3 дня»."""
    days = (due - today).days
    if days < 0:
        return f"опаздываем на{_NBSP}{counted(-days, 'день', 'дня', 'дней')}"
    if days == 0:
        return "сегодня последний день"
    left = plural(days, "остался", "осталось", "осталось")
    return f"{left}{_NBSP}{counted(days, 'день', 'дня', 'дней')}"


def term_in_words(days: int, day_kind: str) -> str:
    """«15 календарных дней», «1 рабочий день»."""
    if day_kind == DayKind.WORKING:
        return counted(days, "рабочий день", "рабочих дня", "рабочих дней")
    return counted(days, "календарный день", "календарных дня", "календарных дней")
