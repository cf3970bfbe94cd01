"""Supply points with their meters, as in the contracts; the labels of tariff zones."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts import snils
from accounts.identifiers import IdentifierError, parse_ogrn, parse_ogrnip, parse_snils
from requests_app.admin.filters import ChoiceFilter
from requests_app.admin.supply_search import HELP_TEXT, find_points
from requests_app.models import Meter, SupplyPoint, ZoneLabel
from requests_app.supply_import.cells import MAX_RATIO, parse_inn
from requests_app.supply_import.lines import BOTH, TOO_EARLY, is_removed_too_early
from requests_app.supply_keys import address_key, contract_key, serial_key
from rsmportal.desk_admin import DeskAdmin


class SupplyPointForm(forms.ModelForm[SupplyPoint]):
    """A СНИЛС is typed and only its keyed hash is kept; an empty field leaves what is there."""

    snils = forms.CharField(
        label="СНИЛС",
        max_length=20,
        required=False,
        help_text="Хранится только отпечаток для сверки. Пусто\N{NO-BREAK SPACE}— оставить, какой есть",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    class Meta:
        model = SupplyPoint
        fields = [
            "contract_number",
            "address",
            "consumer_name",
            "inn",
            "ogrn",
            "ogrnip",
            "voltage_level",
            "tariff_note",
            "max_power_kw",
        ]

    def clean_inn(self) -> str:
        return _checked(self.cleaned_data["inn"], parse_inn)

    def clean_ogrn(self) -> str:
        return _checked(self.cleaned_data["ogrn"], parse_ogrn)

    def clean_ogrnip(self) -> str:
        return _checked(self.cleaned_data["ogrnip"], parse_ogrnip)

    def clean_max_power_kw(self) -> Decimal | None:
        power: Decimal | None = self.cleaned_data["max_power_kw"]
        if power is not None and power <= 0:
            raise ValidationError("Мощность больше нуля.", code="not_positive")
        return power

    def clean_snils(self) -> str:
        return _checked(self.cleaned_data["snils"], parse_snils)

    def clean(self) -> dict[str, Any]:
        """The keys are not fields of the form, so Django does not compare them."""
        cleaned = super().clean() or self.cleaned_data
        contract, address = contract_key(cleaned.get("contract_number", "")), address_key(cleaned.get("address", ""))
        same = SupplyPoint.objects.filter(contract_key=contract, address_key=address).exclude(pk=self.instance.pk)
        if contract and address and same.exists():
            message = "По этому договору точка с таким адресом уже есть."
            self.add_error("address", ValidationError(message, code="twice"))
        for name, key in (("contract_number", contract), ("address", address)):
            if cleaned.get(name) and not key:
                self.add_error(name, ValidationError("Нужны буквы или цифры.", code="empty"))
        if cleaned.get("ogrn") and cleaned.get("ogrnip"):
            self.add_error("ogrnip", ValidationError(BOTH, code="both"))
        return cleaned

    def save(self, commit: bool = True) -> SupplyPoint:
        if self.cleaned_data.get("snils"):
            self.instance.snils_hash = snils.lookup_hash(self.cleaned_data["snils"])
        return super().save(commit)


class MeterForm(forms.ModelForm[Meter]):
    """Says by the field what the constraints of the table would only refuse."""

    LIMITS: ClassVar[dict[str, tuple[int, int]]] = {
        "digits_before": (4, 9),
        "digits_after": (0, 3),
        "ratio": (1, MAX_RATIO),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, limits in self.LIMITS.items():
            self.fields[name].validators = [_within(*limits)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if is_removed_too_early(cleaned.get("installed_on"), cleaned.get("removed_on")):
            self.add_error("removed_on", ValidationError(TOO_EARLY, code="too_early"))
        return cleaned


class MeterFormSet(forms.BaseInlineFormSet[Meter, SupplyPoint, Any]):
    def clean(self) -> None:
        """One meter stands at a point once, however its number is written."""
        super().clean()
        seen: set[str] = set()
        for form in self.forms:
            key = serial_key(getattr(form, "cleaned_data", {}).get("serial") or "")
            if form.cleaned_data.get("serial") and not key:
                form.add_error("serial", ValidationError("Нужны буквы или цифры.", code="empty"))
            elif key and key in seen:
                form.add_error("serial", ValidationError("Этот прибор уже есть в списке.", code="twice"))
            seen.add(key)


class MeterInline(admin.StackedInline[Meter, SupplyPoint]):
    model = Meter
    form = MeterForm
    formset = MeterFormSet
    extra = 0
    fields = [
        ("serial", "model"),
        ("digits_before", "digits_after"),
        ("zones", "ratio"),
        ("installed_on", "verified_until", "removed_on"),
        "is_remote",
    ]


@admin.register(SupplyPoint)
class SupplyPointAdmin(DeskAdmin[SupplyPoint]):
    form = SupplyPointForm
    inlines = [MeterInline]
    list_display = ["contract_number", "address", "consumer_name", "meter_column"]
    list_filter = [("voltage_level", ChoiceFilter)]
    search_fields = ["contract_key"]  # shows the box; what a term is compared with: `find_points`
    search_help_text = HELP_TEXT
    ordering = ["contract_key", "address_key", "pk"]
    export_display = [*list_display, "voltage_level", "tariff_note", "max_power_kw"]
    fieldsets = [
        ("Договор", {"fields": ["contract_number", "address", "voltage_level", "tariff_note", "max_power_kw"]}),
        (
            "Потребитель по договору",
            {
                "description": "Как в договоре. С этим специалист сверяет, кто просит доступ.",
                "fields": ["consumer_name", "inn", "ogrn", "ogrnip", "snils"],
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SupplyPoint]:
        return super().get_queryset(request).prefetch_related("meters")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[SupplyPoint], search_term: str
    ) -> tuple[QuerySet[SupplyPoint], bool]:
        return (find_points(queryset, search_term) if search_term.strip() else queryset), False

    @admin.display(description="приборы учёта")
    def meter_column(self, point: SupplyPoint) -> str:
        return ", ".join(meter.serial for meter in point.meters.all() if meter.removed_on is None) or "—"


class ZoneLabelForm(forms.ModelForm[ZoneLabel]):
    """As `MeterForm`."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        zones, number = cleaned.get("zones"), cleaned.get("number")
        if zones is not None and not 1 <= zones <= 3:
            self.add_error(
                "zones",
                ValidationError(
                    "У\N{NO-BREAK SPACE}прибора от\N{NO-BREAK SPACE}1 до\N{NO-BREAK SPACE}3 зон.", code="limits"
                ),
            )
        elif zones is not None and number is not None and not 1 <= number <= zones:
            message = (
                f"Номер от\N{NO-BREAK SPACE}1 до\N{NO-BREAK SPACE}{zones}: столько зон у\N{NO-BREAK SPACE}прибора."
            )
            self.add_error("number", ValidationError(message, code="limits"))
        self._check_moved()
        return cleaned

    def _check_moved(self) -> None:
        """The label of values that are shown stays with them: to take it from them would be to delete it."""
        moved = [name for name in ("zones", "number") if name in self.changed_data]
        if self.instance.pk and moved and ZoneLabel.objects.get(pk=self.instance.pk).is_used:
            message = (
                "Такие счётчики есть, их показания стоят под этим названием. Измените название и\N{NO-BREAK SPACE}часы."
            )
            self.add_error(moved[0], ValidationError(message, code="used"))


