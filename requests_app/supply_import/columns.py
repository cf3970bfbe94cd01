"""The columns of the table: what they are called, what their cells may say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from accounts.identifiers import parse_ogrn, parse_ogrnip
from requests_app.supply_import import cells
from requests_app.supply_keys import address_key, contract_key, serial_key
from requests_app.tables import Cell


@dataclass(frozen=True, kw_only=True)
class Column:
    """
    `read` makes the value of a cell with something in it, or raises `cells.CellError`. An empty cell clears the value,
    to `empty`; where `clears` is off it says nothing, as if the column were not there: what is stored stays, and a new
    row gets the default of the model.
    """

    title: str
    read: Callable[[Cell], Any]
    empty: Any = None
    clears: bool = True
    is_required: bool = False
    example: str | int | Decimal | date | None = None
    other_titles: tuple[str, ...] = ()


POINT: dict[str, Column] = {
    "contract_number": Column(
        title="Номер договора",
        read=cells.named(60, contract_key),
        is_required=True,
        example="ТП-2019/114",
        other_titles=("Договор",),
    ),
    "address": Column(
        title="Адрес объекта",
        read=cells.named(300, address_key),
        is_required=True,
        example="г. Ростов-на-Дону, ул. Менжинского, 4",
        other_titles=("Адрес",),
    ),
    "consumer_name": Column(
        title="Потребитель по договору",
        read=cells.text(300),
        is_required=True,
        example="ООО «Вега»",
        other_titles=("Потребитель",),
    ),
    "inn": Column(title="ИНН", read=cells.identifier(cells.parse_inn), empty="", example="6166000060"),
    "ogrn": Column(title="ОГРН", read=cells.identifier(parse_ogrn), empty="", example="1026100000080"),
    "ogrnip": Column(title="ОГРНИП", read=cells.identifier(parse_ogrnip), empty=""),
    "snils_hash": Column(title="СНИЛС", read=cells.snils_hash, clears=False),
    "voltage_level": Column(title="Уровень напряжения", read=cells.voltage, empty="", example="НН"),
    "tariff_note": Column(title="Тариф", read=cells.text(200), empty="", example="Одноставочный"),
    "max_power_kw": Column(
        title="Наибольшая мощность, кВт",
        read=cells.power,
        example=Decimal("150.00"),
        other_titles=("Мощность, кВт", "Максимальная мощность, кВт"),
    ),
}

METER: dict[str, Column] = {
    "serial": Column(
        title="Заводской номер",
        read=cells.named(40, serial_key),
        empty="",
        example="011076148",
        other_titles=("Номер счётчика", "Счётчик", "Номер прибора учёта"),
    ),
    "model": Column(title="Модель", read=cells.text(100), empty="", example="Меркурий 230"),
    "digits_before": Column(title="Знаков до запятой", read=cells.whole(4, 9), clears=False, example=6),
    "digits_after": Column(title="Знаков после запятой", read=cells.whole(0, 3), clears=False, example=0),
    "zones": Column(title="Тарифных зон", read=cells.whole(1, 3), clears=False, example=1),
    "ratio": Column(title="Коэффициент трансформации", read=cells.whole(1, cells.MAX_RATIO), clears=False, example=60),
    "verified_until": Column(title="Поверен до", read=cells.day, example=date(2031, 5, 31)),
    "installed_on": Column(title="Установлен", read=cells.day, example=date(2019, 6, 1)),
    "removed_on": Column(title="Снят", read=cells.day),
    "is_remote": Column(
        title="Показания снимаются дистанционно",
        read=cells.yes_or_no,
        clears=False,
        example="нет",
        other_titles=("Дистанционно",),
    ),
}

COLUMNS = {**POINT, **METER}
TITLES = {
    title: name for name, column in COLUMNS.items() for title in (column.title, *column.other_titles)
}  # as `tables.read` wants them
REQUIRED = [name for name, column in COLUMNS.items() if column.is_required]
HEADER = [column.title for column in COLUMNS.values()]
EXAMPLE = [column.example for column in COLUMNS.values()]
