"""How pages speak of months and windows."""

from __future__ import annotations

from datetime import date

from django.utils.formats import date_format

from requests_app.dates import day_in_words, days_left
from requests_app.reading_windows import Window, first_of

_NBSP = "\N{NO-BREAK SPACE}"
_OTHER_YEAR = "F Y"


def month_in_words(month: date, *, today: date) -> str:
    """«ноябрь»; of another year «ноябрь 2025»."""
    words = date_format(month, "F" if month.year == today.year else _OTHER_YEAR).lower()
    return words.replace(" ", _NBSP)


def taken_in(window: Window, day: date) -> str:
    """What the consumer is told on `day`: until when readings are taken in, or for which month they will count."""
    month = month_in_words(window.month, today=day)
    until = day_in_words(window.closes, today=day)
    if window.is_open(day):
        return f"Принимаем до{_NBSP}{until} включительно, {days_left(window.closes, today=day)}.{_advice(window, day)}"
    begins = day_in_words(window.opens, today=day)
    span = f"приём с{_NBSP}{begins} по{_NBSP}{until}"
    if window.month > first_of(day):
        return (
            f"Приём за{_NBSP}этот месяц закончен: показания учтём за{_NBSP}{month}. Чтобы расход был за{_NBSP}весь {month}, "
            f"передайте ещё раз с{_NBSP}{begins} по{_NBSP}{until}."
        )
    return f"Основной {span}. Можно и{_NBSP}сейчас: показания учтём за{_NBSP}{month}, а{_NBSP}потом их можно уточнить."


def _advice(window: Window, day: date) -> str:
    if window.as_of:
        return f" Нужны показания на{_NBSP}{day_in_words(window.as_of, today=day)}, 0:00."
    if window.advised_from and day < window.advised_from:
        return f" Лучше с{_NBSP}{day_in_words(window.advised_from, today=day)}: так расход ближе к{_NBSP}месяцу."
    return ""
