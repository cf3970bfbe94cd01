"""
The results of a survey: counts, shares, averages, crossed by legal form. Of an anonymous one nothing is shown before it
is closed, and then no number below five, nor one from which such a number would follow: see `disclosure`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, F

from accounts.models import LegalForm
from requests_app.services.survey.answers import Answer, ChosenOption
from requests_app.services.survey.disclosure import LEAST, hidden
from requests_app.services.survey.kinds import MARKS, POINT_GROUPS, Kind
from requests_app.services.survey.models import Question, Survey

TOTAL = "total"  # the column of everybody
MOST_TEXTS = 500  # shown of one question
TITLES = {
    TOTAL: "Всего",
    LegalForm.PERSON: "Физ. лица",
    LegalForm.SOLE_TRADER: "ИП",
    LegalForm.COMPANY: "Юр. лица",
}
HIDDEN = "скрыто"
_HIGHEST = {Kind.SCALE: 5, Kind.POINTS: 10}  # the mark that fills the bar of an average

Column = str  # TOTAL or a legal form
Place = tuple[str, Column]  # of a number: line and column
_PRICE = {False: 10**3, True: 10**6}  # of hiding, by whether it is everybody's: that goes last, an average after counts
_ALL = "all"  # the line of how many answered the question
_SUM = "sum"  # the line behind the averages: the marks added up


@dataclass(frozen=True, kw_only=True)
class Line:
    """One answer that could be given. `counts` and `shares` (per cent) by column; None is hidden."""

    label: str
    counts: dict[Column, int | None]
    shares: dict[Column, int | None]

    @property
    def share(self) -> int | None:
        """Of everybody."""
        return self.shares[TOTAL]

    @property
    def cells(self) -> list[tuple[int | None, int | None]]:
        """Count and share by column."""
        return [(count, self.shares[column]) for column, count in self.counts.items()]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What was answered to one question."""

    question: Question
    answered: dict[Column, int | None]
    lines: list[Line] = field(default_factory=list)
    averages: dict[Column, Decimal | None] = field(default_factory=dict)  # empty for a question without numbers
    index: int | None = None  # of recommendation, from -100 to 100
    texts: list[str] = field(default_factory=list)
    texts_hidden: bool = False

    @property
    def titles(self) -> list[str]:
        """Of the columns."""
        return [TITLES[column] for column in self.answered]

    @property
    def average_share(self) -> int | None:
        """How far everybody's average fills its scale, per cent."""
        average, highest = self.averages.get(TOTAL), _HIGHEST.get(Kind(self.question.kind))
        return round(100 * average / highest) if average is not None and highest else None


@dataclass(frozen=True, kw_only=True)
class Results:
    invited: int
    answered: int
    may_be_read: bool  # no, while an anonymous survey is open, or when fewer than five have answered it
    outcomes: list[Outcome]

    @property
    def share(self) -> int:
        """Per cent of the invited; more than are invited now may have answered."""
        return min(round(100 * self.answered / self.invited), 100) if self.invited else 0


def results(survey: Survey) -> Results:
    """Everything of one survey, in the same number of queries however many questions it has."""
    answered = survey.participations.finished().count()
    invited = survey.audience().count() if survey.invited is None else survey.invited
    is_readable = not survey.is_anonymous or (survey.closed_at is not None and answered >= LEAST)
    outcomes = list(_outcomes(survey)) if is_readable else []
    return Results(invited=invited, answered=answered, may_be_read=is_readable, outcomes=outcomes)


# -- Counting -------------------------------------------------------------------------------------------------------


def _outcomes(survey: Survey) -> Iterator[Outcome]:
    columns: list[Column] = list(survey.legal_forms)
    counted = _counted(survey)
    texts = _texts(survey)
    for question in survey.asked():
        table = _Table(question, columns, counted[question.pk])
        yield table.outcome(is_anonymous=survey.is_anonymous, texts=texts[question.pk])


def _counted(survey: Survey) -> dict[int, dict[tuple[str, str], int]]:
    """Question → (what was answered, legal form) → how many. A number by its value, an option by «o» and its key."""
    counted: dict[int, dict[tuple[str, str], int]] = defaultdict(lambda: defaultdict(int))
    answers = Answer.objects.to(survey).values("question", "legal_form")
    for row in answers.annotate(count=Count("pk")):
        counted[row["question"]][_ALL, row["legal_form"]] = row["count"]
    for row in answers.filter(number__isnull=False).annotate(value=F("number"), count=Count("pk")):
        counted[row["question"]][f"{row['value'].normalize():f}", row["legal_form"]] = row["count"]
    chosen = ChosenOption.objects.filter(answer__question__survey=survey)
    by_option = chosen.values("option", "option__question", "answer__legal_form").annotate(count=Count("pk"))
    for option in by_option:
        counted[option["option__question"]][f"o{option['option']}", option["answer__legal_form"]] = option["count"]
    return counted


def _texts(survey: Survey) -> dict[int, list[str]]:
    """By question, in the order of random keys."""
    texts: dict[int, list[str]] = defaultdict(list)
    for answer in Answer.objects.to(survey).exclude(text="").order_by("pk").iterator():
        if len(texts[answer.question_id]) < MOST_TEXTS:
            texts[answer.question_id].append(answer.text)
    return texts


