"""What the data protection officer looks after: consents, looks at hidden reporters, downloads of files."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse

from accounts.models import ConsentDocument, ConsentEvent
from accounts.models.consent import ConsentAction
from requests_app.models import FileAccess, ReporterReveal
from requests_app.start_page.base import Block, BlockKind, Figure, Viewer
from requests_app.start_page.selection import midnight

TITLE = "Персональные данные"
DAYS = 30
_SPAN = f"за\N{NO-BREAK SPACE}{DAYS}\N{NO-BREAK SPACE}дней"


def consents(viewer: Viewer) -> Block:
    """Given and withdrawn lately; texts that wait for being published. Two queries."""
    start = _start(viewer)
    counts = ConsentEvent.objects.filter(at__gte=start).aggregate(
        given=Count("pk", Q(action=ConsentAction.GIVEN)), withdrawn=Count("pk", Q(action=ConsentAction.WITHDRAWN))
    )
    figures = [
        _since(
            start,
            "accounts_consentevent",
            f"Согласия отозваны {_SPAN}",
            counts["withdrawn"],
            action=ConsentAction.WITHDRAWN,
        ),
        _since(start, "accounts_consentevent", f"Согласия даны {_SPAN}", counts["given"], action=ConsentAction.GIVEN),
    ]
    drafts = ConsentDocument.objects.filter(published_at=None).count()
    return Block(
        name="consents",
        title=TITLE,
        figures=figures,
        note=f"Черновиков новых редакций: {drafts}." if drafts else "",
    )


def reveals(viewer: Viewer) -> Block:
    """Who asked for the names of reporters."""
    start = _start(viewer)
    count = ReporterReveal.objects.visible_to(viewer.user).filter(at__gte=start).count()
    figures = [_since(start, "requests_app_reporterreveal", f"Раскрытия заявителей {_SPAN}", count)]
    return Block(name="reveals", title=TITLE, figures=figures)


def downloads(viewer: Viewer) -> Block:
    start = midnight(viewer.today)
    count = FileAccess.objects.visible_to(viewer.user).filter(at__gte=start).count()
    figures = [_since(start, "requests_app_fileaccess", "Файлы скачаны сегодня", count)]
    return Block(name="downloads", title=TITLE, figures=figures)


def _start(viewer: Viewer) -> datetime:
    return midnight(viewer.today - timedelta(days=DAYS - 1))


def _since(start: datetime, model: str, label: str, count: int, **exactly: str) -> Figure:
    filters = {f"{name}__exact": value for name, value in exactly.items()} | {"at__gte": start.isoformat()}
    return Figure(label=label, count=count, address=f"{reverse(f'admin:{model}_changelist')}?{urlencode(filters)}")


BLOCKS = [
    BlockKind(name="consents", permissions=["accounts.view_consentevent"], make=consents),
    BlockKind(name="reveals", permissions=["requests_app.view_reporterreveal"], make=reveals, is_personal=True),
    BlockKind(name="downloads", permissions=["requests_app.view_fileaccess"], make=downloads, is_personal=True),
]
