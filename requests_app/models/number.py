from __future__ import annotations

from django.db import models


class NumberSequence(models.Model):
    """The last number given in a year. Its row is locked while the next one is taken, so none is given twice."""

    year = models.PositiveSmallIntegerField("год", primary_key=True)
    last = models.PositiveIntegerField("последний номер", default=0)

    class Meta:
        verbose_name = "счётчик номеров"
        verbose_name_plural = "счётчики номеров"

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"
