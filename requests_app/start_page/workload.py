"""Who has how much open work, for those who answer for the terms."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q

from requests_app.colleagues import EXTEND_TERMS, PROCESS_REQUESTS, processing_staff
from requests_app.start_page.base import Block, BlockKind, Figure, Line, Table, Viewer
from requests_app.start_page.queue import listing


def workload(viewer: Viewer) -> Block | None:
    """
    Everybody with open requests, most of them first. Whoever may not handle requests any more is marked: their work must
    be given to others. Two queries.
    """
    opened = viewer.requests.open().exclude(assignee=None).order_by()
    counts = {"open": Count("pk"), "overdue": Count("pk", Q(due_on__lt=viewer.today))}
    rows: list[Any] = list(opened.values("assignee", "assignee__name", "assignee__email").annotate(**counts))
    on_duty = set(processing_staff().values_list("pk", flat=True))
    lines = [
        _line(row, viewer, is_on_duty=row["assignee"] in on_duty)
        for row in sorted(rows, key=lambda row: (-row["open"], row["assignee"]))
    ]
    if not lines:
        return None
    table = Table(columns=["Исполнитель", "Открытые", "Просрочены"], lines=lines)
    return Block(name="workload", title="Нагрузка", table=table, is_wide=True)


def _line(row: dict[str, Any], viewer: Viewer, *, is_on_duty: bool) -> Line:
    key = "me" if row["assignee"] == viewer.user.pk else str(row["assignee"])
    name = row["assignee__name"] or row["assignee__email"]
    return Line(
        label=name if is_on_duty else f"{name} (больше не\N{NO-BREAK SPACE}обрабатывает заявки)",
        figures=[
            Figure(label="Открытые", count=row["open"], address=listing("open", assignee=key)),
            Figure(
                label="Просрочены",
                count=row["overdue"],
                address=listing("overdue", assignee=key),
                mark="late",
            ),
        ],
    )


BLOCKS = [
    BlockKind(name="workload", permissions=[PROCESS_REQUESTS, EXTEND_TERMS], make=workload, is_personal=True),
]
