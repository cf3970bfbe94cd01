"""
The geometry of the chart of use: columns of zones on a scale, a mark for the year before. Pure. Widths are in per cent
and heights in pixels, so that the drawing stretches and its text never shrinks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

BASE, TOP = 220, 14  # pixels from the top: where columns stand, and the highest line of the scale
_LEFT, _RIGHT = Decimal(10), Decimal(100)  # per cent; left of them stand the numbers
_LINES = 3
_UNITS = ((Decimal(10**9), "млрд"), (Decimal(10**6), "млн"), (Decimal(10**3), "тыс."), (Decimal(1), ""))
_STEPS = (1, 2, Decimal("2.5"), 5, 10)


@dataclass(frozen=True)
class Column:
    """What to draw of one month: the parts that stand on one another, and the height of the mark."""

    label: str
    parts: Sequence[Decimal]
    mark: Decimal | None = None


@dataclass(frozen=True)
class Line:
    """One line of the scale; `text_y` is where its number stands, `short` the number in the chart's `unit`."""

    value: Decimal
    short: Decimal
    y: int
    text_y: int


@dataclass(frozen=True)
class Bar:
    """One part of a column; `number` from 1, as the pattern to fill it with."""

    number: int
    y: int
    height: int


@dataclass(frozen=True)
class DrawnColumn:
    label: str
    x: str
    width: str
    middle: str
    mark_from: str
    mark_to: str
    bars: Sequence[Bar]
    mark_y: int | None
    is_even: bool  # its label leaves on a phone


@dataclass(frozen=True)
class Chart:
    lines: Sequence[Line]
    columns: Sequence[DrawnColumn]
    unit: str  # of the `short` numbers, which have three digits at most: no more fit beside the columns on a phone
    base: int = BASE
    label_y: int = BASE + 20


def draw(columns: Sequence[Column]) -> Chart:
    """The chart of these columns, at least one of which has something to show."""
    greatest = max(
        [sum(column.parts, Decimal(0)) for column in columns] + [column.mark or Decimal(0) for column in columns]
    )
    step = _step(greatest)
    scale = step * _LINES
    size, unit = next(found for found in _UNITS if scale >= found[0] or not found[1])
    lines = [_line(step * count, scale, size) for count in range(_LINES, 0, -1)]
    return Chart(lines, [_column(column, number, len(columns), scale) for number, column in enumerate(columns)], unit)


def _step(greatest: Decimal) -> Decimal:
    """A round step, three of which are enough."""
    magnitude = Decimal(1)
    while magnitude * 10 * _LINES < greatest:
        magnitude *= 10
    return next((magnitude * step for step in _STEPS if magnitude * step * _LINES >= greatest), magnitude * 10)


def _line(value: Decimal, scale: Decimal, size: Decimal) -> Line:
    y = _y(value, scale)
    return Line(value, value / size, y, y - 4)


def _y(value: Decimal, scale: Decimal) -> int:
    return round(BASE - value / scale * (BASE - TOP))


def _column(column: Column, number: int, count: int, scale: Decimal) -> DrawnColumn:
    room = (_RIGHT - _LEFT) / count
    width = room * Decimal("0.55")
    x = _LEFT + room * number + (room - width) / 2
    bars: list[Bar] = []
    level, top = Decimal(0), BASE
    for zone, part in enumerate(column.parts, start=1):
        level += part
        y = _y(level, scale)
        if top > y:
            bars.append(Bar(zone, y, top - y))
        top = y
    return DrawnColumn(
        label=column.label,
        x=_percent(x),
        width=_percent(width),
        middle=_percent(x + width / 2),
        mark_from=_percent(x - room / 12),
        mark_to=_percent(x + width + room / 12),
        bars=bars,
        mark_y=None if column.mark is None else _y(column.mark, scale),
        is_even=number % 2 == 0,
    )


def _percent(value: Decimal) -> str:
    return f"{value:.1f}%"
