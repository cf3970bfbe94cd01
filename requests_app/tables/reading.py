"""
Reading a CSV or XLSX file that a person made: every row as the texts that the person sees in it.

Whatever is wrong with the file as such is one `TableError` whose text says what to do. What the cells mean is for the
caller to check.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, BinaryIO

import openpyxl

MAX_ROWS = 100_000  # with something in them, the header apart
MAX_COLUMNS = 100
MAX_CELL = 2_000  # characters
MAX_CSV_SIZE = 50 * 2**20  # bytes
MAX_UNPACKED_SIZE = 200 * 2**20  # bytes, of all parts of an XLSX; 100,000 rows of 20 columns take 110 MB
MAX_PART_SIZE = 40 * 2**20  # bytes, of a part that is read whole: shared texts, styles
MAX_PARTS = 1_000

_LAST_ROW = 1_048_576  # of a sheet, by its format
_OLE_HEADER = bytes.fromhex("d0cf11e0a1b11ae1")  # .xls of Excel up to 2003, and every XLSX with a password
_SAVE_ANEW = "Откройте файл в Excel и сохраните заново как «Книга Excel (.xlsx)»"
_UNREADABLE = "Это не таблица: внутри нечитаемые знаки. Нужен файл CSV или XLSX."
_DELIMITERS = ";,\t"

Cell = str | date


class TableError(Exception):
    """The file cannot be read; the message is Russian and meant for the person who chose it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class Row:
    """A row with something in it. `number` is the one at its left edge in Excel; `cells`: field → what is seen."""

    number: int
    cells: dict[str, Cell]

    def text(self, field: str) -> str:
        """The cell as text, a date as «31.12.2030»; empty when the column is not in the file."""
        cell = self.cells.get(field, "")
        return cell if isinstance(cell, str) else f"{cell:%d.%m.%Y}"


def read(
    file: BinaryIO, *, columns: Mapping[str, str], required: Collection[str] = (), max_rows: int = MAX_ROWS
) -> Iterator[Row]:
    """
    The rows of a CSV (UTF-8 or Windows-1251; semicolon, comma or tab) or of the first visible sheet of an XLSX.

    `file` must be seekable and is left open; its kind is told by its content. `columns`: title → field, several titles
    may mean one field; case, ё and punctuation of a title do not matter. The first row with something in it is the
    header. A cell is a text without spaces at its ends and line breaks in it, or a date when the XLSX has a real date;
    123.0 is «123», 1.5 is «1.5», 123 shown by the format 00000 is «00123». Empty rows are left out but counted.

    Raises TableError, maybe only at a later row: when the file is broken or too large, when a column is missing
    (`required`: fields), unknown or there twice.
    """
    fields: list[str | None] | None = None
    found = 0
    known = {_key(title): field for title, field in columns.items()}
    for number, cells in _grid(file, known):
        if not any(cells):
            continue
        if fields is None:
            fields = _header(cells, known, columns, required)
            continue
        found += 1
        if found > max_rows:
            raise TableError(f"В файле больше {max_rows} строк. Разделите его на несколько.")
        yield Row(number, _named(number, cells, fields))
    if fields is None:
        raise TableError("Файл пустой: в нём нет ни одной заполненной строки.")


def _key(title: str) -> str:
    """«Номер договора *» and «номер  договора» are one title."""
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", title).lower().replace("ё", "е")))


def _header(
    cells: list[Cell], known: Mapping[str, str], columns: Mapping[str, str], required: Collection[str]
) -> list[str | None]:
    """The field of every column; None under an empty title. Says everything that is wrong at once."""
    titles = [cell if isinstance(cell, str) else f"{cell:%d.%m.%Y}" for cell in cells]
    fields = [known.get(_key(title)) for title in titles]
    problems = [
        f"столбец «{title}» не знаком" for title, field in zip(titles, fields, strict=True) if title and not field
    ]
    named = [field for field in fields if field]
    first_titles: dict[str, str] = {}
    for title, field in columns.items():
        first_titles.setdefault(field, title)
    problems += [f"столбец «{first_titles[field]}» есть дважды" for field in first_titles if named.count(field) > 1]
    problems += [f"нет столбца «{first_titles[field]}»" for field in required if field not in named]
    if problems:
        raise TableError(f"Первая строка должна состоять из названий столбцов: {'; '.join(problems[:10])}.")
    return fields


def _named(number: int, cells: list[Cell], fields: list[str | None]) -> dict[str, Cell]:
    named: dict[str, Cell] = {}
    for index, cell in enumerate(cells):
        field = fields[index] if index < len(fields) else None
        if field:
            named[field] = cell
        elif cell:
            raise TableError(f"Строка {number}: значение стоит в столбце {index + 1}, у которого нет названия.")
    for field in fields[len(cells) :]:
        if field:
            named[field] = ""
    return named


def _text(number: int, raw: str) -> str:
    """One line as it is seen, without the apostrophe by which a formula was disarmed when the table was written."""
    if "\0" in raw:
        raise TableError(_UNREADABLE)
    text = " ".join(raw.split())
    if len(text) > MAX_CELL:
        raise TableError(f"Строка {number}: в ячейке больше {MAX_CELL} знаков. Проверьте, закрыты ли кавычки.")
    return text[1:] if text[:1] == "'" and text[1:2] in tuple("=+-@") else text


