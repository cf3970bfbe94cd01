"""Meters that would stand at two addresses of one contract, because an address is spelt otherwise than before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from requests_app.models import Meter


@dataclass(frozen=True, slots=True)
class _Place:
    address: str
    row: int  # of the file; 0 when the file does not name the meter
    is_new: bool


class Places:
    """Where installed meters stand, by contract and serial number."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, str], list[_Place]] = {}

    def add(self, meter: Meter, *, row: int = 0) -> None:
        if meter.removed_on is None:
            key = meter.point.contract_key, meter.serial_key
            self._places.setdefault(key, []).append(_Place(meter.point.address, row, meter.pk is None))

    def twice(self) -> Iterator[tuple[int, str]]:
        """(row, message) of new meters that stand elsewhere already. What was there twice before holds nobody up."""
        for places in self._places.values():
            first = next((place for place in places if not place.is_new), places[0])
            for place in places:
                if place.is_new and place is not first:
                    yield place.row, _message(first)


def _message(first: _Place) -> str:
    where = f"в строке {first.row}" if first.row else "в портале"
    return (
        f"Прибор этого договора уже стоит {where} по адресу «{first.address}». Напишите адрес так же; если прибор "
        f"перенесли, отметьте там, когда он снят."
    )
