"""
The one place where looks at consumers' data are written down: `saw`. Pages of the desk need not call it, the middleware
`requests_app.looks` does; exports and downloads do.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.identifiers import looks_like_identifier, mask_identifier, normalise
from accounts.models import DataView, Look, User

ONE_LOOK = timedelta(minutes=5)  # the same page again within this time is the same look
_MERGED = {Look.PAGE, Look.SEARCH}
REQUEST_NUMBER = re.compile(r"[0-9]{4}-[0-9]{6,}")


def saw(
    *, by: User, kind: Look, page: str, consumers: Collection[int] = (), number: str = "", count: int | None = None
) -> None:
    """
    Write down that `by` saw the data of `consumers` (keys of their users; none when many or nobody can be named).

    `page`: where, in words. `number`: of the request, or the words of `shape_of` for a search; never anything that
    names a person. `count`: how many rows were found or went out. It is written when the transaction has come through,
    and a failure is logged, not raised: whoever serves a consumer is not stopped by the trail.
    """
    keys: list[int | None] = [*sorted(set(consumers))]
    looks = [
        DataView(by=by, kind=kind, page=page[:80], consumer_id=pk, number=number[:100], count=count)
        for pk in keys or [None]
    ]
    transaction.on_commit(lambda: _write(looks), robust=True)


def _write(looks: list[DataView]) -> None:
    if looks[0].kind not in _MERGED:
        DataView.objects.bulk_create(looks)
        return
    with transaction.atomic():
        _wait_for_other_tabs(looks[0].by)
        known = _known(looks[0])
        DataView.objects.bulk_create(look for look in looks if look.consumer_id not in known)


def _wait_for_other_tabs(colleague: User) -> None:
    """Looks of one colleague are written one after the other: two tabs at the same moment are one look."""
    User.objects.select_for_update(no_key=True).values_list("pk").get(pk=colleague.pk)


def _known(look: DataView) -> set[int | None]:
    """Whose data this colleague has just seen in the same place."""
    same = DataView.objects.filter(by=look.by, kind=look.kind, page=look.page, number=look.number)
    return set(same.filter(at__gte=timezone.now() - ONE_LOOK).values_list("consumer_id", flat=True))


def shape_of(term: str) -> str:
    """
    What kind of thing was searched for, without telling it.

    >>> shape_of("ivan@example.org"), shape_of("Самойлов")
    ('email', 'слова, знаков: 8')
    """
    term = term.strip()
    if REQUEST_NUMBER.fullmatch(term):
        return term
    if "@" in term:
        return "email"
    if kind := looks_like_identifier(term):
        names = {"snils": "СНИЛС", "inn": "ИНН", "ogrnip": "ОГРНИП"}
        return f"{names[kind]} {mask_identifier(normalise(term))}"
    return f"слова, знаков: {len(term)}" if term else ""