class _Table:
    """The numbers of one question: lines of answers, columns of legal forms, and everybody at the end."""

    def __init__(self, question: Question, legal_forms: list[Column], counted: dict[tuple[str, str], int]) -> None:
        self.question = question
        self.counted = counted
        self.legal_forms = legal_forms if len(legal_forms) > 1 else []
        self.columns = [TOTAL, *self.legal_forms]
        self._everybody = legal_forms

    def outcome(self, *, is_anonymous: bool, texts: list[str]) -> Outcome:
        lines = dict(self._lines(grouped=is_anonymous))
        numbers = self._numbers(lines)
        out = self._hidden(lines, numbers) if is_anonymous else set()
        seen = {place: None if place in out else number for place, number in numbers.items()}
        few = is_anonymous and len(texts) < LEAST
        return Outcome(
            question=self.question,
            answered={column: seen[_ALL, column] for column in self.columns},
            lines=[self._line(name, label, seen) for name, (label, _) in lines.items()],
            averages={column: self._average(column, out) for column in self.columns} if self._has_average else {},
            index=self._index(seen) if self.question.kind == Kind.POINTS else None,
            texts=[] if few else texts,
            texts_hidden=few and bool(texts),
        )

    def _lines(self, *, grouped: bool) -> Iterator[tuple[str, tuple[str, list[str]]]]:
        """Name → label and the values that count for it. An anonymous scale to ten is told by its three groups."""
        question = self.question
        if question.takes_options:
            for option in question.options.all():
                yield f"o{option.pk}", (option.label, [f"o{option.pk}"])
        elif question.kind == Kind.POINTS and grouped:
            for label, marks in POINT_GROUPS.items():
                yield label, (label, [str(mark) for mark in marks])
        else:
            for mark, label in MARKS.get(question.kind, {}).items():
                yield str(mark), (label, [str(mark)])

    def _count(self, values: list[str], column: Column) -> int:
        forms = self._everybody if column == TOTAL else [column]
        return sum(self.counted.get((value, form), 0) for value in values for form in forms)

    @property
    def _has_average(self) -> bool:
        return self.question.kind in (Kind.SCALE, Kind.POINTS, Kind.NUMBER)

    def _sum(self, column: Column) -> Decimal:
        forms = self._everybody if column == TOTAL else [column]
        given = ((value, form, count) for (value, form), count in self.counted.items() if value != _ALL)
        return sum((Decimal(value) * count for value, form, count in given if form in forms), Decimal())

    def _numbers(self, lines: dict[str, tuple[str, list[str]]]) -> dict[Place, int]:
        """Every count; the sums behind averages are no counts, and are looked up by `_sum`."""
        numbers: dict[Place, int] = {}
        for column in self.columns:
            numbers[_ALL, column] = self._count([_ALL], column)
            for name, (_, values) in lines.items():
                numbers[name, column] = self._count(values, column)
        return numbers

    # -- Hiding -----------------------------------------------------------------------------------------------------

    def _hidden(self, lines: dict[str, tuple[str, list[str]]], numbers: dict[Place, int]) -> set[Place]:
        """
        Who took part is no secret, since their requests are registered; so where everybody had to answer, how many did
        is known, and hiding it hides nothing. It is not shown below five all the same.
        """
        possible = dict(numbers)
        cost = {place: number + _PRICE[place[1] == TOTAL] for place, number in numbers.items()}
        small = {place for place, number in numbers.items() if number < LEAST}
        for column in self.columns if self._has_average else []:
            possible[_SUM, column] = 0
            cost[_SUM, column] = 2 * _PRICE[column == TOTAL] + numbers[_ALL, column]
            small |= {(_SUM, column)} if numbers[_ALL, column] < LEAST else set()
        known = {(_ALL, column) for column in self.columns} if self.question.is_required else set()
        secret = {place: number for place, number in possible.items() if place not in known}
        return hidden(secret, self._ties(lines), small=small - known, cost=cost) | (small & known)

    def _ties(self, lines: dict[str, tuple[str, list[str]]]) -> list[dict[Place, int]]:
        """The sums that anybody can do with the table."""
        rows = [_ALL, *lines, *([_SUM] if self._has_average else [])]
        ties: list[dict[Place, int]] = []
        if self.legal_forms:
            ties += [{(row, TOTAL): -1, **{(row, form): 1 for form in self.legal_forms}} for row in rows]
        if not lines or self.question.kind == Kind.SEVERAL:  # who ticks two boxes stands in two lines
            return ties
        for column in self.columns:
            ties.append({(_ALL, column): -1, **{(name, column): 1 for name in lines}})
            if self.question.kind == Kind.SCALE:
                marks = {(name, column): int(name) for name in lines}
                ties.append({(_SUM, column): -1, **marks})
        return ties

    # -- Showing ----------------------------------------------------------------------------------------------------

    def _line(self, name: str, label: str, seen: dict[Place, int | None]) -> Line:
        counts = {column: seen[name, column] for column in self.columns}
        shares = {column: _share(count, seen[_ALL, column]) for column, count in counts.items()}
        return Line(label=label, counts=counts, shares=shares)

    def _average(self, column: Column, out: set[Place]) -> Decimal | None:
        """To one decimal place; None when it is hidden or nobody has answered."""
        count = self._count([_ALL], column)
        return round(self._sum(column) / count, 1) if count and (_SUM, column) not in out else None

    def _index(self, seen: dict[Place, int | None]) -> int | None:
        """The share of those who recommend us less the share of those who do not; None when a part of it is hidden."""
        whole = seen[_ALL, TOTAL]
        groups = [seen.get((label, TOTAL), self._group(marks)) for label, marks in POINT_GROUPS.items()]
        against, _, in_favour = groups
        if not whole or None in groups or against is None or in_favour is None:
            return None
        return round(100 * (in_favour - against) / whole)

    def _group(self, marks: range) -> int:
        return self._count([str(mark) for mark in marks], TOTAL)


def _share(count: int | None, whole: int | None) -> int | None:
    if count is None or whole is None:
        return None
    return round(100 * count / whole) if whole else 0
