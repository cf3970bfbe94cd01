"""The work that waits: one's own, and everybody's."""

from __future__ import annotations

from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse

from requests_app.colleagues import PROCESS_REQUESTS
from requests_app.lifecycle import Status
from requests_app.start_page.base import Block, BlockKind, Figure, Viewer

# Parts of the queue that are no tabs of the list: the list of what is open, narrowed by a figure.
_FIGURES = {"today"}


def listing(view: str, **more: str) -> str:
    """The address of one of the saved views of the list of requests (`admin.queue_views`), narrowed by its filters."""
    chosen = {"view": "open", "figure": view} if view in _FIGURES else {"view": view}
    return f"{reverse('admin:requests_app_servicerequest_changelist')}?{urlencode({**chosen, **more})}"


def _counts(viewer: Viewer) -> dict[str, Count]:
    """Of open requests."""
    today = viewer.today
    return {
        "open": Count("pk"),
        "overdue": Count("pk", Q(due_on__lt=today)),
        "today": Count("pk", Q(due_on=today)),
        "tomorrow": Count("pk", Q(due_on__gt=today, due_on__lte=viewer.next_working_day)),
        "waiting": Count("pk", Q(status=Status.AWAITING_CONSUMER)),
    }


def mine(viewer: Viewer) -> Block:
    counts = viewer.requests.open().filter(assignee=viewer.user).aggregate(**_counts(viewer))
    label = "В\N{NO-BREAK SPACE}работе у\N{NO-BREAK SPACE}меня"
    figures = [Figure(label=label, count=counts["open"], address=listing("mine")), *_terms(counts, assignee="me")]
    return Block(name="mine", title="Мои заявки", figures=figures)


def everybodys(viewer: Viewer) -> Block:
    more = {
        "unassigned": Count("pk", Q(assignee=None)),
        "urgent": Count("pk", Q(is_urgent=True, status=Status.REGISTERED)),
    }
    counts = viewer.requests.open().aggregate(**_counts(viewer), **more)
    danger = Figure(
        label="Опасно сейчас, никто не\N{NO-BREAK SPACE}взял",
        count=counts["urgent"],
        address=listing("open", figure="urgent"),
        mark="late",
    )
    figures = [
        Figure(label="Открытые", count=counts["open"], address=listing("open")),
        Figure(label="Без исполнителя", count=counts["unassigned"], address=listing("unassigned"), mark="soon"),
        *_terms(counts),
    ]
    return Block(name="queue", title="Вся очередь", figures=[danger, *figures] if danger.count else figures)


def _terms(counts: dict[str, int], **filters: str) -> list[Figure]:
    """What is late, what is nearly, and what waits for the consumer."""
    rows = [
        ("overdue", "Просрочены", "late"),
        ("today", "Сегодня последний день", "soon"),
        ("tomorrow", "Срок завтра", "soon"),
        ("waiting", "Ждут заявителя", ""),
    ]
    return [
        Figure(label=label, count=counts[view], address=listing(view, **filters), mark=mark)
        for view, label, mark in rows
    ]


BLOCKS = [
    BlockKind(name="mine", permissions=[PROCESS_REQUESTS], make=mine, is_personal=True),
    BlockKind(name="queue", permissions=[PROCESS_REQUESTS], make=everybodys),
]
