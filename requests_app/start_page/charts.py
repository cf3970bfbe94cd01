"""How the work goes: the last twelve weeks in charts, for those who answer for the terms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Q
from django.db.models.functions import TruncWeek

from requests_app import services
from requests_app.codes import Category, Outcome
from requests_app.colleagues import EXTEND_TERMS
from requests_app.reading_chart import Column, draw
from requests_app.start_page.base import (
    Block,
    BlockKind,
    Drawing,
    Figure,
    Line,
    Table,
    Viewer,
    per_cent,
    share_of,
)
from requests_app.start_page.queue import listing
from requests_app.start_page.selection import WEEKS, appeals, first_monday, midnight, of_week, since, span_of

SPAN = f"За {WEEKS}\N{NO-BREAK SPACE}недель, с\N{NO-BREAK SPACE}этой"


def weeks(viewer: Viewer) -> Block | None:
    """Appeals received and answered, week by week. Two queries."""
    received, answers = _received_by_week(viewer), _answered_by_week(viewer)
    if not received and not answers:
        return None
    mondays = _mondays(viewer.today)
    lines = [
        Line(
            label=span_of(monday),
            figures=[
                _of_week("received", "Поступили", received[monday], monday),
                _of_week("answered", "Отвечены", sum(answers[monday, outcome] for outcome in Outcome), monday),
            ],
        )
        for monday in mondays
    ]
    columns = [
        Column(f"{monday:%d.%m}", [Decimal(line.figures[0].count)], Decimal(line.figures[1].count))
        for monday, line in zip(mondays, lines, strict=True)
    ]
    return Block(
        name="weeks",
        title="Поступили и\N{NO-BREAK SPACE}отвечены",
        drawing=Drawing(
            chart=draw(columns), title="Обращения по\N{NO-BREAK SPACE}неделям", fillings=["поступили"], mark="отвечены"
        ),
        table=Table(columns=["Неделя", "Поступили", "Отвечены"], lines=lines[::-1], is_folded=True),
        is_wide=True,
    )


def timeliness(viewer: Viewer) -> Block | None:
    """Which part of the answers was in time, week by week and together. One query."""
    answers = _answered_by_week(viewer)
    total = Counter[str]()
    for (_, outcome), count in answers.items():
        total[outcome] += count
    if not total:
        return None
    mondays = _mondays(viewer.today)
    lines = [
        _timeliness_of(monday, answers[monday, Outcome.IN_TIME], answers[monday, Outcome.LATE]) for monday in mondays
    ]
    columns = [
        Column(f"{monday:%d.%m}", [Decimal(answers[monday, outcome]) for outcome in (Outcome.IN_TIME, Outcome.LATE)])
        for monday in mondays
    ]
    share = per_cent(share_of(total[Outcome.IN_TIME], total.total()))
    return Block(
        name="timeliness",
        title="Ответы в\N{NO-BREAK SPACE}срок",
        note=f"{share} ответов за\N{NO-BREAK SPACE}{WEEKS}\N{NO-BREAK SPACE}недель даны в\N{NO-BREAK SPACE}срок.",
        drawing=Drawing(
            chart=draw(columns),
            title="Ответы по\N{NO-BREAK SPACE}неделям: в\N{NO-BREAK SPACE}срок и\N{NO-BREAK SPACE}с\N{NO-BREAK SPACE}опозданием",
            fillings=["в\N{NO-BREAK SPACE}срок", "с\N{NO-BREAK SPACE}опозданием"],
        ),
        table=Table(
            columns=["Неделя", "Отвечены", "Поздно"],
            share_column="В\N{NO-BREAK SPACE}срок",
            lines=lines[::-1],
            is_folded=True,
        ),
        is_wide=True,
    )


def by_service(viewer: Viewer) -> Block | None:
    """What was asked for. One query."""
    counts = _counts(viewer, "service")
    lines = _shares([(service.noun, f"service-{service.slug}", counts[service.slug]) for service in services.SERVICES])
    return _shares_block("services", "По\N{NO-BREAK SPACE}услугам", "Услуга", lines)


def by_category(viewer: Viewer) -> Block | None:
    """What the appeals were about, in the words of the regulator's tables. One query."""
    counts = _counts(viewer, "category", appeals())
    lines = _shares([(str(each.label), f"category-{each.value}", counts[each.value]) for each in Category])
    return _shares_block("categories", "По\N{NO-BREAK SPACE}темам обращений", "Тема", lines)


# -- Counting -------------------------------------------------------------------------------------------------------


def _received_by_week(viewer: Viewer) -> Counter[date]:
    found = viewer.requests.filter(appeals(), since(viewer.today)).order_by()
    rows = found.annotate(week=TruncWeek("submitted_at")).values_list("week").annotate(count=Count("*"))
    return Counter({week.date(): count for week, count in rows})


def _answered_by_week(viewer: Viewer) -> Counter[tuple[date, str]]:
    found = viewer.requests.filter(appeals(), answered_at__gte=midnight(first_monday(viewer.today))).order_by()
    rows = found.annotate(week=TruncWeek("answered_at")).values_list("week", "outcome").annotate(count=Count("*"))
    return Counter({(week.date(), outcome): count for week, outcome, count in rows})


def _counts(viewer: Viewer, field: str, condition: Q | None = None) -> Counter[str]:
    found = viewer.requests.filter(condition or Q(), since(viewer.today)).order_by()
    return Counter(dict(found.values_list(field).annotate(count=Count("*"))))


# -- In words and addresses -----------------------------------------------------------------------------------------


def _mondays(today: date) -> list[date]:
    return [first_monday(today) + timedelta(weeks=number) for number in range(WEEKS)]


def _of_week(kind: str, label: str, count: int, monday: date, mark: str = "") -> Figure:
    return Figure(label=label, count=count, address=listing("all", figure=of_week(kind, monday)), mark=mark)


def _timeliness_of(monday: date, in_time: int, late: int) -> Line:
    share = share_of(in_time, in_time + late)
    return Line(
        label=span_of(monday),
        figures=[
            _of_week("answered", "Отвечены", in_time + late, monday),
            _of_week("late", "Поздно", late, monday, mark="late"),
        ],
        share=share,
        share_title=per_cent(share),
    )


def _shares(counts: Sequence[tuple[str, str, int]]) -> list[Line]:
    """(label, value of the address, count) → the rows that are not empty, the largest first."""
    whole = sum(count for _, _, count in counts)
    return [
        Line(
            label=label,
            figures=[Figure(label="Заявки", count=count, address=listing("all", figure=value))],
            share=share_of(count, whole),
            share_title=per_cent(share_of(count, whole)),
        )
        for label, value, count in sorted(counts, key=lambda each: -each[2])
        if count
    ]


def _shares_block(name: str, title: str, column: str, lines: list[Line]) -> Block | None:
    if not lines:
        return None
    table = Table(columns=[column, "Поступили"], share_column="Доля", lines=lines)
    return Block(name=name, title=title, table=table, is_wide=True)


BLOCKS = [
    BlockKind(name="weeks", permissions=[EXTEND_TERMS], make=weeks),
    BlockKind(name="timeliness", permissions=[EXTEND_TERMS], make=timeliness),
    BlockKind(name="services", permissions=[EXTEND_TERMS], make=by_service),
    BlockKind(name="categories", permissions=[EXTEND_TERMS], make=by_category),
]
