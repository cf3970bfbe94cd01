"""
The start page of the desk: what waits, in figures that lead to their lists, and how the work goes, in charts.

A block is a function that asks the database and returns a `Block`, and a `BlockKind` that says for whom it is. Another
one is a name in `BLOCKS`. Figures are kept for a minute: personal ones for their owner, the others for everybody who
sees the same services and blocks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.core.cache import cache

from accounts.models import User
from requests_app import services
from requests_app.start_page import charts, content, installation, personal_data, quality, queue, today, workload
from requests_app.start_page.base import Block, BlockKind, Viewer

KEPT = 60  # seconds

BLOCKS: list[BlockKind] = [
    *queue.BLOCKS,
    *today.BLOCKS,
    *charts.BLOCKS,
    *quality.BLOCKS,
    *workload.BLOCKS,
    *content.BLOCKS,
    *personal_data.BLOCKS,
    *installation.BLOCKS,
]


@dataclass(frozen=True)
class _Kept:
    """What one entry of the cache holds: blocks by name, and when they were counted."""

    at: datetime
    blocks: dict[str, Block]


@dataclass(frozen=True)
class StartPage:
    at: datetime  # of the oldest figure
    blocks: Sequence[Block]

    @property
    def figures(self) -> list[Block]:
        """Those of numbers alone; what is under one title stands together."""
        by_title: dict[str, list[Block]] = {}
        for block in self.blocks:
            if not block.is_wide:
                by_title.setdefault(block.title, []).append(block)
        return [_together(blocks) for blocks in by_title.values()]

    @property
    def charts(self) -> list[Block]:
        return [block for block in self.blocks if block.is_wide]


def _together(blocks: list[Block]) -> Block:
    figures = [figure for block in blocks for figure in block.figures]
    note = " ".join(block.note for block in blocks if block.note)
    return replace(blocks[0], figures=figures, note=note)


def start_page(user: User, *, now: datetime) -> StartPage:
    """
    The blocks of this colleague, in the order of `BLOCKS`. One query when they are kept; else one or two for each block.
    """
    wanted = [kind for kind in BLOCKS if kind.is_for(user)]
    kinds = {_key(user, chosen): chosen for chosen in _by_keeping(wanted)}
    found: dict[str, _Kept] = cache.get_many(kinds)
    viewer = Viewer(user, now)
    for key in kinds.keys() - found.keys():
        found[key] = _Kept(now, _made(kinds[key], viewer))
        cache.set(key, found[key], KEPT)
    blocks = {name: block for kept in found.values() for name, block in kept.blocks.items()}
    oldest = min((kept.at for kept in found.values()), default=now)
    return StartPage(oldest, [blocks[kind.name] for kind in wanted if kind.name in blocks])


def _by_keeping(kinds: list[BlockKind]) -> list[tuple[BlockKind, ...]]:
    """Those for the viewer alone, and those for all who see the same; without an empty half."""
    halves = (tuple(kind for kind in kinds if kind.is_personal is personal) for personal in (True, False))
    return [half for half in halves if half]


def _key(user: User, kinds: tuple[BlockKind, ...]) -> str:
    """Of which blocks and services; a right that is given or taken makes another key at once."""
    parts = [*(kind.name for kind in kinds), "of", *services.seen_by(user)]
    digest = hashlib.sha256(" ".join(parts).encode()).hexdigest()[:32]
    owner = user.pk if kinds[0].is_personal else "all"
    return f"start-page:{owner}:{digest}"


def _made(kinds: tuple[BlockKind, ...], viewer: Viewer) -> dict[str, Block]:
    made = {kind.name: kind.make(viewer) for kind in kinds}
    return {name: block for name, block in made.items() if block is not None}
