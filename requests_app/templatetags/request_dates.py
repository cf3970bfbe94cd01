"""Dates in templates, as `requests_app.dates` says them: {% load request_dates %}."""

from datetime import date, datetime

from django import template
from django.utils import timezone

from requests_app import dates

register = template.Library()


@register.filter
def day(value: date) -> str:
    """{{ service_request.submitted_at|day }} → «17 ноября»; the year only when it is another one."""
    return dates.day_in_words(_local(value), today=timezone.localdate())


@register.filter
def full_day(value: date) -> str:
    """{{ service_request.submitted_at|full_day }} → «17 ноября 2026»."""
    return dates.full_day(_local(value))


@register.filter
def weekday(value: date) -> str:
    """{{ due.day|weekday }} → «среда»."""
    return dates.weekday(_local(value))


@register.filter
def moment(value: datetime) -> str:
    """{{ message.created_at|moment }} → «вторник, 17 ноября, 14:32»."""
    return dates.moment_in_words(value, today=timezone.localdate())


def _local(value: date) -> date:
    return timezone.localdate(value) if isinstance(value, datetime) else value
