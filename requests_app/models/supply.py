from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from accounts.models import Consumer
from requests_app.supply_keys import address_key, contract_key, serial_key

IDENTIFIERS = {"inn": "ИНН", "ogrn": "ОГРН", "ogrnip": "ОГРНИП", "snils_hash": "СНИЛС"}


class VoltageLevel(models.TextChoices):
    """As in the tariffs for transmission: Rules of non-discriminatory access (Decree No. 861 of 27.12.2004)."""

    HIGH = "high", "ВН (110 кВ и\N{NO-BREAK SPACE}выше)"
    MIDDLE_1 = "middle_1", "СН1 (35 кВ)"
    MIDDLE_2 = "middle_2", "СН2 (от\N{NO-BREAK SPACE}1 до\N{NO-BREAK SPACE}20 кВ)"
    LOW = "low", "НН (до\N{NO-BREAK SPACE}1 кВ)"


class SupplyPointQuerySet(models.QuerySet["SupplyPoint"]):
    def confirmed_for(self, user: Any) -> Self:
        """Those to which staff have confirmed that `user` has access: what history and documents are shown for."""
        return self.filter(grants__user=user, grants__status="confirmed")

    def meant_by(self, *, contract: str, serial: str) -> Self:
        """Whose contract is called so, or at which such a meter stands, the likeliest first: for staff alone."""
        key = serial_key(serial)
        meters = Meter.objects.filter(serial_key=key) if key else Meter.objects.none()
        by_meter = Q(pk__in=meters.values("point"))
        found = self.filter(Q(contract_key=contract_key(contract)) | by_meter)
        has_both = models.Case(
            models.When(Q(contract_key=contract_key(contract)) & by_meter, then=0),
            models.When(contract_key=contract_key(contract), then=1),
            default=2,
        )
        return found.order_by(has_both, "address", "pk")


class SupplyPoint(models.Model):
    """An object with a contract. Names and identifiers stand as in the contract: those of a cabinet are only claimed."""

    contract_number = models.CharField("номер договора", max_length=60)
    contract_key = models.CharField("номер договора для поиска", max_length=60, editable=False)
    address = models.CharField("адрес объекта", max_length=300)
    address_key = models.CharField("адрес для поиска", max_length=300, editable=False)
    consumer_name = models.CharField("потребитель по договору", max_length=300)
    inn = models.CharField("ИНН", max_length=12, blank=True, db_index=True)
    ogrn = models.CharField("ОГРН", max_length=13, blank=True, db_index=True)
    ogrnip = models.CharField("ОГРНИП", max_length=15, blank=True, db_index=True)
    snils_hash = models.CharField("СНИЛС (для сверки)", max_length=64, blank=True, editable=False, db_index=True)
    voltage_level = models.CharField("уровень напряжения", max_length=8, choices=VoltageLevel, blank=True)
    tariff_note = models.CharField("тариф", max_length=200, blank=True)
    max_power_kw = models.DecimalField(
        "наибольшая мощность, кВт", max_digits=9, decimal_places=2, null=True, blank=True
    )

    objects = SupplyPointQuerySet.as_manager()

    class Meta:
        verbose_name = "точка поставки"
        verbose_name_plural = "точки поставки"
        ordering = ["contract_number", "address", "pk"]
        permissions = [("import_supplypoint", "Может загружать точки поставки из таблицы")]
        constraints = [
            models.UniqueConstraint(fields=["contract_key", "address_key"], name="supply_point_once"),
            models.CheckConstraint(
                condition=~Q(contract_key="") & ~Q(address_key="") & ~Q(consumer_name=""), name="supply_point_named"
            ),
            models.CheckConstraint(
                condition=Q(inn__regex=r"^([0-9]{10}|[0-9]{12})?$")
                & Q(ogrn__regex=r"^([0-9]{13})?$")
                & Q(ogrnip__regex=r"^(3[0-9]{14})?$")
                & Q(snils_hash__regex=r"^([0-9a-f]{64})?$"),
                name="supply_point_identifiers",
            ),
            models.CheckConstraint(condition=Q(ogrn="") | Q(ogrnip=""), name="supply_point_one_legal_form"),
            models.CheckConstraint(condition=Q(max_power_kw=None) | Q(max_power_kw__gt=0), name="supply_point_power"),
        ]

    def __str__(self) -> str:
        return f"{self.contract_number}, {self.address}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.set_keys()
        super().save(*args, **kwargs)

    def set_keys(self) -> None:
        """Make the keys anew; `bulk_create` needs it said."""
        self.contract_key, self.address_key = contract_key(self.contract_number), address_key(self.address)

    def identifiers_of(self, consumer: Consumer) -> tuple[list[str], list[str]]:
        """Which identifiers the contract and the cabinet both have, by what they are called: the same, and others."""
        same: list[str] = []
        different: list[str] = []
        for name, word in IDENTIFIERS.items():
            ours, theirs = getattr(self, name), getattr(consumer, name)
            if ours and theirs:
                (same if ours == theirs else different).append(word)
        return same, different


