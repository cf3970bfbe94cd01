"""
Writing tables that open in Excel: CSV as a stream; XLSX is in `workbook`. Memory does not grow with the rows.

A text that a spreadsheet would take for a formula gets an apostrophe before it, because much of what is exported was
typed by strangers.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone

Value = str | int | float | Decimal | date | bool | None

_ROWS_A_CHUNK = 500
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")  # not allowed in XML


def guarded(text: str) -> str:
    """The text as it may stand in a cell: nothing that starts a formula at its beginning, nothing that XML forbids."""
    printable = _UNPRINTABLE.sub("", text)
    is_formula = printable[:1] in tuple("\t\r\n") or printable.lstrip()[:1] in tuple("=+-@")
    return f"'{printable}" if is_formula else printable


def csv_chunks(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    """
    A CSV for the Russian Excel, in pieces: UTF-8 with its mark, semicolons, CRLF, decimal commas, 31.12.2030.

    Everything is quoted, so that a comma inside a text begins no cell of its own wherever the file is opened.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    buffer.write("\N{ZERO WIDTH NO-BREAK SPACE}")
    writer.writerow([guarded(title) for title in header])
    for number, row in enumerate(rows, start=1):
        writer.writerow([_as_text(value) for value in row])
        if number % _ROWS_A_CHUNK == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def _as_text(value: Value) -> str:
    match value:
        case None:
            return ""
        case str():
            return guarded(value)
        case bool():
            return "да" if value else "нет"
        case datetime():
            return f"{local(value):%d.%m.%Y %H:%M}"
        case date():
            return f"{value:%d.%m.%Y}"
        case Decimal():
            return format(value, "f").replace(".", ",")
        case float():
            return format(value, ".15g").replace(".", ",") if math.isfinite(value) else ""
    return str(value)


def local(moment: datetime) -> datetime:
    """By Moscow's clock, without the zone, which Excel does not know."""
    return timezone.localtime(moment).replace(tzinfo=None) if timezone.is_aware(moment) else moment
