"""QR codes as a template draws them. Pure: no database, no settings."""

from __future__ import annotations

import re
from dataclasses import dataclass

import segno

_QUIET = 4  # modules of empty border: ISO/IEC 18004


@dataclass(frozen=True)
class Code:
    """A QR code as a template draws it: the side in modules, border included, and the dark runs as an SVG path."""

    side: int
    path: str


def draw(line: str) -> Code:
    """The QR code of `line`, with the middle level of error correction that ГОСТ Р 56042 recommends."""
    code = segno.make_qr(line, error="m", encoding="utf-8", boost_error=False)
    rows = ["".join("1" if module else "0" for module in row) for row in code.matrix]
    runs = [
        f"M{dark.start() + _QUIET} {top + _QUIET}h{dark.end() - dark.start()}v1h-{dark.end() - dark.start()}z"
        for top, row in enumerate(rows)
        for dark in re.finditer("1+", row)
    ]
    return Code(side=len(rows) + 2 * _QUIET, path="".join(runs))
