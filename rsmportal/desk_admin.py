"""What every list of the work desk stands on."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.contrib.admin import ShowFacets
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest

from rsmportal.admin_lookups import AllowListedLookups

_Model = TypeVar("_Model", bound=Model)

_MOST_DIGITS = 18  # of a key; where a row goes by the key of another, the database fails on a longer one


class FixedOrder(ChangeList):
    """Django hides the links that sort a list by a column, and still sorts by it when an address says so."""

    def get_ordering_field(self, field_name: Any) -> Any:
        return super().get_ordering_field(field_name) if field_name in (self.sortable_by or ()) else None


class DeskAdmin(AllowListedLookups[_Model]):
    """
    A list that a million rows do not slow down: no counting for its filters or of the whole table, no sorting by
    whatever column an address names.
    """

    actions: Any = None
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    sortable_by = ()
    list_per_page = 50
    view_on_site = False
    export_display: Sequence[Any] = ()  # the columns of the list as a file: see `export_columns`

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return FixedOrder


class ReadOnlyAdmin(DeskAdmin[_Model]):
    """To look at, whatever permissions one has."""

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> _Model:
        """
        Raises PermissionDenied before anything is looked up, so that not even the existence of a row is told, and
        Http404 where Django would lead to the index.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        if object_id.isdigit() and len(object_id) > _MOST_DIGITS:
            raise Http404
        found = super().get_object(request, object_id, from_field)
        if found is None:
            raise Http404
        return found

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
