from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.formats import date_format

from requests_app.lifecycle import Status, Transition
from requests_app.models.detail import RequestDetail, Row, rows_of
from requests_app.models.key_field import KeyField
from requests_app.models.readings import Reading, ReadingState, kind_of
from requests_app.models.supply import Meter, ZoneLabel
from requests_app.services.meter_readings.recording import accept, drop
from requests_app.services.meter_readings.replaced import by_whom, ours, replacing
from requests_app.services.meter_readings.sheet.sent import MOST_SHOWN, Sent, sent_of
from requests_app.supply_keys import serial_key

if TYPE_CHECKING:
    from accounts.models import User

SEPARATOR = " / "
_REASON_BESIDE = "Причина — в\N{NO-BREAK SPACE}ответе на\N{NO-BREAK SPACE}заявку."


@dataclass(frozen=True)
class Line:
    """One zone on the page of a sending."""

    label: str
    reading: Reading
    replaced: str = ""  # whose value stands in its place


class MeterReadings(RequestDetail):
    """
    One sending: all zones of one meter, whose values are `Reading` rows; or those of many meters, from a table. Or what
    somebody typed about a meter that is not confirmed as theirs: `typed_serial` and `typed_values`, which stay mere
    words until staff have found the meter.
    """

    meter = models.ForeignKey(
        Meter, on_delete=models.PROTECT, null=True, related_name="sendings", verbose_name="прибор учёта"
    )
    month = models.DateField("учитываются за", null=True)  # the first day of the month
    taken_on = models.DateField("дата показаний")
    correction_reason = models.CharField("почему исправлены", max_length=300, blank=True)
    new_serial = models.CharField("номер нового счётчика", max_length=40, blank=True)
    meter_count = models.PositiveIntegerField("счётчиков в\N{NO-BREAK SPACE}таблице", null=True)  # of many, else none
    typed_serial = models.CharField("номер счётчика", max_length=40, blank=True)
    typed_values = models.CharField("показания", max_length=60, blank=True)  # of the zones in order, « / » between
    typed_serial_key = KeyField(
        "номер счётчика для поиска",
        of="typed_serial",
        make=serial_key,
        max_length=40,
        blank=True,
        default="",
        editable=False,
    )

    class Meta:
        verbose_name = "передача показаний"
        verbose_name_plural = "передачи показаний"
        indexes = [models.Index(fields=["typed_serial_key"], name="readings_by_typed_serial")]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    typed_serial="", typed_values="", meter__isnull=False, month__isnull=False, meter_count=None
                )
                | Q(
                    typed_serial="",
                    typed_values="",
                    meter=None,
                    month__isnull=False,
                    meter_count__isnull=False,  # else an unknown comparison would let it pass
                    meter_count__gte=1,
                )
                | (Q(meter_count=None) & ~Q(typed_serial="") & ~Q(typed_values="")),
                name="meter_readings_known_or_typed",
            ),
        ]

    @property
    def is_unknown(self) -> bool:
        """Was the meter only typed? Then its sender sees nothing but what they wrote, whatever staff have found."""
        return bool(self.typed_serial)

    @property
    def values(self) -> dict[int, Decimal]:
        """Zone → what was typed for a meter that is not known."""
        return dict(enumerate(map(Decimal, self.typed_values.split(SEPARATOR)), start=1)) if self.is_unknown else {}

    def values_on(self, meter: Meter) -> dict[int, Decimal]:
        """The same as far as `meter` takes digits after the comma."""
        kind = kind_of(meter)
        return {zone: kind.taken(value) for zone, value in self.values.items()}

    @property
    def readings(self) -> list[Reading]:
        """The values of this sending, by zone; corrected and rejected ones too."""
        return list(Reading.objects.filter(service_request_id=self.pk).order_by("zone", "pk"))

    def lines(self) -> list[Line]:
        """The same for the consumer's page; nothing for a meter that was only typed, or is not theirs any more."""
        owner = self.service_request.owner_id
        meter = None if self.is_unknown else Meter.objects.visible_to(owner).filter(sendings=self).first()
        if meter is None:
            return []
        labels = {1: "Показание"}
        if meter.zones > 1:
            labels = {label.number: label.label for label in ZoneLabel.objects.filter(zones=meter.zones)}
        return [
            Line(labels.get(reading.zone, str(reading.zone)), reading, by_whom(reading, owner=owner))
            for reading in self.readings
        ]

    def what_next(self) -> str:
        """What waited and was replaced by our own reading is not called withdrawn: it is said what counts instead."""
        if self.service_request.status != Status.WITHDRAWN:
            return ""
        newer = [replacing(line.reading) for line in self.lines()]
        words = next((ours(reading) for reading in newer if reading), "")
        return f"Вместо ваших показаний {words}. Если не\N{NO-BREAK SPACE}согласны, позвоните нам." if words else ""

    @property
    def is_sheet(self) -> bool:
        """Are these the readings of many meters, from one table?"""
        return self.meter_count is not None

    def waiting(self) -> list[Reading]:
        """The first readings of a table that staff have to decide about."""
        waiting = Reading.objects.filter(service_request_id=self.pk).in_question()
        return list(waiting.filter(question_codes__gt="").select_related("meter").order_by("pk")[:MOST_SHOWN])

    def sent(self) -> Sent:
        """The readings of a table, for the consumer's page."""
        return sent_of(self.service_request)

    def serials(self) -> Iterator[str]:
        """Of one meter; those of a table are too many to tell anything."""
        yield from filter(None, [self.typed_serial, self.new_serial])
        if self.meter:
            yield self.meter.serial

    def rows(self) -> Iterator[Row]:
        """A meter found by staff is no answer of the consumer's."""
        known = [] if self.is_unknown else ["meter", "meter_count"]
        yield from rows_of(self, [*known, "typed_serial", "typed_values"])
        if self.month:
            yield Row("Учитываются за", date_format(self.month, "F Y").lower())
        days = [] if self.is_sheet else ["taken_on"]
        yield from rows_of(self, [*days, "correction_reason", "new_serial"])

    def may_take(self, step: Transition, *, by: User) -> bool:
        """
        Values of a known meter are accepted or corrected, those of an unknown one first given to a meter. Of a table
        staff accept what is left as a whole; else they decide about each meter.
        """
        if self.is_sheet:
            return step.name == "approve"
        if step.name in ("approve", "correct"):
            return not self.is_unknown
        return self.is_unknown or step.name != "match"

    def after(self, step: Transition, *, by: User) -> None:
        waiting = Reading.objects.filter(service_request_id=self.pk).in_question().select_related("meter", "period")
        if step.name == "approve":
            accept(waiting, by=by)
        elif step.name == "refuse":
            drop(waiting, state=ReadingState.REJECTED, by=by, reason=_REASON_BESIDE)
        elif step.name == "withdraw":
            drop(waiting, state=ReadingState.WITHDRAWN, by=by)
