"""
Figures of the quality of answers: grades of consumers, second readings, repeated appeals; of what a colleague may see,
in some days, by service and by who answered. Each function asks the database once or twice, however many rows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncWeek

from accounts.models import User
from requests_app import services
from requests_app.models import AnswerGrade, AnswerReview, Grade, Repetition, ServiceRequest
from requests_app.models.quality import CRITERIA, LOW, AnswerGradeQuerySet, AnswerReviewQuerySet, RepetitionQuerySet
from requests_app.reports.period import Period


@dataclass(frozen=True)
class Grades:
    """How often each grade was given."""

    counts: Mapping[int, int]

    @property
    def count(self) -> int:
        return sum(self.counts.values())

    @property
    def low(self) -> int:
        return sum(self.counts.get(grade, 0) for grade in LOW)

    @property
    def average(self) -> Decimal | None:
        """With one digit; None of nothing."""
        return average(sum(grade * count for grade, count in self.counts.items()), self.count)

    @property
    def average_share(self) -> int:
        """In per cent of the best, for a bar."""
        return round(sum(grade * count for grade, count in self.counts.items()) * 20 / self.count) if self.count else 0

    def share(self, grade: int) -> int:
        """In per cent."""
        return share(self.counts.get(grade, 0), self.count)

    def lines(self) -> list[tuple[Grade, int, int]]:
        """(grade, count, share in per cent), the best first."""
        return [(grade, self.counts.get(grade, 0), self.share(grade)) for grade in reversed(Grade)]


@dataclass(frozen=True, kw_only=True)
class Reviews:
    """What second readers said: answers chosen, read, the sum of marks, and of how many each criterion is true."""

    chosen: int = 0
    read: int = 0
    marks: int = 0
    met: Mapping[str, int] = field(default_factory=dict)

    @property
    def unread(self) -> int:
        return self.chosen - self.read

    @property
    def average(self) -> Decimal | None:
        return average(self.marks, self.read)

    def criteria(self) -> list[tuple[str, int, int]]:
        """(criterion, of how many answers it is true, share in per cent of those read)."""
        names = {name: str(AnswerReview._meta.get_field(name).verbose_name) for name in CRITERIA}  # type: ignore[union-attr]
        return [(names[name], self.met.get(name, 0), share(self.met.get(name, 0), self.read)) for name in CRITERIA]


@dataclass(frozen=True, kw_only=True)
class Line:
    """The figures of one service, or of one colleague."""

    label: str
    grades: Grades
    reviews: Reviews
    repeated: int


def average(total: int, count: int) -> Decimal | None:
    """With one digit; None of nothing."""
    return (Decimal(total) / count).quantize(Decimal("0.1")) if count else None


def share(part: int, whole: int) -> int:
    """In whole per cents; 0 of nothing."""
    return round(100 * part / whole) if whole else 0


# -- What is counted ------------------------------------------------------------------------------------------------


def grades_in(period: Period, *, by: User) -> AnswerGradeQuerySet:
    """Given in these days."""
    return AnswerGrade.objects.visible_to(by).filter(graded_at__gte=period.start, graded_at__lt=period.end)


def reviews_in(period: Period, *, by: User) -> AnswerReviewQuerySet:
    """Of the weeks that began in these days."""
    reviews = AnswerReview.objects.visible_to(by)
    return reviews.filter(sample__week__gte=period.first, sample__week__lte=period.last)


def repeated_in(period: Period, *, by: User) -> RepetitionQuerySet:
    """Sent in these days, without those that were taken back."""
    return Repetition.objects.visible_to(by).standing().filter(at__gte=period.start, at__lt=period.end)


# -- Together, and in lines -----------------------------------------------------------------------------------------


def grades(period: Period, *, by: User) -> Grades:
    """One query."""
    return _grades(grades_in(period, by=by), None)[None]


def reviews(period: Period, *, by: User) -> Reviews:
    """One query."""
    return _reviews(reviews_in(period, by=by), None)[None]


def by_service(period: Period, *, by: User) -> list[Line]:
    """Services with something to tell, in their order. Three queries."""
    given = _grades(grades_in(period, by=by), "answer__service_request__service")
    read = _reviews(reviews_in(period, by=by), "answer__service_request__service")
    repeated = _counts(repeated_in(period, by=by), "service_request__service")
    nouns = dict(services.choices())
    found = [slug for slug in nouns if slug in given or slug in read or slug in repeated]
    return _lines({slug: nouns[slug] for slug in found}, given, read, repeated)


def by_colleague(period: Period, *, by: User) -> list[Line]:
    """
    Those who answered, by name; a repeated appeal counts for who answered the earlier one. Four queries.
    """
    given = _grades(grades_in(period, by=by), "answer__by")
    read = _reviews(reviews_in(period, by=by), "answered_by")
    repeated = _counts(repeated_in(period, by=by).exclude(answered_by=None), "answered_by")
    people = User.objects.filter(pk__in={*given, *read, *repeated}).order_by("name", "email")
    return _lines({user.pk: user.name or user.email for user in people}, given, read, repeated)


def by_week(period: Period, *, by: User) -> dict[date, Grades]:
    """Monday → grades of its week, every week of the period in order. One query."""
    weekly = grades_in(period, by=by).annotate(week=TruncWeek("graded_at"))
    found: dict[date, Counter[int]] = defaultdict(Counter)
    for week, grade, count in weekly.order_by().values_list("week", "grade").annotate(count=Count("pk")):
        found[week.date()][grade] += count
    monday = period.first - timedelta(days=period.first.weekday())
    mondays = [monday + timedelta(weeks=number) for number in range((period.last - monday).days // 7 + 1)]
    return {each: Grades(found[each]) for each in mondays}


def unread(*, by: User) -> int:
    """How many answers of all samples wait for a second reader. One query."""
    return AnswerReview.objects.visible_to(by).unread().count()


def of_request(service_request: ServiceRequest, *, by: User) -> dict[str, Any]:
    """For the page of one request: its grades, and the request that it repeats if `by` may know of it. Two queries."""
    given = AnswerGrade.objects.filter(answer__service_request=service_request).select_related("answer__by")
    repetition = Repetition.objects.visible_to(by).filter(service_request=service_request).select_related("earlier")
    return {"grades": list(given.order_by("answer")), "repetition": repetition.first()}


def new_low_grades(*, since: datetime, by: User) -> int:
    """How many low grades were given since then. One query."""
    return AnswerGrade.objects.visible_to(by).low().filter(graded_at__gte=since).count()


def last_weeks(count: int, *, today: date) -> Period:
    """So many weeks, this one among them as far as it has come."""
    return Period(today - timedelta(days=today.weekday(), weeks=count - 1), today)


# -- Counting -------------------------------------------------------------------------------------------------------


def _grades(found: AnswerGradeQuerySet, key: str | None) -> Mapping[Any, Grades]:
    counts: dict[Any, Counter[int]] = defaultdict(Counter)
    columns = [key, "grade"] if key else ["grade"]
    for *group, grade, count in found.order_by().values_list(*columns).annotate(count=Count("pk")):
        counts[group[0] if group else None][grade] += count
    if key is None:
        counts[None] += Counter()
    return {group: Grades(each) for group, each in counts.items()}


def _reviews(found: AnswerReviewQuerySet, key: str | None) -> Mapping[Any, Reviews]:
    sums = {
        "chosen": Count("pk"),
        "read": Count("read_at"),
        "marks": Sum("mark", default=0),
        **{name: Count("pk", Q(**{name: True})) for name in CRITERIA},
    }
    rows = [found.aggregate(**{f"n_{k}": v for k, v in sums.items()})] if key is None else _grouped(found, key, sums)
    return {row.get("group"): _review(row) for row in rows}


def _grouped(found: QuerySet[Any], key: str, sums: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    named = {f"n_{name}": value for name, value in sums.items()}
    for row in found.order_by().values(key).annotate(**named):
        yield {"group": row[key], **row}


def _review(row: Mapping[str, Any]) -> Reviews:
    return Reviews(
        chosen=row["n_chosen"],
        read=row["n_read"],
        marks=row["n_marks"],
        met={name: row[f"n_{name}"] for name in CRITERIA},
    )


def _counts(found: RepetitionQuerySet, key: str) -> Mapping[Any, int]:
    return dict(found.order_by().values_list(key).annotate(count=Count("pk")))


def _lines(
    labels: Mapping[Any, str], given: Mapping[Any, Grades], read: Mapping[Any, Reviews], repeated: Mapping[Any, int]
) -> list[Line]:
    return [
        Line(
            label=label,
            grades=given.get(key, Grades({})),
            reviews=read.get(key, Reviews()),
            repeated=repeated.get(key, 0),
        )
        for key, label in labels.items()
    ]
