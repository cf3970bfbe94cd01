"""The choice of a day and a time as pages draw it: a month of days, the times of one day, others near a wanted one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Self

from django.utils import timezone
from django.utils.formats import date_format

from requests_app.dates import day_in_words, weekday
from requests_app.services.appointment.offices import Office
from requests_app.services.appointment.schedule import OpenTime, read_slot, times
from requests_app.services.appointment.slots import Slot, nearest_free

PARTS = ("office", "day", "slot", "show", "times_of")  # what a page sends of the choice of a time
MOST_NEAR = 6  # times of other days that are offered when the wanted one is taken


@dataclass(frozen=True, kw_only=True)
class Day:
    """A cell of the month. `note` says why it cannot be chosen."""

    day: date
    month: str  # «ноя», on the first cell and on the first of a month
    note: str
    is_taken: bool
    is_shown: bool

    @property
    def label(self) -> str:
        """«26 ноября, четверг», for those who do not see the columns."""
        words = f"{day_in_words(self.day, today=timezone.localdate())}, {weekday(self.day)}"
        return f"{words}, {self.note}" if self.note else words


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A time to choose; `value` is what the page sends."""

    value: str
    starts_at: datetime
    is_free: bool
    is_chosen: bool


def is_of_another_day(sent: Mapping[str, Any]) -> bool:
    """
    Was another day or office chosen after the times were shown? Then the chosen time is not of that day: without
    scripts it stays chosen beside it.
    """
    office, _, day = str(sent.get("times_of") or "").partition("@")
    shown = {"office": office, "day": day}
    return bool(office) and any(sent.get(name) and str(sent[name]) != shown[name] for name in shown)


@dataclass(frozen=True, kw_only=True)
class Picker:
    """What the page draws. `times` in groups, one for each stretch of the day; `near` only after a taken time."""

    offices: list[Office]
    office: Office
    days: list[Day]
    day: date | None
    times: list[list[Choice]]
    near: list[Choice]

    @classmethod
    def build(cls, wanted: Mapping[str, Any]) -> Self | None:
        """
        For what was asked by `office`, `day` or `slot`, in what an address or a form says (`PARTS`); without, or with nonsense,
        the first office and its first free day. None while no office takes bookings. Five queries.
        """
        offices = list(Office.objects.booking())
        if not offices:
            return None
        now = timezone.now()
        slot = read_slot(str(wanted.get("slot") or ""))
        show = "show" in wanted or is_of_another_day(wanted)  # whatever time was chosen before
        key = str(wanted.get("office") or "") if show or not slot else str(slot[0])
        office = next((office for office in offices if str(office.pk) == key), offices[0])
        offered = times(office, now=now)
        asked = _day(wanted.get("day")) if show or not slot else timezone.localdate(slot[1])
        free = (day for day, slots in offered.items() if any(slot.is_free for slot in slots))
        day = asked if asked in offered else next(free, None)
        chosen = slot[1] if slot and slot[0] == office.pk else None
        return cls(
            offices=offices,
            office=office,
            days=_month(offered, shown=day),
            day=day,
            times=_groups([_choice(office, each, chosen) for each in offered.get(day, [])], office) if day else [],
            near=_near(office, offered, chosen, day=day) if chosen and not show else [],
        )


def _day(typed: Any) -> date | None:
    try:
        return date.fromisoformat(str(typed))
    except ValueError:
        return None


def _month(offered: Mapping[date, list[Slot]], *, shown: date | None) -> list[Day]:
    """Whole weeks around the days that can be booked."""
    first, last = min(offered), max(offered)
    start = first - timedelta(days=first.weekday())
    count = (last - start).days + 7 - last.weekday()
    cells = []
    for number in range(count):
        day = start + timedelta(days=number)
        slots = offered.get(day, [])
        is_taken = bool(slots) and not any(slot.is_free for slot in slots)
        note = "всё занято" if is_taken else "" if slots else "нет приёма"
        month = date_format(day, "M").lower()[:3] if number == 0 or day.day == 1 else ""
        cells.append(Day(day=day, month=month, note=note, is_taken=is_taken, is_shown=day == shown))
    return cells


def _choice(office: Office, slot: Slot, chosen: datetime | None) -> Choice:
    return Choice(
        value=str(OpenTime(office, slot.starts_at)),
        starts_at=slot.starts_at,
        is_free=slot.is_free,
        is_chosen=slot.is_free and slot.starts_at == chosen,
    )


def _groups(choices: list[Choice], office: Office) -> list[list[Choice]]:
    """Before the break and after it: a new group begins where one visit does not follow the other at once."""
    length = timedelta(minutes=office.slot_minutes)
    groups: list[list[Choice]] = []
    for choice in choices:
        if not groups or choice.starts_at - groups[-1][-1].starts_at > length:
            groups.append([])
        groups[-1].append(choice)
    return groups


def _near(office: Office, offered: Mapping[date, list[Slot]], wanted: datetime, *, day: date | None) -> list[Choice]:
    """Free times of other days, when the wanted one is not free: those of its own day are shown anyway."""
    on_day = offered.get(day, []) if day else []
    if any(slot.is_free and slot.starts_at == wanted for slot in on_day):
        return []
    others = {each: slots for each, slots in offered.items() if each != day}
    return [_choice(office, slot, None) for slot in nearest_free(others, wanted, count=MOST_NEAR)]
