"""
Writing XLSX into a temporary file. Memory does not grow with the rows.

Frame and styles come from openpyxl; the rows are put into its sheet as text, which takes a fifth of the time: a table of
the regulator with 100,000 rows and 31 columns must not keep somebody waiting for half a minute.
"""

from __future__ import annotations

import io
import math
import re
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any
from xml.sax.saxutils import escape

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet.cell_range import MultiCellRange

from requests_app.tables.writing import Value, guarded, local

_ROWS_A_PIECE = 500
_MAX_TEXT = 32_767  # characters in a cell of Excel
_MAX_DIGITS = 15  # of a number in Excel; what is longer, like ОГРНИП, must be a text
_SHEET = "xl/worksheets/sheet1.xml"
_LAST_ROW = re.compile(r"<row [^>]*>(?:(?!<row ).)*</row>(?=</sheetData>)", re.DOTALL)


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
    frame = zipfile.ZipFile(_frame(header, sheet=sheet, widths=widths, above=above, merged=merged))
    before, styles, after = _parted(frame.read(_SHEET).decode())
    file = tempfile.TemporaryFile()  # noqa: SIM115 - given away open
    try:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as book:
            for name in frame.namelist():
                if name != _SHEET:
                    book.writestr(name, frame.read(name))
            with book.open(_SHEET, "w", force_zip64=True) as page:
                page.write(before.encode())
                for piece in _pieces(rows, styles, first=len(above) + 2):
                    page.write(piece.encode())
                page.write(after.encode())
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _frame(
    header: Sequence[str],
    *,
    sheet: str,
    widths: Sequence[int],
    above: Sequence[Sequence[str]],
    merged: Sequence[str],
) -> IO[bytes]:
    """The workbook with its titles; under them a row with a day and a moment, for the sake of their styles."""
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", sheet)[:31])
    page.freeze_panes = f"A{len(above) + 2}"
    page.merged_cells = MultiCellRange(list(merged))
    for index, title in enumerate(header):
        width = widths[index] if index < len(widths) else max(12, len(title) + 2)
        page.column_dimensions[get_column_letter(index + 1)].width = width
    for titles in (*above, header):
        page.append([_title(page, title) for title in titles])
    page.append([_dated(page, "DD.MM.YYYY"), _dated(page, "DD.MM.YYYY HH:MM")])
    file = io.BytesIO()
    book.save(file)
    return file


def _title(page: Any, title: str) -> Any:
    cell = WriteOnlyCell(page, guarded(title))
    cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    return cell


def _dated(page: Any, number_format: str) -> Any:
    cell = WriteOnlyCell(page, date(2000, 1, 1))
    cell.number_format = number_format
    return cell


def _parted(page: str) -> tuple[str, tuple[str, str], str]:
    """What of the sheet stands before its rows, the styles of a day and of a moment, and what stands after the rows."""
    last = _LAST_ROW.search(page)
    if last is None:
        raise ValueError("openpyxl writes sheets in another way")
    day, moment = re.findall(r' s="(\d+)"', last[0])
    return page[: last.start()], (day, moment), page[last.end() :]


def _pieces(rows: Iterable[Sequence[Value]], styles: tuple[str, str], *, first: int) -> Iterator[str]:
    """The rows as XML, some hundreds at once; `first` is the number of the first."""
    letters: list[str] = []
    piece: list[str] = []
    for number, row in enumerate(rows, start=first):
        while len(letters) < len(row):
            letters.append(get_column_letter(len(letters) + 1))
        cells = [
            _cell(f"{letter}{number}", value, styles)
            for letter, value in zip(letters, row, strict=False)
            if value is not None
        ]
        piece.append(f'<row r="{number}">{"".join(cells)}</row>')
        if len(piece) == _ROWS_A_PIECE:
            yield "".join(piece)
            piece.clear()
    yield "".join(piece)


def _cell(place: str, value: Value, styles: tuple[str, str]) -> str:
    match value:
        case str():
            return _text(place, guarded(value))
        case bool():
            return _text(place, "да" if value else "нет")
        case datetime():
            return f'<c r="{place}" s="{styles[1]}"><v>{to_excel(local(value))}</v></c>'
        case date():
            return f'<c r="{place}" s="{styles[0]}"><v>{to_excel(value)}</v></c>'
        case int() if abs(value) >= 10**_MAX_DIGITS:
            return _text(place, str(value))
        case Decimal() | float() if not math.isfinite(value):
            return ""
    return f'<c r="{place}"><v>{value}</v></c>'


def _text(place: str, text: str) -> str:
    cut = escape(text[:_MAX_TEXT], {"\r": "&#13;"})
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{cut}</t></is></c>'
