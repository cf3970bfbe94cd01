"""What sending the table would do: nothing is written here, and what is asked or refused is said by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import ValidationError

from requests_app.reading_rules import CHECKED_BY_STAFF, Answer, Checked, Question
from requests_app.reading_windows import Window, usual_day
from requests_app.services.meter_readings.questions import AGAIN, MEANT, choices_for
from requests_app.services.meter_readings.recording import Given
from requests_app.services.meter_readings.refusals import check_control, check_day, check_meter
from requests_app.services.meter_readings.sheet.lines import Entry, Lines, Problem
from requests_app.services.meter_readings.standing import Standing, standings

BATCH = 500  # meters whose past is held at once


@dataclass(frozen=True)
class Asked:
    """A question about one zone of one meter."""

    entry: Entry
    zone: int
    standing: Standing
    checked: Checked

    @property
    def name(self) -> str:
        """Of its field in the form."""
        return f"answer_{self.entry.meter.pk}_{self.zone}"

    @property
    def row(self) -> int:
        return self.entry.rows[self.zone]

    @property
    def choices(self) -> list[tuple[str, str]]:
        """What keeps the value as it is; another value is typed in the file."""
        return [choice for choice in choices_for(self.checked) if choice[0] not in (AGAIN, MEANT)]

    @property
    def questions(self) -> list[Question]:
        """What staff look at; that the verification has ended is asked once for the whole table."""
        return [question for question in self.checked.questions if question in CHECKED_BY_STAFF]

    @property
    def answer(self) -> str:
        """What the file itself answers, if that is an answer to this."""
        answer = self.entry.answers.get(self.zone, "")
        return str(answer) if answer in dict(self.choices) else ""


@dataclass(frozen=True)
class Sending:
    """A meter whose values are to be recorded."""

    entry: Entry
    standing: Standing
    day: date
    checked: Mapping[int, Checked]

    def given(self, answers: Mapping[str, str]) -> dict[int, Given]:
        """Zone → what is recorded; `answers`: name of `Asked` → answer of the form."""
        found = {}
        for zone, checked in self.checked.items():
            asked = Asked(self.entry, zone, self.standing, checked)
            answer = answers.get(asked.name) or asked.answer or (Answer.RIGHT if checked.questions else "")
            found[zone] = Given(checked.value, checked.questions, answer)
        return found


@dataclass
class Plan:
    """What is in the file beside what is in the account."""

    lines: Lines
    window: Window
    problems: list[Problem] = field(default_factory=list)
    sendings: list[Sending] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    same: int = 0  # meters whose values of the month are these already
    corrections: int = 0  # meters with other values of the month
    unverified: int = 0  # meters whose verification has ended

    @property
    def unanswered(self) -> list[Asked]:
        return [asked for asked in self.asked if not asked.answer]

    @property
    def may_be_sent(self) -> bool:
        return bool(self.sendings) and not self.problems

    @property
    def waits(self) -> bool:
        """Will staff look at something before it counts?"""
        return bool(self.asked)


def plan_of(lines: Lines, *, window: Window, today: date) -> Plan:
    """Check every meter of the file by the rules of the form. A few queries for every five hundred meters."""
    plan = Plan(lines, window, problems=list(lines.problems))
    entries = [entry for entry in lines.entries.values() if not entry.is_wrong]
    for start in range(0, len(entries), BATCH):
        batch = entries[start : start + BATCH]
        known = standings([entry.meter for entry in batch], month=window.month)
        for entry in batch:
            _add(plan, entry, known[entry.meter.pk], today)
    plan.problems.sort(key=lambda problem: problem.row)
    return plan


def _add(plan: Plan, entry: Entry, standing: Standing, today: date) -> None:
    day = entry.day or usual_day(today, plan.window)
    refusals = list(_refusals(entry, standing, day, today))
    if refusals:
        plan.problems += refusals
    elif standing.has(entry.values, taken_on=day, window=plan.window):
        plan.same += 1
    else:
        checked = standing.check(entry.values, taken_on=day)
        plan.sendings.append(Sending(entry, standing, day, checked))
        plan.corrections += bool(standing.current)
        plan.unverified += any(Question.UNVERIFIED in each.questions for each in checked.values())
        asked = (Asked(entry, zone, standing, each) for zone, each in checked.items())
        plan.asked += [each for each in asked if each.questions]


def _refusals(entry: Entry, standing: Standing, day: date, today: date) -> Iterator[Problem]:
    try:
        check_meter(entry.meter, today=today)
        check_day(day, standing=standing, today=today)
    except ValidationError as refusal:
        yield Problem(entry.row, refusal.messages[0])
        return
    for zone, value in entry.values.items():
        try:
            check_control(value, zone=zone, standing=standing, today=today)
        except ValidationError as refusal:
            yield Problem(entry.rows[zone], refusal.messages[0])
