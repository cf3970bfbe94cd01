"""
The geometry of the chart of use: columns of zones on a scale, a mark for the year before. Pure. Widths are in per cent
and heights in pixels, so that the drawing stretches and its text never shrinks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

BASE, TOP = 220, 14  # pixels from the top: where columns stand, and the highest line of the scale
_LEFT, _RIGHT = Decimal(8), Decimal(100)  # per cent; left of them stand the numbers
_LINES = 3
_STEPS = (1, 2, Decimal("2.5"), 5, 10)


@dataclass(frozen=True)
class Column:
    """What to draw of one month: the parts that stand on one another, and the height of the mark."""

    label: str
    parts: Sequence[Decimal]
    mark: Decimal | None = None


@dataclass(frozen=True)
class Line:
    """One line of the scale; `text_y` is where its number stands."""

    value: Decimal
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
    base: int = BASE
    label_y: int = BASE + 20


def draw(columns: Sequence[Column]) -> Chart:
    """The chart of these columns, at least one of which has something to show."""
    greatest = max([sum(column.parts, Decimal(0)) for column in columns] + [column.mark or Decimal(0) for column in columns])
    step = _step(greatest)
    scale = step * _LINES
    lines = [Line(step * count, _y(step * count, scale), _y(step * count, scale) - 4) for count in range(_LINES, 0, -1)]
    return Chart(lines, [_column(column, number, len(columns), scale) for number, column in enumerate(columns)])


def _step(greatest: Decimal) -> Decimal:
    """A round step, three of which are enough."""
    magnitude = Decimal(1)
    while magnitude * 10 * _LINES < greatest:
        magnitude *= 10
    return next((magnitude * step for step in _STEPS if magnitude * step * _LINES >= greatest), magnitude * 10)


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
