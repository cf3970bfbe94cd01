"""A column to search by, made from another one whenever the row is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models


class KeyField(models.CharField[str, str]):
    """
    `make` of the text in the column `of`; `bulk_create` makes it too. Whoever saves with `update_fields` names it beside
    its source: see `with_keys`. To migrations it is a plain CharField.
    """

    def __init__(self, *args: Any, of: str = "", make: Callable[[str], str] = str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.of, self.make = of, make

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        key = self.make(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, key)
        return key

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


def with_keys(model: type[models.Model], update_fields: Any) -> Any:
    """The columns to save, and the keys made from them; None stays all of them."""
    if update_fields is None:
        return None
    keys = (field for field in model._meta.concrete_fields if isinstance(field, KeyField))
    return [*update_fields, *(key.name for key in keys if key.of in update_fields)]