@admin.register(ZoneLabel)
class ZoneLabelAdmin(DeskAdmin[ZoneLabel]):
    form = ZoneLabelForm
    list_display = ["label", "zones", "number", "hours"]
    ordering = ["zones", "number"]
    fieldsets = [
        (
            None,
            {
                "description": "Пока есть счётчики с\N{NO-BREAK SPACE}таким числом зон, зону не\N{NO-BREAK SPACE}удаляют: "
                "под её названием стоят показания. Название и\N{NO-BREAK SPACE}часы меняйте, когда их меняет приказ.",
                "fields": ["label", "hours", "zones", "number"],
            },
        ),
    ]

    def has_delete_permission(self, request: HttpRequest, obj: ZoneLabel | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.is_used)


def _within(least: int, most: int) -> Callable[[int], None]:
    def check(value: int) -> None:
        if not least <= value <= most:
            message = f"Нужно целое число от\N{NO-BREAK SPACE}{least} до\N{NO-BREAK SPACE}{most}."
            raise ValidationError(message, code="limits")

    return check


def _checked(typed: str, parse: Any) -> str:
    """The bare digits of an identifier, empty for none. Raises ValidationError with its code and text."""
    if not typed.strip():
        return ""
    try:
        return str(parse(typed))
    except IdentifierError as error:
        raise ValidationError(error.message, code=error.code) from None
