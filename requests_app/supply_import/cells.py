"""
What one cell of the table says. Pure functions: each takes a cell with something in it and returns the value to be
stored, or raises `CellError` with a text for the person who made the table. The rules are those of the admin's forms
and of the constraints of `SupplyPoint` and `Meter`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from accounts import snils
from accounts.identifiers import (
    IdentifierError,
    normalise,
    parse_company_inn,
    parse_snils,
    parse_sole_trader_inn,
)
from requests_app.tables import Cell

MAX_RATIO = 2**31 - 1  # what the column of the database holds
_MAX_POWER = Decimal("9999999.99")
_DAY_FORMATS = ["%d.%m.%Y", "%Y-%m-%d"]
_VOLTAGE = {"вн": "high", "сн1": "middle_1", "сн2": "middle_2", "нн": "low"}
_YES, _NO = {"да", "истина", "true", "1", "+"}, {"нет", "ложь", "false", "0", "-", "—"}


class CellError(ValueError):
    """The cell cannot be taken. The message is Russian."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def text(limit: int) -> Callable[[Cell], str]:
    def read(cell: Cell) -> str:
        value = _shown(cell)
        if len(value) > limit:
            raise CellError(f"Не больше {limit} знаков, сейчас {len(value)}.")
        return value

    return read


def named(limit: int, key: Callable[[str], str]) -> Callable[[Cell], str]:
    """A text by which a row is found again: something must be left of it in its key."""
    read_text = text(limit)

    def read(cell: Cell) -> str:
        if isinstance(cell, date):
            raise CellError(f"Excel принял номер за дату {_shown(cell)}. Сделайте столбец текстовым и введите заново.")
        value = read_text(cell)
        if re.fullmatch(r"[0-9]+([.,][0-9]+)?[eE]\+[0-9]+", value):
            raise CellError(f"Excel сократил номер до «{value}». Сделайте столбец текстовым и введите номер целиком.")
        if not key(value):
            raise CellError("Нужны буквы или цифры.")
        return value

    return read


def identifier(parse: Callable[[str], str]) -> Callable[[Cell], str]:
    @lru_cache(maxsize=4096)  # the same consumer stands in many rows
    def read(cell: Cell) -> str:
        try:
            return parse(_shown(cell))
        except IdentifierError as error:
            raise CellError(error.message) from None

    return read


def parse_inn(typed: str) -> str:
    """The digits of an ИНН of whichever kind, or IdentifierError."""
    return parse_company_inn(typed) if len(normalise(typed)) <= 10 else parse_sole_trader_inn(typed)


def snils_hash(cell: Cell) -> str:
    """Only the keyed hash is ever stored."""
    return snils.lookup_hash(_read_snils(cell))


_read_snils = identifier(parse_snils)


def voltage(cell: Cell) -> str:
    """«НН», «СН-2», «СН1 (35 кВ)», in Latin letters too."""
    level = _VOLTAGE.get(re.sub(r"\(.*|[\W_]", "", _shown(cell)).lower().translate(str.maketrans("bhc", "внс")))
    if level is None:
        raise CellError("Бывает ВН, СН1, СН2 или НН.")
    return level


def power(cell: Cell) -> Decimal:
    bare = re.sub(r"\s", "", _shown(cell)).replace(",", ".")
    if not re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,15})?", bare):
        raise CellError("Нужно число, например 150 или 12,5.")
    value = Decimal(bare)
    if value.quantize(Decimal("0.01")) != value:
        raise CellError("Не больше двух знаков после запятой.")
    if not 0 < value <= _MAX_POWER:
        raise CellError("Мощность больше нуля и меньше 10 млн кВт.")
    return value.quantize(Decimal("0.01"))


def whole(least: int, most: int) -> Callable[[Cell], int]:
    limits = f"от {least} до {most}" if most < MAX_RATIO else f"не меньше {least}"

    def read(cell: Cell) -> int:
        bare = re.sub(r"\s", "", _shown(cell))
        if not re.fullmatch(r"[0-9]{1,10}", bare) or not least <= int(bare) <= most:
            raise CellError(f"Нужно целое число {limits}.")
        return int(bare)

    return read


def day(cell: Cell) -> date:
    value = cell if isinstance(cell, date) else _parsed_day(cell)
    if not 1950 <= value.year <= 2100:
        raise CellError("Год от 1950 до 2100.")
    return value


def yes_or_no(cell: Cell) -> bool:
    word = _shown(cell).lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise CellError("Напишите «да» или «нет».")


@lru_cache(maxsize=4096)
def _parsed_day(typed: str) -> date:
    if typed.isascii():
        for day_format in _DAY_FORMATS:
            try:
                return datetime.strptime(typed, day_format).date()  # noqa: DTZ007 - a day has no zone
            except ValueError:
                continue
    raise CellError("Нужна дата, например 31.05.2031.")


def _shown(cell: Cell) -> str:
    return f"{cell:%d.%m.%Y}" if isinstance(cell, date) else cell
