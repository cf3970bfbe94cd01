"""The log of lists that leave the work desk as files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import User
from requests_app.colleagues import EXPORT_LISTS
from requests_app.models import ExportRun
from requests_app.tables import Value


def begin_export(*, listing: str, file_format: str, narrowed_by: str, query: str, by: User) -> ExportRun:
    """Write down who takes out which list, before anything of it is read. Raises PermissionDenied without the right."""
    if not by.has_perm(EXPORT_LISTS):
        raise PermissionDenied("Lists are exported by those who have the permission")
    return ExportRun.objects.create(
        listing=listing, file_format=file_format, narrowed_by=narrowed_by, query=query, by=by
    )


def counted_rows(run: ExportRun, rows: Iterable[Sequence[Value]]) -> Iterator[Sequence[Value]]:
    """`rows` as they go out; at their end, or when the download breaks off, their number is written to `run`."""
    gone, is_whole = 0, False
    try:
        for row in rows:
            gone += 1
            yield row
        is_whole = True
    finally:
        ending = {"rows": gone, "is_whole": is_whole, "finished_at": timezone.now()}
        ExportRun.objects.filter(pk=run.pk, finished_at=None).update(**ending)
