from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.db import models

from requests_app.deadlines import standard_working_day


class CalendarDayQuerySet(models.QuerySet["CalendarDay"]):
    def working_day_check(self) -> Callable[[date], bool]:
        """A function date → is it a working day: our rows over the standard Russian calendar. One query."""
        own = dict(self.values_list("date", "is_working"))
        return lambda day: own.get(day, standard_working_day(day))


class CalendarDay(models.Model):
    """A day on which the company departs from the standard calendar, or that is not published there yet."""

    date = models.DateField("дата", unique=True)
    is_working = models.BooleanField("рабочий день")
    note = models.CharField("пояснение", max_length=200, blank=True)

    objects = CalendarDayQuerySet.as_manager()

    class Meta:
        verbose_name = "особый день календаря"
        verbose_name_plural = "производственный календарь"
        ordering = ["-date"]

    def __str__(self) -> str:
        day = models.DateField().to_python(self.date)  # the trail reads it before it was stored
        return f"{day:%d.%m.%Y}: {'рабочий' if self.is_working else 'нерабочий'}"
