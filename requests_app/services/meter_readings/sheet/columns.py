"""The columns of the table, the blank with the consumer's meters, and the words of its last column."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.models import User
from requests_app.models.supply import Meter, ZoneLabel
from requests_app.reading_rules import Answer
from requests_app.reading_windows import Window
from requests_app.services.meter_readings.standing import standings
from requests_app.tables import Value

HEADER = [
    "Договор",
    "Адрес",
    "Номер счётчика",
    "Зона",
    "Прошлое показание",
    "Дата прошлого",
    "Показание",
    "Дата",
    "Пояснение",
]
WIDTHS = [18, 44, 18, 14, 18, 15, 14, 13, 22]
# Title → field; what other titles people give the same column.
TITLES = {
    "Договор": "contract",
    "Номер договора": "contract",
    "Адрес": "address",
    "Номер счётчика": "serial",
    "Счётчик": "serial",
    "Заводской номер": "serial",
    "Зона": "zone",
    "Прошлое показание": "before",
    "Дата прошлого": "before_on",
    "Показание": "value",
    "Дата": "taken_on",
    "Дата показания": "taken_on",
    "Пояснение": "answer",
}
REQUIRED = ["serial", "value"]
ONE_ZONE = "сутки"
MAX_ROWS = 15_000  # five thousand meters of three zones

# What people write in «Пояснение», the first of each as we tell them to.
ANSWERS = {
    "верно": Answer.RIGHT,
    "все верно": Answer.RIGHT,
    "да": Answer.RIGHT,
    "переход через ноль": Answer.ROLLOVER,
    "через ноль": Answer.ROLLOVER,
    "перешел через ноль": Answer.ROLLOVER,
    "замена": Answer.REPLACED,
    "замена счетчика": Answer.REPLACED,
    "счетчик заменили": Answer.REPLACED,
}
_BATCH = 500  # meters whose past is held at once


def meters_of(user: User) -> list[Meter]:
    """Those that the consumer may send readings of, as the blank lists them."""
    meters = Meter.objects.visible_to(user).installed().filter(is_remote=False).select_related("point")
    return list(meters.order_by("point__contract_number", "point__address", "point", "serial", "pk"))


def blank_rows(user: User, window: Window) -> Iterator[list[Value]]:
    """One row for each zone of each meter: what is known is there, what is asked is empty."""
    labels = zone_labels()
    meters = meters_of(user)
    for start in range(0, len(meters), _BATCH):
        batch = meters[start : start + _BATCH]
        known = standings(batch, month=window.month)
        for meter in batch:
            for zone in known[meter.pk].zones:
                before = known[meter.pk].before.get(zone)
                yield [
                    meter.point.contract_number,
                    meter.point.address,
                    meter.serial,
                    labels[meter.zones][zone] if meter.zones > 1 else ONE_ZONE,
                    before.value.normalize() if before else None,
                    before.taken_on if before else None,
                    None,
                    None,
                    None,
                ]


def zone_labels() -> dict[int, dict[int, str]]:
    """Zones of a meter → number of a zone → what it is called."""
    found: dict[int, dict[int, str]] = {
        zones: {zone: f"T{zone}" for zone in range(1, zones + 1)} for zones in (1, 2, 3)
    }
    for zones, labels in ZoneLabel.objects.by_zones().items():
        found[zones].update({label.number: label.label for label in labels})
    return found
