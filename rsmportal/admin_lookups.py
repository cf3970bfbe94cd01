from typing import Any, TypeVar

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

_Model = TypeVar("_Model", bound=Model)

# What may follow a filter's own field in an address
_PLAIN = frozenset({"id", "exact", "in", "isnull", "gt", "gte", "lt", "lte", "year", "month", "day"})


class AllowListedLookups(admin.ModelAdmin[_Model]):
    """
    An admin list that an address can filter by the list's own filters and dates, and by nothing else.

    Django lets every column of the model through: `?snils_hash__startswith=…` or `?password__startswith=…` would tell,
    letter by letter, what no page shows.
    """

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return any(_belongs_to(lookup, name) for name in _field_names(self.list_filter, self.date_hierarchy))


def _field_names(list_filter: Any, date_hierarchy: str | None) -> list[str]:
    """Filters name a field, or a pair of a field and its class; those that are a class alone have parameters of their own."""
    names = [item if isinstance(item, str) else item[0] for item in list_filter if not isinstance(item, type)]
    return [*names, *([date_hierarchy] if date_hierarchy else [])]


def _belongs_to(lookup: str, name: str) -> bool:
    rest = lookup.removeprefix(name)
    return lookup.startswith(name) and (not rest or (rest.startswith("__") and _PLAIN.issuperset(rest[2:].split("__"))))