class MeterQuerySet(models.QuerySet["Meter"]):
    def visible_to(self, user: Any) -> Self:
        """Those at supply points to which staff have confirmed that `user` has access, removed ones too."""
        return self.filter(point__in=SupplyPoint.objects.confirmed_for(user))

    def installed(self) -> Self:
        return self.filter(removed_on=None)


class Meter(models.Model):
    """A meter at a supply point. Its readings are counted by `digits_before`; consumption is multiplied by `ratio`."""

    point = models.ForeignKey(
        SupplyPoint, on_delete=models.PROTECT, related_name="meters", db_index=False, verbose_name="точка поставки"
    )
    serial = models.CharField("заводской номер", max_length=40)
    serial_key = models.CharField("заводской номер для поиска", max_length=40, editable=False, db_index=True)
    model = models.CharField("модель", max_length=100, blank=True)
    digits_before = models.PositiveSmallIntegerField("знаков до\N{NO-BREAK SPACE}запятой", default=6)
    digits_after = models.PositiveSmallIntegerField("знаков после запятой", default=0)
    zones = models.PositiveSmallIntegerField(
        "тарифных зон", default=1, choices=[(1, "1 — сутки"), (2, "2 — день и\N{NO-BREAK SPACE}ночь"), (3, "3 зоны")]
    )
    ratio = models.PositiveIntegerField("коэффициент трансформации", default=1, help_text="300/5 — это 60")
    verified_until = models.DateField("поверен до", null=True, blank=True)
    installed_on = models.DateField("установлен", null=True, blank=True)
    removed_on = models.DateField("снят", null=True, blank=True)
    is_remote = models.BooleanField("показания снимаются дистанционно", default=False)

    objects = MeterQuerySet.as_manager()

    class Meta:
        verbose_name = "прибор учёта"
        verbose_name_plural = "приборы учёта"
        ordering = ["point_id", F("removed_on").asc(nulls_first=True), "serial", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["point", "serial_key"], name="meter_once"),
            models.CheckConstraint(condition=~Q(serial_key=""), name="meter_has_serial"),
            models.CheckConstraint(
                condition=Q(digits_before__gte=4, digits_before__lte=9, digits_after__lte=3), name="meter_digits"
            ),
            models.CheckConstraint(condition=Q(zones__gte=1, zones__lte=3), name="meter_zones"),
            models.CheckConstraint(condition=Q(ratio__gte=1), name="meter_ratio"),
            models.CheckConstraint(
                condition=Q(removed_on=None) | Q(installed_on=None) | Q(removed_on__gte=F("installed_on")),
                name="meter_removed_after_installed",
            ),
        ]

    def __str__(self) -> str:
        return f"№ {self.serial}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.set_keys()
        super().save(*args, **kwargs)

    def set_keys(self) -> None:
        """Make the key anew; `bulk_create` needs it said."""
        self.serial_key = serial_key(self.serial)

    def is_verified(self, *, on: date) -> bool:
        """Is the term of its verification still running? Unknown counts as yes: nobody is frightened by a gap."""
        return self.verified_until is None or self.verified_until >= on


class ZoneLabelQuerySet(models.QuerySet["ZoneLabel"]):
    def by_zones(self) -> dict[int, list[ZoneLabel]]:
        """Number of zones of a meter → its labels in order. One query for all meters."""
        found: dict[int, list[ZoneLabel]] = {}
        for label in self.order_by("zones", "number"):
            found.setdefault(label.zones, []).append(label)
        return found

    def of(self, meter: Meter) -> list[ZoneLabel]:
        """The labels of every zone of `meter`, in order; «T1» where the row is missing: no value falls out of a page."""
        known = {label.number: label for label in self.filter(zones=meter.zones)}
        numbers = range(1, meter.zones + 1)
        return [
            known.get(number) or ZoneLabel(zones=meter.zones, number=number, label=f"T{number}") for number in numbers
        ]


class ZoneLabel(models.Model):
    """
    What the registers of a meter are called and which hours they count. Rows, not code: hours are set by order of the
    tariff service and have differed by region and year (order No. 1473-э of the Federal Tariff Service of 26.11.2013).
    """

    zones = models.PositiveSmallIntegerField("зон у\N{NO-BREAK SPACE}прибора")
    number = models.PositiveSmallIntegerField("номер зоны")
    label = models.CharField("название", max_length=40)
    hours = models.CharField("часы", max_length=60, blank=True)

    objects = ZoneLabelQuerySet.as_manager()

    class Meta:
        verbose_name = "тарифная зона"
        verbose_name_plural = "тарифные зоны"
        ordering = ["zones", "number"]
        constraints = [
            models.UniqueConstraint(fields=["zones", "number"], name="zone_label_once"),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=F("zones"), zones__lte=3), name="zone_label_number"
            ),
            models.CheckConstraint(condition=~Q(label=""), name="zone_label_named"),
        ]

    def __str__(self) -> str:
        return f"{self.label}, {self.hours}" if self.hours else self.label

    @property
    def is_used(self) -> bool:
        """Are there meters with as many zones? On their pages values stand under this label."""
        return Meter.objects.filter(zones=self.zones).exists()
