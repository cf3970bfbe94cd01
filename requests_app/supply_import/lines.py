"""The rows of a file, checked by themselves and against each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from requests_app import tables
from requests_app.supply_import.cells import CellError
from requests_app.supply_import.columns import COLUMNS, METER, POINT, REQUIRED, TITLES, Column
from requests_app.supply_keys import address_key, contract_key, serial_key

MOST_PROBLEMS = 200  # that are kept to be shown; all are counted
STEP = 1_000  # rows between two words on the progress

PointKey = tuple[str, str]
Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a row of the file; `column` is its title."""

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"

    @property
    def place(self) -> str:
        return f"Строка {self.row}, «{self.column}»"


@dataclass
class Problems:
    count: int = 0
    shown: list[Problem] = field(default_factory=list)

    def add(self, row: int, column: str, message: str) -> None:
        self.count += 1
        if len(self.shown) < MOST_PROBLEMS:
            self.shown.append(Problem(row, COLUMNS[column].title, message))

    @property
    def not_shown(self) -> int:
        return self.count - len(self.shown)


@dataclass(slots=True)
class Line:
    """What one row says of a point or of a meter: the fields that it names."""

    row: int
    values: dict[str, Any]


@dataclass
class Lines:
    """A whole file. A point is told once, by the first of its rows; a meter stands under its point and serial key."""

    rows: int = 0
    points: dict[PointKey, Line] = field(default_factory=dict)
    meters: dict[PointKey, dict[str, Line]] = field(default_factory=dict)
    problems: Problems = field(default_factory=Problems)


def silent(stage: str, done: int) -> None:
    """The progress that nobody looks at."""


def read_lines(file: BinaryIO, *, progress: Progress = silent) -> Lines:
    """All rows of the file. What is wrong in them is in `problems`; raises `tables.TableError` for the file as such."""
    lines = Lines()
    for row in tables.read(file, columns=TITLES, required=REQUIRED):
        lines.rows += 1
        _take(lines, row)
        if lines.rows % STEP == 0:
            progress("Прочитано строк", lines.rows)
    progress("Прочитано строк", lines.rows)
    if not lines.rows:
        raise tables.TableError("В файле есть только заголовок: добавьте строки.")
    return lines


def _take(lines: Lines, row: tables.Row) -> None:
    before = lines.problems.count
    point, meter = _values(row, POINT, lines.problems), _values(row, METER, lines.problems)
    _check_row(row, point, meter, lines.problems)
    if lines.problems.count > before:
        return
    key = contract_key(point["contract_number"]), address_key(point["address"])
    _check_point(lines, row.number, point, key)
    serial = serial_key(meter.get("serial", ""))
    of_point = lines.meters.setdefault(key, {})
    if serial in of_point:
        what = "Этот прибор у этой точки" if serial else "Эта точка без прибора"
        lines.problems.add(row.number, "serial", f"{what} уже есть в строке {of_point[serial].row}.")
    else:
        of_point[serial] = Line(row.number, meter)


def _values(row: tables.Row, columns: Mapping[str, Column], problems: Problems) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, cell in row.cells.items():
        column = columns.get(name)
        if column is None:
            continue
        if cell:
            try:
                values[name] = column.read(cell)
            except CellError as error:
                problems.add(row.number, name, error.message)
        elif column.is_required:
            problems.add(row.number, name, "Заполните эту ячейку.")
        elif column.clears:
            values[name] = column.empty
    return values


def _check_row(row: tables.Row, point: dict[str, Any], meter: dict[str, Any], problems: Problems) -> None:
    if point.get("ogrn") and point.get("ogrnip"):
        problems.add(row.number, "ogrnip", BOTH)
    if is_removed_too_early(meter.get("installed_on"), meter.get("removed_on")):
        problems.add(row.number, "removed_on", TOO_EARLY)
    if not row.cells.get("serial") and any(row.cells.get(name) for name in METER):
        problems.add(row.number, "serial", "Заполните: в строке есть данные прибора. Нет прибора — очистите их.")


BOTH = "ОГРН бывает у организации, ОГРНИП у предпринимателя. Оставьте один."
TOO_EARLY = "Снят раньше, чем установлен."


def is_removed_too_early(installed_on: Any, removed_on: Any) -> bool:
    return bool(installed_on and removed_on and removed_on < installed_on)


def _check_point(lines: Lines, number: int, point: dict[str, Any], key: PointKey) -> None:
    """A point with several meters has several rows, which must say the same of it; how its keys are spelt may differ."""
    first = lines.points.setdefault(key, Line(number, point))
    for name, value in point.items():
        if name not in ("contract_number", "address") and first.values.get(name, value) != value:
            message = f"В строке {first.row} у этой же точки другое значение. Сделайте одинаковым."
            lines.problems.add(number, name, message)
    first.values |= {name: value for name, value in point.items() if name not in first.values}  # a СНИЛС told later
