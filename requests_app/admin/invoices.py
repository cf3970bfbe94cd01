"""
Invoices: a list, the page of one, and the pages on which it is marked as paid, or not, or cancelled. An invoice is made
out by the answer to its request; see `issuing`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods

from requests_app import actions
from requests_app.admin.access import ReasonForm
from requests_app.admin.base import StaffRequest
from requests_app.admin.filters import BarFilter
from requests_app.admin.words import colleague
from requests_app.amounts import grouped
from requests_app.models import Invoice, InvoiceState, VatRate
from requests_app.models.detail import Row, rows_of
from requests_app.models.papers import InvoiceQuerySet
from requests_app.services.invoice_life import REISSUE
from requests_app.supply_keys import contract_key
from rsmportal.desk_admin import DeskAdmin, ReadOnlyAdmin

_FIRST_YEAR = 2000  # our rule; an earlier year is a slip of the finger


class PaidForm(forms.Form):
    paid_on = forms.DateField(
        label="Когда пришли деньги",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "input-short"}),
        error_messages={"required": "Укажите день."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["paid_on"].initial = timezone.localdate()

    def clean_paid_on(self) -> date:
        paid_on: date = self.cleaned_data["paid_on"]
        if paid_on > timezone.localdate():
            raise ValidationError("Этот день ещё не наступил.", code="future")
        if paid_on.year < _FIRST_YEAR:
            raise ValidationError("Это было слишком давно. Проверьте год.", code="long_ago")
        return paid_on


class TakeBackForm(ReasonForm):
    """A reason among staff."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = "Останется в\N{NO-BREAK SPACE}заметках к\N{NO-BREAK SPACE}заявке"


@dataclass(frozen=True, kw_only=True)
class Change:
    """What can be done with an invoice, and what its page says."""

    button: str
    done: str
    permission: str
    source: InvoiceState  # the state in which it can be done
    form_class: type[forms.Form]
    act: Callable[..., None]
    is_bad: bool = True


CHANGES = {
    "paid": Change(
        button="Отметить оплату",
        done="Оплата отмечена.",
        permission="requests_app.settle_invoice",
        source=InvoiceState.ISSUED,
        form_class=PaidForm,
        act=actions.mark_paid,
        is_bad=False,
    ),
    "cancel": Change(
        button="Аннулировать",
        done="Счёт аннулирован.",
        permission="requests_app.cancel_invoice",
        source=InvoiceState.ISSUED,
        form_class=ReasonForm,
        act=actions.cancel_invoice,
    ),
    "unpaid": Change(
        button="Снять отметку об\N{NO-BREAK SPACE}оплате",
        done="Отметка снята.",
        permission="requests_app.cancel_invoice",
        source=InvoiceState.PAID,
        form_class=TakeBackForm,
        act=actions.take_back_payment,
    ),
}


class InvoiceStateFilter(BarFilter):
    title = "состояние"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("overdue", "Просрочен"), *InvoiceState.choices]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Invoice]:
        invoices: InvoiceQuerySet = queryset
        if self.value() == "overdue":
            return invoices.overdue(on=timezone.localdate())
        return invoices.filter(state=self.value()) if self.value() else invoices


