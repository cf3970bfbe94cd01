"""How the portal itself does: the queue of letters, the last import."""

from __future__ import annotations

from django.db.models import Count, Min, Q
from django.urls import reverse
from post_office.models import STATUS, Email

from requests_app.dates import moment_in_words
from requests_app.models import SupplyImport
from requests_app.start_page.base import Block, BlockKind, Figure, Viewer

WAITING = (STATUS.queued, STATUS.requeued)


def letters(viewer: Viewer) -> Block:
    """Letters that are not sent; sent ones are not looked at. One query."""
    counts = Email.objects.filter(status__in=[*WAITING, STATUS.failed]).aggregate(
        queued=Count("pk", Q(status=STATUS.queued)),
        requeued=Count("pk", Q(status=STATUS.requeued)),
        failed=Count("pk", Q(status=STATUS.failed)),
        oldest=Min("created", filter=Q(status__in=WAITING)),
    )
    oldest = counts["oldest"]
    figures = [
        _letters("Ждут отправки", counts["queued"], STATUS.queued),
        _letters("Ждут новой попытки", counts["requeued"], STATUS.requeued, "soon"),
        _letters("Не\N{NO-BREAK SPACE}отправлены", counts["failed"], STATUS.failed, "late"),
    ]
    note = f"Самое старое из\N{NO-BREAK SPACE}ждущих: {moment_in_words(oldest, today=viewer.today)}." if oldest else ""
    return Block(name="letters", title="Письма", figures=figures, note=note)


def _letters(label: str, count: int, status: int, mark: str = "") -> Figure:
    address = f"{reverse('admin:post_office_email_changelist')}?status__exact={status}"
    return Figure(label=label, count=count, address=address, mark=mark)


def imports(viewer: Viewer) -> Block | None:
    """The last table of supply points. Two queries."""
    applied = SupplyImport.objects.applied()
    last = applied.order_by("-applied_at").first()
    if last is None or last.applied_at is None:
        return None
    address = reverse("admin:requests_app_supplyimport_changelist")
    figure = Figure(label="Загружено таблиц", count=applied.count(), address=address)
    note = f"Последняя: {moment_in_words(last.applied_at, today=viewer.today)}, «{last.file_name}»."
    return Block(name="imports", title="Импорт точек поставки", figures=[figure], note=note)


BLOCKS = [
    BlockKind(name="letters", permissions=["post_office.view_email"], make=letters),
    BlockKind(name="imports", permissions=["requests_app.view_supplyimport"], make=imports),
]