# -- Which kind of file ---------------------------------------------------------------------------------------------


def _grid(file: BinaryIO, known: Mapping[str, str]) -> Iterator[tuple[int, list[Cell]]]:
    """Row numbers with their cells, empty rows among them."""
    file.seek(0)
    start = file.read(8)
    if start.startswith(_OLE_HEADER):
        raise TableError(f"Файл закрыт паролем или сохранён в старом формате .xls. {_SAVE_ANEW}.")
    if start.startswith(b"PK"):
        return _xlsx(file)
    return _csv(file, known)


# -- CSV ------------------------------------------------------------------------------------------------------------


def _csv(file: BinaryIO, known: Mapping[str, str]) -> Iterator[tuple[int, list[Cell]]]:
    if file.seek(0, io.SEEK_END) > MAX_CSV_SIZE:
        raise TableError(f"Файл больше {MAX_CSV_SIZE // 2**20} МБ. Разделите его на несколько.")
    encoding = _encoding(file)
    file.seek(0)
    lines = io.TextIOWrapper(file, encoding=encoding, newline="")
    number = 0
    try:
        delimiter = _delimiter(lines, known)
        lines.seek(0)
        for number, cells in enumerate(csv.reader(lines, delimiter=delimiter, strict=True), start=1):
            if number == 1 and len(cells) <= 2 and cells and cells[0].startswith("sep="):
                continue  # by this line programs tell Excel the delimiter
            if len(cells) > MAX_COLUMNS and any(cells[MAX_COLUMNS:]):
                raise TableError(f"Строка {number}: больше {MAX_COLUMNS} столбцов.")
            yield number, [_text(number, cell) for cell in cells[:MAX_COLUMNS]]
    except csv.Error as error:
        raise TableError(f"Строка {number + 1}: кавычки или переносы стоят неверно. {_SAVE_ANEW}.") from error
    except UnicodeError as error:
        raise TableError("Не удалось прочитать буквы. Сохраните файл как «CSV UTF-8» или XLSX.") from error
    finally:
        lines.detach()


def _encoding(file: BinaryIO) -> str:
    """Windows-1251 is what Excel saves as plain CSV; UTF-16 what it calls «Юникод»."""
    file.seek(0)
    if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8")()
    encoding = "utf-8-sig"
    file.seek(0)
    while block := file.read(2**20):
        if b"\0" in block:
            raise TableError(_UNREADABLE)
        if encoding == "utf-8-sig":
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                encoding = "cp1251"
    return encoding


def _delimiter(lines: io.TextIOWrapper, known: Mapping[str, str]) -> str:
    """The one by which the header falls into the most titles that we know."""
    header = ""
    for line in lines:
        header = line
        if line.strip(" \t\r\n;,") and not line.startswith("sep="):
            break
    return max(_DELIMITERS, key=lambda mark: sum(_key(title) in known for title in re.split(f'{mark}|"', header)))


# -- XLSX -----------------------------------------------------------------------------------------------------------


def _xlsx(file: BinaryIO) -> Iterator[tuple[int, list[Cell]]]:
    _check_parts(file)
    file.seek(0)
    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # a broken workbook makes the reader raise almost anything
        raise _broken() from error
    try:
        yield from _first_sheet(book)
    except TableError:
        raise
    except Exception as error:  # as above
        raise _broken() from error
    finally:
        book._archive.close()  # the file itself is the caller's


def _broken() -> TableError:
    return TableError(f"Файл повреждён или это не таблица. {_SAVE_ANEW}.")


def _check_parts(file: BinaryIO) -> None:
    """Before anything is unpacked. The sizes can be trusted: Python's reader stops a part at the size it declares."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except Exception as error:  # a broken archive makes the reader raise almost anything
        raise _broken() from error
    read_whole = [part for part in parts if not part.filename.lower().startswith("xl/worksheets/")]
    if (
        len(parts) > MAX_PARTS
        or sum(part.file_size for part in parts) > MAX_UNPACKED_SIZE
        or any(part.file_size > MAX_PART_SIZE for part in read_whole)
    ):
        raise TableError("Файл слишком большой. Разделите его на несколько или сохраните как CSV.")


def _first_sheet(book: Any) -> Iterator[tuple[int, list[Cell]]]:
    sheet = next((sheet for sheet in book.worksheets if sheet.sheet_state == "visible"), None)
    if sheet is None:
        raise TableError("В файле нет ни одного листа с таблицей.")
    sheet.reset_dimensions()  # the size that the file claims may be any
    for number, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS), start=1):
        if number > _LAST_ROW:
            raise _broken()
        yield number, [_seen(number, cell) for cell in cells]


def _seen(number: int, cell: Any) -> Cell:
    """What Excel shows in the cell, near enough: dates, whole numbers, leading zeros given by a format of zeros."""
    value = cell.value
    match value:
        case None:
            return ""
        case str():
            return _text(number, value)
        case bool():
            return "да" if value else "нет"
        case datetime():
            return value.date()
        case date():
            return value
        case time():
            return f"{value:%H:%M}"
        case int():
            return _padded(str(value), cell.number_format)
        case float():
            return _padded(format(value, ".15g"), cell.number_format)
    return str(value)


def _padded(digits: str, number_format: str | None) -> str:
    zeros = number_format or ""
    return digits.zfill(len(zeros)) if re.fullmatch("0+", zeros) and digits.isdigit() else digits
