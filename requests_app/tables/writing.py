"""
Writing tables that open in Excel: CSV as a stream, XLSX into a temporary file. Memory does not grow with the rows.

A text that a spreadsheet would take for a formula gets an apostrophe before it, because much of what is exported was
typed by strangers.
"""

from __future__ import annotations

import csv
import io
import math
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

import openpyxl
from django.utils import timezone
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import MultiCellRange

Value = str | int | float | Decimal | date | bool | None

_ROWS_A_CHUNK = 500
_MAX_TEXT = 32_767  # characters in a cell of Excel
_MAX_DIGITS = 15  # of a number in Excel; what is longer, like ОГРНИП, must be a text
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")  # not allowed in XML
_DATE, _MOMENT = "DD.MM.YYYY", "DD.MM.YYYY HH:MM"


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
            return f"{_local(value):%d.%m.%Y %H:%M}"
        case date():
            return f"{value:%d.%m.%Y}"
        case Decimal():
            return format(value, "f").replace(".", ",")
        case float():
            return format(value, ".15g").replace(".", ",") if math.isfinite(value) else ""
    return str(value)


def xlsx_file(
    header: Sequence[str],
    rows: Iterable[Sequence[Value]],
    *,
    sheet: str = "Таблица",
    widths: Sequence[int] = (),
    above: Sequence[Sequence[str]] = (),
    merged: Sequence[str] = (),
) -> IO[bytes]:
    """
    An open temporary file with one sheet, at its beginning; it is gone when it is closed.

    `widths`: of the columns, in characters; by default those of the titles. `above`: rows of titles over the header,
    and `merged`: which cells are one, as «E1:I1».
    """
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", sheet)[:31])
    page.freeze_panes = f"A{len(above) + 2}"
    page.merged_cells = MultiCellRange(list(merged))
    for index, title in enumerate(header):
        width = widths[index] if index < len(widths) else max(12, len(title) + 2)
        page.column_dimensions[get_column_letter(index + 1)].width = width
    for titles in (*above, header):
        page.append([_title(page, title) for title in titles])
    for row in rows:
        page.append([_as_cell(page, value) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - given away open
    try:
        book.save(file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _title(page: Any, title: str) -> Any:
    cell = WriteOnlyCell(page, guarded(title))
    cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    return cell


def _as_cell(page: Any, value: Value) -> Any:
    match value:
        case str():
            return guarded(value)[:_MAX_TEXT]
        case bool():
            return "да" if value else "нет"
        case datetime():
            return _dated(page, _local(value), _MOMENT)
        case date():
            return _dated(page, value, _DATE)
        case int() if abs(value) >= 10**_MAX_DIGITS:
            return str(value)
        case float() if not math.isfinite(value):
            return None
    return value


def _dated(page: Any, value: date, number_format: str) -> Any:
    cell = WriteOnlyCell(page, value)
    cell.number_format = number_format
    return cell


def _local(moment: datetime) -> datetime:
    """By Moscow's clock, without the zone, which Excel does not know."""
    return timezone.localtime(moment).replace(tzinfo=None) if timezone.is_aware(moment) else moment
