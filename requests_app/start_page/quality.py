"""What is thought of the answers: grades, repeated appeals, second readings; for those who answer for the work."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse

from requests_app import quality
from requests_app.quality import Grades
from requests_app.reading_chart import Column, draw
from requests_app.start_page.base import Block, BlockKind, Drawing, Figure, Line, Table, Viewer
from requests_app.start_page.selection import WEEKS, span_of

RECENT = 4  # weeks, this one among them: what the figures are of


def _list(model: str, **filters: str) -> str:
    return f"{reverse(f'admin:requests_app_{model}_changelist')}?{urlencode(filters)}"


def figures(viewer: Viewer) -> Block:
    """Low grades, repeated appeals and what waits for a second reader; averages in words. Four queries."""
    period = quality.last_weeks(RECENT, today=viewer.today)
    grades = quality.grades(period, by=viewer.user)
    reviews = quality.reviews(period, by=viewer.user)
    span, weeks = f"за\N{NO-BREAK SPACE}{RECENT}\N{NO-BREAK SPACE}недели", str(RECENT)
    return Block(
        name="quality",
        title="Качество ответов",
        figures=[
            Figure(
                label=f"Низкие оценки {span}",
                count=grades.low,
                address=_list("answergrade", grade="low", weeks=weeks),
                mark="soon",
            ),
            Figure(
                label=f"Повторные обращения {span}",
                count=quality.repeated_in(period, by=viewer.user).count(),
                address=_list("repetition", weeks=weeks),
            ),
            Figure(
                label="Ждут второго чтения",
                count=quality.unread(by=viewer.user),
                address=_list("answerreview", read="no"),
                mark="soon",
            ),
        ],
        note=_in_words(grades, reviews.average),
    )


def _in_words(grades: Grades, average: Decimal | None) -> str:
    """«Потребители: 4,2 из 5, оценок 37. Второе чтение: 4,0 из 5.»; nothing of nothing."""
    told = []
    if grades.average is not None:
        told.append(f"Потребители: {_of_five(grades.average)}, оценок {grades.count}.")
    if average is not None:
        told.append(f"Второе чтение: {_of_five(average)}.")
    return " ".join(told)


def _of_five(average: Decimal) -> str:
    return f"{average} из\N{NO-BREAK SPACE}5".replace(".", ",")


def chart(viewer: Viewer) -> Block | None:
    """The grades of the last weeks, low ones apart. One query."""
    weeks = quality.by_week(quality.last_weeks(WEEKS, today=viewer.today), by=viewer.user)
    if not any(each.count for each in weeks.values()):
        return None
    columns = [
        Column(f"{monday:%d.%m}", [Decimal(each.count - each.low), Decimal(each.low)]) for monday, each in weeks.items()
    ]
    lines = [_line(monday, each) for monday, each in weeks.items()]
    return Block(
        name="grades",
        title="Оценки ответов",
        drawing=Drawing(
            chart=draw(columns),
            title="Оценки потребителей по\N{NO-BREAK SPACE}неделям: от\N{NO-BREAK SPACE}3 до\N{NO-BREAK SPACE}5 и\N{NO-BREAK SPACE}низкие",
            fillings=["от\N{NO-BREAK SPACE}3 до\N{NO-BREAK SPACE}5", "1 и\N{NO-BREAK SPACE}2"],
        ),
        table=Table(
            columns=["Неделя", "Оценок", "Низких"],
            share_column="Средняя из\N{NO-BREAK SPACE}5",
            lines=lines[::-1],
            is_folded=True,
        ),
        is_wide=True,
    )


def _line(monday: date, grades: Grades) -> Line:
    return Line(
        label=span_of(monday),
        figures=[
            Figure(label="Оценок", count=grades.count),
            Figure(label="Низких", count=grades.low, mark="late"),
        ],
        share=grades.average_share if grades.count else None,
        share_title=str(grades.average or "—").replace(".", ","),
    )


_SEE = ["requests_app.view_answergrade", "requests_app.view_answerreview", "requests_app.view_repetition"]
BLOCKS = [
    BlockKind(name="quality", permissions=_SEE, make=figures),
    BlockKind(name="grades", permissions=_SEE, make=chart),
]