@admin.register(Invoice)
class InvoiceAdmin(ReadOnlyAdmin[Invoice]):
    list_display = ["number", "issued_column", "applicant", "amount_column", "due_column", "state_column"]
    list_filter = [InvoiceStateFilter]
    list_select_related = ["document__service_request"]
    search_fields = ["number_key"]  # shows the box; what a term is compared with: `get_search_results`
    search_help_text = "Начало номера счёта или номер заявки целиком"
    ordering = ["-issued_on", "-pk"]
    fields = ["number"]  # the page is drawn by its own template
    export_display = [
        "number",
        "issued_on",
        "due_on",
        "applicant",
        "service_name",
        "contract_number",
        "amount",
        "vat_percent",
        "vat_amount",
        "state_column",
        "paid_on",
        "cancelled_at",
        "cancel_reason",
        ("document__service_request__number", "Заявка"),
    ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Invoice], search_term: str
    ) -> tuple[QuerySet[Invoice], bool]:
        key = contract_key(search_term)
        if not key:
            return queryset, False
        by_number = queryset.filter(number_key__startswith=key)
        return by_number | queryset.filter(document__service_request__number=search_term.strip()), False

    def get_urls(self) -> list[URLPattern]:
        own = []
        for name in CHANGES:
            view = require_http_methods(["GET", "HEAD", "POST"])(partial(self.change_page, name=name))
            checked = self.admin_site.admin_view(view)
            own.append(path(f"<int:pk>/{name}/", checked, name=f"requests_app_invoice_{name}"))
        return [*own, *super().get_urls()]

    def change_page(self, request: StaffRequest, pk: int, name: str) -> HttpResponse:
        change = CHANGES[name]
        invoice = self._found(request, pk, change)
        form = change.form_class(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                change.act(invoice, by=request.user, **form.cleaned_data)
            except actions.InvoiceNotChanged as refusal:
                form.add_error(None, str(refusal))
                invoice.refresh_from_db()
            else:
                messages.success(request, change.done)
                return redirect("admin:requests_app_invoice_change", invoice.pk)
        return self._draw(request, invoice, change, form)

    def render_change_form(self, request: Any, context: dict[str, Any], *args: Any, **kwargs: Any) -> HttpResponse:
        invoice: Invoice = context["original"]
        possible = {
            name: change
            for name, change in CHANGES.items()
            if invoice.state == change.source and request.user.has_perm(change.permission)
        }
        context |= {"title": str(invoice), "subtitle": None, "changes": possible, **self._page_of(invoice)}
        if invoice.state == InvoiceState.CANCELLED:
            steps = actions.available_transitions(invoice.service_request, by=request.user)
            context["reissue"] = next((step for step in steps if step.name == REISSUE.name), None)
            context["replacement"] = Invoice.objects.instead_of(invoice).first()
        return super().render_change_form(request, context, *args, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Invoice]:
        return super().get_queryset(request).select_related("document__service_request", "paid_by", "cancelled_by")

    def _page_of(self, invoice: Invoice) -> dict[str, Any]:
        return {
            "invoice": invoice,
            "state": self.state_column(invoice),
            "facts": _facts(invoice),
            "files": [invoice.document.attachment],
        }

    def _found(self, request: StaffRequest, pk: int, change: Change) -> Invoice:
        """The invoice; 403 for whoever may not do this with it."""
        if not self.has_view_permission(request) or not request.user.has_perm(change.permission):
            raise PermissionDenied
        invoice = self.get_object(request, str(pk))
        if invoice is None:
            raise Http404
        return invoice

    def _draw(self, request: StaffRequest, invoice: Invoice, change: Change, form: forms.Form) -> HttpResponse:
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": change.button,
            "subtitle": str(invoice),
            "change": change,
            "form": form,
            "is_possible": invoice.state == change.source,
            **self._page_of(invoice),
        }
        return TemplateResponse(request, "admin/requests_app/invoice/change.html", context)

    @admin.display(description="дата")
    def issued_column(self, invoice: Invoice) -> str:
        return f"{invoice.issued_on:%d.%m.%Y}"

    @admin.display(description="сумма, ₽")
    def amount_column(self, invoice: Invoice) -> str:
        return grouped(invoice.amount, places=2)

    @admin.display(description="оплатить до")
    def due_column(self, invoice: Invoice) -> str:
        return f"{invoice.due_on:%d.%m.%Y}"

    @admin.display(description="заявитель")
    def applicant(self, invoice: Invoice) -> str:
        return invoice.service_request.applicant_name

    @admin.display(description="состояние")
    def state_column(self, invoice: Invoice) -> SafeString:
        value, label = state_of(invoice, today=timezone.localdate())
        return format_html('<span class="status" data-status="{}">{}</span>', value, label)


def state_of(invoice: Invoice, *, today: date) -> tuple[str, str]:
    """The value that picks shape and colour, and the word."""
    if invoice.is_overdue(on=today):
        return "overdue", "Просрочен"
    return invoice.state, str(invoice.get_state_display())


def _facts(invoice: Invoice) -> Iterator[Row]:
    """What stands in the invoice, and who has done what with it."""
    yield Row("Заявка", f"{invoice.service_request}, {invoice.service_request.applicant_name}")
    yield from rows_of(invoice, ["number", "issued_on", "service_name", "contract_number"])
    yield Row("Сумма, ₽", grouped(invoice.amount, places=2))
    yield Row("НДС", "без НДС" if invoice.vat_percent is None else f"{grouped(invoice.vat_percent)}\N{NO-BREAK SPACE}%")
    yield Row("В\N{NO-BREAK SPACE}том числе НДС, ₽", grouped(invoice.vat_amount, places=2))
    yield from rows_of(invoice, ["due_on", "paid_on"])
    if invoice.paid_by:
        yield Row("Оплату отметил", colleague(invoice.paid_by))
    yield from rows_of(invoice, ["cancelled_at", "cancel_reason"])
    if invoice.cancelled_by:
        yield Row("Аннулировал", colleague(invoice.cancelled_by))


@admin.register(VatRate)
class VatRateAdmin(DeskAdmin[VatRate]):
    list_display = ["label", "percent", "is_offered"]
    ordering = ["-percent", "pk"]
    fieldsets = [
        (
            None,
            {
                "description": "Ставки, из которых выбирают, когда выставляют счёт. Выставленные счета хранят свою.",
                "fields": ["label", "percent", "is_offered"],
            },
        ),
    ]
