from typing import Any, TypeVar

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
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
        names = [_name_of(item) for item in self.list_filter]
        return any(_belongs_to(lookup, name) for name in [*names, self.date_hierarchy] if name)

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """
        NUL in a filter leads to the whole list, as everything does that no filter knows: PostgreSQL would answer with an
        error of the server. What is searched for is checked by Django.
        """
        filters = (values for name, values in request.GET.lists() if name != SEARCH_VAR)
        if any("\0" in value for values in filters for value in values):
            raise IncorrectLookupParameters
        return super().get_changelist_instance(request)


def _name_of(item: Any) -> str:
    """What a filter is called in the address: it is a field, a pair of a field and a class, or a class of its own."""
    if isinstance(item, type) and issubclass(item, admin.SimpleListFilter):
        return str(item.parameter_name)
    return item if isinstance(item, str) else str(item[0])


def _belongs_to(lookup: str, name: str) -> bool:
    first, *rest = lookup.removeprefix(name).split("__")
    return lookup.startswith(name) and not first and _PLAIN.issuperset(rest)
