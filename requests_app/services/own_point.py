"""What the forms share that ask about an object: one of the consumer's own, or another by its contract or address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.db import models
from django.db.models import Prefetch

from requests_app.models.access import AccessGrant
from requests_app.models.attachment import FileAccess
from requests_app.models.detail import RequestDetail, Row
from requests_app.models.papers import IssuedDocument
from requests_app.models.supply import SupplyPoint
from requests_app.services.base import ServiceForm

_LATEST_DOWNLOADS = 20


class PaperRequest(RequestDetail):
    """Answered with papers that only those may have whose right to the object is confirmed or checked."""

    point = models.ForeignKey(
        SupplyPoint, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="точка поставки"
    )

    class Meta:
        abstract = True

    def point_row(self) -> Iterator[Row]:
        """That the object was chosen, not typed: its contract and address stand on the request."""
        if self.point_id is not None:
            yield Row("Объект", "выбран из подтверждённых")

    @property
    def right_is_confirmed(self) -> bool:
        """Is the consumer's access to the named point confirmed now? Without a point there is nothing to confirm."""
        if self.point_id is None:
            return False
        return AccessGrant.objects.confirmed_for(self.service_request.owner_id).filter(point=self.point_id).exists()

    @property
    def withheld(self) -> bool:
        """Were papers given out that may not be shown any more?"""
        withheld = IssuedDocument.objects.withheld_from(self.service_request.owner_id)
        return withheld.filter(service_request=self.service_request).exists()

    def issued(self) -> models.QuerySet[IssuedDocument]:
        """What was given out, with the latest downloads of each: for staff."""
        downloads = Prefetch(
            "attachment__accesses", FileAccess.objects.select_related("by")[:_LATEST_DOWNLOADS], "latest"
        )
        papers = self.service_request.issued_documents.select_related("attachment", "invoice", "right_checked_by")
        return papers.prefetch_related(downloads)


class OwnPointForm(ServiceForm):
    """
    `point` offers the supply points to which staff have confirmed the consumer's access, and nothing else. Without one
    the contract or the address is typed, and proves nothing.
    """

    point = forms.ModelChoiceField(
        label="Объект",
        queryset=SupplyPoint.objects.none(),
        required=False,
        empty_label="Другой объект или договор",
        error_messages={
            "invalid_choice": "Этого объекта нет среди подтверждённых. Выберите другой или напишите номер договора."
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        points = SupplyPoint.objects
        own = points.confirmed_for(self.owner) if self.owner else points.none()
        self.fields["point"].queryset = own  # type: ignore[attr-defined]
        first_two = list(own[:2])
        if first_two or self.data.get(self.add_prefix("point")):
            self.fields["point"].initial = first_two[0] if len(first_two) == 1 else None
            for name in ("contract_number", "object_address"):
                self.fields[name].widget.attrs["data-depends"] = "point:"
            self.say_when_needed(["point"], "если объекта в списке нет, напишите ниже номер договора")
        else:
            del self.fields["point"]
        self.fields["object_address"].help_text = ""
        self.say_when_needed(["contract_number"], "или адрес объекта")
        self.say_when_needed(["object_address"], "если не знаете номера договора")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        point = cleaned.get("point")
        if point:
            cleaned["contract_number"], cleaned["object_address"] = point.contract_number, point.address
        elif "point" not in self.errors:
            self._check_typed(cleaned)
        return cleaned

    def _check_typed(self, cleaned: dict[str, Any]) -> None:
        if not cleaned.get("contract_number") and not cleaned.get("object_address"):
            self.require("contract_number", "Напишите номер договора или адрес объекта.")
