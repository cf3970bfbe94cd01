"""What a violation report says."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models
from django.db.models import Q

from requests_app.models.detail import ENOUGH_SAID, RequestDetail, Row, rows_of


class ViolationKind(models.TextChoices):
    CONTRACT = "contract", "Подключились без договора (бездоговорное потребление)"
    METER = "meter", "Берут мимо счётчика или вмешались в него (безучётное потребление)"
    THEFT = "theft", "Украли или испортили провод, опору, шкаф, другой объект сети"
    UNKNOWN = "unknown", "Что-то не так, но не знаю, как это назвать"


class Sign(models.TextChoices):
    HOOKED = "hooked", "Наброс на провод"
    BYPASS = "bypass", "Кабель идёт мимо счётчика"
    SEAL = "seal", "Сорвана или повреждена пломба"
    CUT = "cut", "Что-то оборвано или срезано"
    OTHER = "other", "Другое"


class ViolationReport(RequestDetail):
    kind = models.CharField("что произошло", max_length=8, choices=ViolationKind)
    place = models.CharField("место", max_length=300)
    pole_number = models.CharField("номер опоры", max_length=40, blank=True)
    substation_number = models.CharField("номер подстанции (ТП, КТП)", max_length=40, blank=True)
    latitude = models.DecimalField("широта", max_digits=8, decimal_places=6, null=True, blank=True)  # degrees, WGS 84
    longitude = models.DecimalField("долгота", max_digits=9, decimal_places=6, null=True, blank=True)
    seen_at = models.DateTimeField("когда замечено")
    description = models.TextField("что вы видели", max_length=4000, validators=[ENOUGH_SAID])
    suspect = models.CharField("кто это может быть", max_length=300, blank=True)
    may_show_place = models.BooleanField("готов показать место", default=False)
    contact = models.CharField("как связаться", max_length=100, blank=True)

    class Meta:
        verbose_name = "сообщение о нарушении"
        verbose_name_plural = "сообщения о нарушениях"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=sorted(ViolationKind.values)), name="violation_report_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None)
                | Q(
                    latitude__isnull=False,
                    latitude__gte=-90,
                    latitude__lte=90,
                    longitude__isnull=False,
                    longitude__gte=-180,
                    longitude__lte=180,
                ),
                name="violation_report_coordinates_in_pairs",
            ),
            models.CheckConstraint(
                condition=Q(may_show_place=False, contact="") | (Q(may_show_place=True) & ~Q(contact="")),
                name="violation_report_contact_to_show_place",
            ),
        ]

    @property
    def coordinates(self) -> str:
        """«47.222078, 39.720349», as maps take it; empty when they were not given."""
        return "" if self.latitude is None else f"{self.latitude:.6f}, {self.longitude:.6f}"

    def addresses(self) -> list[str]:
        return [self.place]

    def rows(self) -> Iterator[Row]:
        yield from rows_of(self, ["kind"])
        if signs := [sign.get_sign_display() for sign in self.signs.all()]:
            yield Row("Признаки", "; ".join(signs))
        yield from rows_of(self, ["place", "pole_number", "substation_number"])
        if self.coordinates:
            yield Row("Координаты", self.coordinates)
        yield from rows_of(self, ["seen_at", "description", "suspect", "may_show_place", "contact"])


class ViolationSign(models.Model):
    """One of the signs by which it was noticed."""

    report = models.ForeignKey(
        ViolationReport, on_delete=models.CASCADE, related_name="signs", verbose_name="сообщение"
    )
    sign = models.CharField("признак", max_length=6, choices=Sign)

    class Meta:
        verbose_name = "признак нарушения"
        verbose_name_plural = "признаки нарушений"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["report", "sign"], name="violation_sign_once"),
            models.CheckConstraint(condition=Q(sign__in=sorted(Sign.values)), name="violation_sign_known"),
        ]

    def __str__(self) -> str:
        return self.get_sign_display()
