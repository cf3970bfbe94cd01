"""
The arithmetic of meter readings: what was typed, what was used, what must be asked. Pure: no database, no dates of
today. Values are those on the meter (kWh before the ratio), use is in kWh: (now − before) × ratio.

Nothing here refuses a strange value: it becomes a question that the consumer answers, and staff look at the answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from itertools import permutations
from re import fullmatch, sub

from django.db.models import TextChoices

from rsmportal.russian import counted, plural

MONTH_DAYS = Decimal(31)  # up to so many days are one month
JUMP = 3  # times the average; twice is no reason (our rule, after the practice of sales companies)
MIN_HISTORY, MAX_HISTORY = 3, 12  # so many earlier readings make an average
SLACK_KWH = 50  # our rule: below so much a month nobody is asked, however little was used before
MAX_TYPED = 40  # characters

_SPACES = r"[\s\N{NARROW NO-BREAK SPACE}\N{NO-BREAK SPACE}'’]"


class Question(TextChoices):
    """What is asked before a value is taken as it is."""

    LOWER = "lower", "меньше прошлого"
    JUMP = "jump", "больше обычного в\N{NO-BREAK SPACE}3\N{NO-BREAK SPACE}раза"
    IMPOSSIBLE = "impossible", "больше, чем позволяет мощность"
    SWAPPED = "swapped", "похоже, зоны перепутаны"
    UNVERIFIED = "unverified", "срок поверки прошёл"


# An answer to these is looked at by staff and needs a photo; the others only have to be read.
CHECKED_BY_STAFF = frozenset({Question.LOWER, Question.JUMP, Question.IMPOSSIBLE, Question.SWAPPED})


class Answer(TextChoices):
    """What the consumer said to the questions about a value that was sent."""

    RIGHT = "right", "всё верно"
    ROLLOVER = "rollover", "счётчик перешёл через ноль"
    REPLACED = "replaced", "счётчик заменили"


class Problem(StrEnum):
    """Why a typed value is none."""

    MISSING = "missing"
    NOT_A_NUMBER = "invalid"
    NEGATIVE = "negative"
    TOO_LONG = "too_long"


class ReadingRefused(ValueError):
    """What was typed is no reading of this meter; the text tells the consumer how to put it right."""

    def __init__(self, problem: Problem, message: str) -> None:
        super().__init__(message)
        self.problem, self.message = problem, message


@dataclass(frozen=True)
class MeterKind:
    """What the arithmetic must know of a meter."""

    digits_before: int
    digits_after: int = 0
    zones: int = 1
    ratio: int = 1

    @property
    def keeps_fraction(self) -> bool:
        """Whole kWh are taken, but behind transformers a tenth on the drums is several kWh."""
        return self.ratio > 1 and self.digits_after > 0

    def taken(self, value: Decimal) -> Decimal:
        """Without the digits after the comma that are not taken."""
        kept = self.digits_after if self.keeps_fraction else 0
        return value.quantize(Decimal(1).scaleb(-kept), rounding=ROUND_DOWN)

    @property
    def rolls_at(self) -> int:
        """Where the drums start again from zero."""
        return int(10**self.digits_before)


@dataclass(frozen=True)
class Typed:
    """A value as it is taken, and whether digits after the comma were left out."""

    value: Decimal
    was_cut: bool = False


@dataclass(frozen=True)
class Used:
    """An earlier use, for the average: kWh within so many days."""

    kwh: Decimal
    days: int

    @property
    def per_month(self) -> Decimal:
        """A span shorter than a month counts as one: readings are sent once a month."""
        return self.kwh / months(self.days)


@dataclass(frozen=True)
class Usual:
    """What a zone uses in a month, kWh."""

    low: Decimal
    high: Decimal
    average: Decimal

    def span(self, days: int) -> tuple[Decimal, Decimal]:
        """So much within `days` is as usual: from half of the least month to one and a half of the greatest."""
        return self.low * days / MONTH_DAYS / 2, self.high * months(days) * 3 / 2

    def limit(self, days: int) -> Decimal:
        """More than this within `days` is asked about."""
        return max(self.average * JUMP, Decimal(SLACK_KWH)) * months(days)


@dataclass(frozen=True)
class Before:
    """Where a zone stands: its last accepted value, the day of it, and what it usually uses."""

    value: Decimal
    day: date
    usual: Usual | None = None


@dataclass(frozen=True)
class Checked:
    """One zone of a sending: what was used (None when nothing can be told), what is asked, what was maybe meant."""

    value: Decimal
    used: Decimal | None
    questions: tuple[Question, ...] = ()
    meant: Decimal | None = None  # «вы имели в виду …?»
    rolled_over: Decimal | None = None  # the use if the drums passed zero, when that is likely


def months(days: int) -> Decimal:
    return max(Decimal(1), Decimal(days) / MONTH_DAYS)


def parse(text: str, kind: MeterKind) -> Typed:
    """
    The value that was typed: comma or dot, spaces and leading zeros as people like. Digits after the comma are left
    out, or kept as far as the meter shows them when there is a ratio. Raises `ReadingRefused`.
    """
    bare = sub(_SPACES, "", text)
    if not bare:
        raise ReadingRefused(
            Problem.MISSING, "Введите показание. Если расхода не\N{NO-BREAK SPACE}было, повторите прошлое."
        )
    if fullmatch(r"[-−–][0-9]+([.,][0-9]*)?", bare):
        raise ReadingRefused(Problem.NEGATIVE, "Показание не\N{NO-BREAK SPACE}бывает меньше нуля. Уберите минус.")
    if len(text) > MAX_TYPED or not (found := fullmatch(r"([0-9]+)(?:[.,]([0-9]*))?", bare)):
        raise ReadingRefused(Problem.NOT_A_NUMBER, "Введите только цифры, например 18646.")
    whole, fraction = found[1].lstrip("0") or "0", found[2] or ""
    if len(whole) > kind.digits_before:
        raise ReadingRefused(Problem.TOO_LONG, _too_long(whole, kind))
    typed = Decimal(f"{whole}.{fraction or 0}")
    taken = kind.taken(typed)
    return Typed(taken, was_cut=taken != typed)


def _too_long(whole: str, kind: MeterKind) -> str:
    typed = counted(len(whole), "цифра", "цифры", "цифр")
    verb = plural(len(whole), "Введена", "Введено", "Введено")
    room = counted(kind.digits_before, "цифра", "цифры", "цифр")
    message = f"{verb} {typed}, а\N{NO-BREAK SPACE}на\N{NO-BREAK SPACE}счётчике до\N{NO-BREAK SPACE}запятой {room}."
    if kind.digits_after and len(whole) <= kind.digits_before + kind.digits_after:
        message += (
            " Цифры в\N{NO-BREAK SPACE}красной рамке и\N{NO-BREAK SPACE}после запятой не\N{NO-BREAK SPACE}вводят."
        )
    return message


def difference(now: Decimal, before: Decimal, kind: MeterKind, *, rolled_over: bool = False) -> Decimal:
    """
    How far the drums went. Raises ValueError when the value fell and it is not said that they passed zero.

    >>> difference(Decimal(130), Decimal(99950), MeterKind(digits_before=5), rolled_over=True)
    Decimal('180')
    """
    if now >= before:
        return now - before
    if not rolled_over:
        raise ValueError("The value fell")
    return now + kind.rolls_at - before


def used(now: Decimal, before: Decimal, kind: MeterKind, *, rolled_over: bool = False) -> Decimal:
    """
    kWh: (now − before) × ratio. Raises ValueError as `difference` does.

    >>> used(Decimal("100.5"), Decimal(100), MeterKind(digits_before=6, digits_after=1, ratio=60))
    Decimal('30.0')
    """
    return difference(now, before, kind, rolled_over=rolled_over) * kind.ratio


def usual(history: Sequence[Used]) -> Usual | None:
    """What the newest earlier uses say of a month; None when there are too few of them. `history`: newest first."""
    monthly = [earlier.per_month for earlier in history[:MAX_HISTORY]]
    if len(monthly) < MIN_HISTORY:
        return None
    return Usual(low=min(monthly), high=max(monthly), average=sum(monthly, Decimal(0)) / len(monthly))


def check(
    values: Mapping[int, Decimal],
    *,
    before: Mapping[int, Before],
    kind: MeterKind,
    taken_on: date,
    max_power_kw: Decimal | None = None,
    is_verified: bool = True,
) -> dict[int, Checked]:
    """
    Zone → what must be asked about its value. `before` lacks the zones that have no accepted reading yet: nothing can
    be asked about these. What concerns the meter as a whole is asked with its first zone, too great a power with the
    zone that used most.
    """
    found = {zone: _check_zone(value, before.get(zone), kind, taken_on) for zone, value in sorted(values.items())}
    most = max(found, key=lambda zone: found[zone].used or 0)
    if _is_impossible(found, before, taken_on, max_power_kw):
        found[most] = _asking(found[most], Question.IMPOSSIBLE)
    first = min(found)
    if swapped(values, before=before, kind=kind, taken_on=taken_on):
        found[first] = _asking(found[first], Question.SWAPPED)
    if not is_verified:
        found[first] = _asking(found[first], Question.UNVERIFIED)
    return found


def swapped(
    values: Mapping[int, Decimal], *, before: Mapping[int, Before], kind: MeterKind, taken_on: date
) -> dict[int, Decimal] | None:
    """The same values in other zones, if they make sense there and not where they were typed; else None."""
    if len(values) < 2 or set(values) - set(before) or _make_sense(values, before, kind, taken_on):
        return None
    zones = sorted(values)
    for order in permutations(zones):
        other = {zone: values[source] for zone, source in zip(zones, order, strict=True)}
        if _make_sense(other, before, kind, taken_on):
            return other
    return None


def _make_sense(values: Mapping[int, Decimal], before: Mapping[int, Before], kind: MeterKind, taken_on: date) -> bool:
    return not any(_check_zone(value, before[zone], kind, taken_on).questions for zone, value in values.items())


def _check_zone(value: Decimal, before: Before | None, kind: MeterKind, taken_on: date) -> Checked:
    if before is None:
        return Checked(value, used=None)
    days = (taken_on - before.day).days
    limit = before.usual.limit(days) if before.usual else None
    if value < before.value:
        rolled = used(value, before.value, kind, rolled_over=True)
        is_likely = rolled <= (limit if limit is not None else Decimal(kind.rolls_at * kind.ratio) / 10)
        return Checked(value, used=None, questions=(Question.LOWER,), rolled_over=rolled if is_likely else None)
    kwh = used(value, before.value, kind)
    if limit is None or kwh <= limit:
        return Checked(value, used=kwh)
    return Checked(value, used=kwh, questions=(Question.JUMP,), meant=_meant(value, before, kind, limit))


def _meant(value: Decimal, before: Before, kind: MeterKind, limit: Decimal) -> Decimal | None:
    """The value without digits that were typed too many at its end, if that makes sense."""
    for shift in range(1, max(kind.digits_after, 1) + 1):
        candidate: Decimal = (value / Decimal(10**shift)).quantize(Decimal(1), rounding=ROUND_DOWN)
        if candidate >= before.value and used(candidate, before.value, kind) <= limit:
            return candidate
    return None


def _is_impossible(
    found: Mapping[int, Checked], before: Mapping[int, Before], taken_on: date, max_power_kw: Decimal | None
) -> bool:
    """More than the power of the point would use day and night, the day of the reading counted in full."""
    known = [zone for zone, checked in found.items() if checked.used is not None]
    if max_power_kw is None or not known:
        return False
    days = max((taken_on - before[zone].day).days for zone in known) + 1
    return sum((found[zone].used or Decimal(0) for zone in known), Decimal(0)) > max_power_kw * 24 * days


def _asking(checked: Checked, question: Question) -> Checked:
    questions = (*checked.questions, question)
    return Checked(checked.value, checked.used, questions, checked.meant, checked.rolled_over)
