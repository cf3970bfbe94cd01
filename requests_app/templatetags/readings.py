"""Readings in templates: {% load readings %}."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone

from requests_app.models import Reading, ReadingReminderRefusal
from requests_app.services.meter_readings import ReadingsForm, fields, words

register = template.Library()

_SHADES = {1: "day", 2: "night", 3: "half"}


@register.filter
def spaced(value: Decimal) -> str:
    """{{ reading.value|spaced }} → «18 646», «1 234,5»."""
    return fields.spaced(value)


@register.filter
def month_name(month: date) -> str:
    """{{ month|month_name }} → «Ноябрь»; of another year «Ноябрь 2025»."""
    return words.month_in_words(month, today=timezone.localdate()).capitalize()


@register.filter
def of_zone(readings: Mapping[int, Reading], zone: int) -> Reading | None:
    """{{ month.readings|of_zone:2 }}."""
    return readings.get(zone)


@register.filter
def zone_label(zone: int, form: ReadingsForm) -> str:
    """{{ 2|zone_label:form }} → «T2 (ночь)»."""
    return str(form.fields[f"zone_{zone}"].label)


@register.filter
def zone_of(name: str, form: Any) -> str:
    """{{ "answer_2"|zone_of:form }} → «T2 (ночь):»; nothing for a meter with one zone."""
    _, _, zone = name.partition("_")
    return f"{zone_label(int(zone), form)}:" if form.meter.zones > 1 else ""


@register.filter
def shade(zone: int) -> str:
    """How the chart fills this zone, as its class and pattern are called."""
    return _SHADES[zone]


@register.inclusion_tag("requests/readings/_reminders.html", takes_context=True)
def reminder_switch(context: Any) -> dict[str, Any]:
    """{% reminder_switch %}: whether the consumer is reminded of readings, and the button that changes it; one query."""
    is_on = not ReadingReminderRefusal.objects.filter(user=context["request"].user).exists()
    return {"is_on": is_on, "csrf_token": context["csrf_token"]}
