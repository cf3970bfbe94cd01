"""From rows of a file to the meters that they mean, each with its values; what cannot be understood is a problem."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import BinaryIO

from accounts.models import User
from requests_app import tables
from requests_app.models.readings import kind_of
from requests_app.models.supply import Meter
from requests_app.reading_rules import Answer, ReadingRefused, parse
from requests_app.services.meter_readings.sheet.columns import ANSWERS, MAX_ROWS, REQUIRED, TITLES, zone_labels
from requests_app.supply_keys import address_key, contract_key, serial_key

_NBSP = "\N{NO-BREAK SPACE}"
_LATIN_T = str.maketrans("тТ", "tt")
UNKNOWN = f"Такого счётчика нет среди ваших подтверждённых. Проверьте номер или подтвердите объект в{_NBSP}кабинете."


@dataclass(frozen=True)
class Problem:
    """What is wrong, and in which row of the file."""

    row: int
    message: str


@dataclass
class Entry:
    """A meter of the file. Zone → value, answer, row of the file."""

    meter: Meter
    row: int  # the first
    day: date | None = None  # as the file says
    values: dict[int, Decimal] = field(default_factory=dict)
    answers: dict[int, Answer] = field(default_factory=dict)
    rows: dict[int, int] = field(default_factory=dict)
    is_wrong: bool = False  # something is the matter with one of its rows


@dataclass
class Lines:
    """What a file says: its meters, how many rows and how many of them without a value, what is wrong."""

    entries: dict[int, Entry] = field(default_factory=dict)
    rows: int = 0
    empty: int = 0
    problems: list[Problem] = field(default_factory=list)


def read_lines(file: BinaryIO, *, user: User) -> Lines:
    """
    Every row with a value, under its meter. Only the consumer's own confirmed meters are known here: of a stranger's
    no more is told than of one that does not exist. Three queries. Raises `tables.TableError`.
    """
    reader = _Reader(user)
    lines = Lines()
    for row in tables.read(file, columns=TITLES, required=REQUIRED, max_rows=MAX_ROWS):
        lines.rows += 1
        if not row.text("value"):
            lines.empty += 1
            continue
        lines.problems += [Problem(row.number, message) for message in reader.take(row, lines)]
    lines.problems += _incomplete(lines)
    return lines


def _incomplete(lines: Lines) -> Iterator[Problem]:
    """A meter with several zones is sent as a whole."""
    for entry in lines.entries.values():
        missing = sorted(set(range(1, entry.meter.zones + 1)) - set(entry.values))
        if missing and not entry.is_wrong:
            entry.is_wrong = True
            zones = ", ".join(f"T{zone}" for zone in missing)
            message = f"Счётчик {entry.meter}: нет показания {zones}. Зоны передают все вместе."
            yield Problem(entry.row, message)


class _Reader:
    """The consumer's meters by what a row may call them."""

    def __init__(self, user: User) -> None:
        self.meters: dict[str, list[Meter]] = {}
        for meter in Meter.objects.visible_to(user).select_related("point").order_by("pk"):
            self.meters.setdefault(meter.serial_key, []).append(meter)
        self.without_zeros: dict[str, list[Meter]] = {}
        for key, meters in self.meters.items():
            self.without_zeros.setdefault(key.lstrip("0"), []).extend(meters)
        self.labels = zone_labels()

    def take(self, row: tables.Row, lines: Lines) -> Iterator[str]:
        """Put the row under its meter; yields what is wrong with it."""
        meter, problem = self._meter(row)
        if meter is None:
            yield problem
            return
        entry = lines.entries.setdefault(meter.pk, Entry(meter, row.number))
        for problem in self._into(entry, row):
            entry.is_wrong = True
            yield problem

    def _into(self, entry: Entry, row: tables.Row) -> Iterator[str]:
        meter, typed = entry.meter, row.text("zone")
        zone = self._zone(typed, meter)
        if zone is None:
            what = f"Зона «{typed}» не{_NBSP}понятна." if typed else "Укажите зону."
            yield f"{what} У{_NBSP}счётчика {self._zones_of(meter)}."
            return
        if zone in entry.rows:
            yield f"Этот счётчик и{_NBSP}зона уже есть в{_NBSP}строке {entry.rows[zone]}. Оставьте одну."
            return
        entry.rows[zone] = row.number
        yield from self._value(row, entry, zone)
        yield from self._day(row, entry)
        yield from self._answer(row, entry, zone)

    def _meter(self, row: tables.Row) -> tuple[Meter | None, str]:
        typed = row.text("serial")
        if not typed:
            return None, "Нет номера счётчика."
        found = self._of_serial(serial_key(typed))
        if len(found) > 1:  # two makers may give one number: then contract and address tell which
            contract, address = contract_key(row.text("contract")), address_key(row.text("address"))
            found = [meter for meter in found if not contract or meter.point.contract_key == contract]
            found = [meter for meter in found if not address or meter.point.address_key == address]
        if len(found) > 1 and any(meter.removed_on is None for meter in found):
            found = [meter for meter in found if meter.removed_on is None]
        if len(found) > 1:
            return None, f"Счётчиков с{_NBSP}таким номером у{_NBSP}вас {len(found)}. Укажите договор и{_NBSP}адрес."
        return (found[0], "") if found else (None, UNKNOWN)

    def _of_serial(self, key: str) -> list[Meter]:
        """Excel takes the zeros before a number that was typed by hand."""
        if key in self.meters or not key.isdigit():
            return self.meters.get(key, [])
        return self.without_zeros.get(key, [])

    def _zone(self, text: str, meter: Meter) -> int | None:
        typed = " ".join(text.lower().split())
        if meter.zones == 1 and typed in ("", "сутки", "1", "т1", "t1"):
            return 1
        labels = self.labels[meter.zones]
        same = [zone for zone, label in labels.items() if label.lower() == typed]
        if same:
            return same[0]
        number = re.fullmatch(r"t?\s?([1-3])\b.*", typed.translate(_LATIN_T))
        if number and int(number[1]) <= meter.zones:
            return int(number[1])
        part = [zone for zone, label in labels.items() if typed and typed in re.findall(r"\w+", label.lower())]
        return part[0] if len(part) == 1 else None

    def _zones_of(self, meter: Meter) -> str:
        names = self.labels[meter.zones].values() if meter.zones > 1 else ["сутки"]
        return ", ".join(f"«{name}»" for name in names)

    def _value(self, row: tables.Row, entry: Entry, zone: int) -> Iterator[str]:
        try:
            entry.values[zone] = parse(row.text("value"), kind_of(entry.meter)).value
        except ReadingRefused as refused:
            yield refused.message

    def _day(self, row: tables.Row, entry: Entry) -> Iterator[str]:
        typed = row.cells.get("taken_on", "")
        if not typed:
            return
        day = typed if isinstance(typed, date) else _parsed(typed)
        if day is None:
            yield f"Дата «{typed}» не{_NBSP}понятна. Напишите её так: 24.11.2026."
        elif entry.day and entry.day != day:
            yield "У\N{NO-BREAK SPACE}зон одного счётчика дата должна быть одна."
        else:
            entry.day = day

    def _answer(self, row: tables.Row, entry: Entry, zone: int) -> Iterator[str]:
        typed = " ".join(re.findall(r"\w+", row.text("answer").lower().replace("ё", "е")))
        if not typed:
            return
        if typed in ANSWERS:
            entry.answers[zone] = ANSWERS[typed]
        else:
            yield "Пояснение не\N{NO-BREAK SPACE}понятно: напишите «верно», «переход через ноль» или «замена»."


def _parsed(text: str) -> date | None:
    for form in ("%d.%m.%Y", "%d.%m.%y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007  a day has no zone
        except ValueError:
            continue
    return None
