"""Rows of histories and logs."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models


class AppendOnly(models.Model):
    """A row that is stored once and never written again."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises ValidationError for a row that is stored already."""
        if not self._state.adding:
            raise ValidationError(
                f"«{self._meta.verbose_name}»: такие записи не\N{NO-BREAK SPACE}меняют.", code="append_only"
            )
        super().save(*args, **kwargs)


class Permanent(AppendOnly):
    """One that its own code never removes either: who has looked or agreed stays known."""

    class Meta:
        abstract = True

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Raises ValidationError."""
        raise ValidationError(
            f"«{self._meta.verbose_name}»: такие записи не\N{NO-BREAK SPACE}удаляют.", code="append_only"
        )
