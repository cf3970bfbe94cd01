"""«Мои документы» and «Мои счета»: the papers that staff have issued to a consumer."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.http import ConsumerRequest, consumer_required
from requests_app import payment
from requests_app.models import Invoice, InvoiceState, IssuedDocument
from requests_app.models.papers import InvoiceQuerySet
from rsmportal import qr
from rsmportal.russian import counted

PAGE_SIZE = 10
_MOST_OVERDUE = 3  # named above the list; the list has the rest


class InvoiceFilter(forms.Form):
    """By state: an allow-list, so an address can ask for nothing else."""

    mark_optional = False

    state = forms.ChoiceField(
        label="Состояние",
        required=False,
        choices=[
            ("", "Все"),
            ("overdue", "Просроченные"),
            ("issued", "К\N{NO-BREAK SPACE}оплате"),
            ("paid", "Оплаченные"),
            ("cancelled", "Аннулированные"),
        ],
    )

    @property
    def is_used(self) -> bool:
        return bool(self.data.get("state"))

    def apply(self, invoices: InvoiceQuerySet, *, today: date) -> InvoiceQuerySet:
        """Narrow `invoices` by what is valid; the page says what is not."""
        self.is_valid()
        state = self.cleaned_data.get("state")
        if state == "overdue":
            return invoices.overdue(on=today)
        return invoices.filter(state=state) if state else invoices


@require_safe
@consumer_required
def document_list(request: ConsumerRequest) -> HttpResponse:
    mine = IssuedDocument.objects.visible_to(request.user).select_related("attachment", "service_request", "invoice")
    page = Paginator(mine, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "requests/documents.html", {"page": page})


@require_safe
@consumer_required
def invoice_list(request: ConsumerRequest) -> HttpResponse:
    today = timezone.localdate()
    mine = Invoice.objects.visible_to(request.user)
    chosen = InvoiceFilter(request.GET)
    found = chosen.apply(mine.select_related("document__attachment", "document__service_request"), today=today)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    late = list(mine.overdue(on=today).order_by("due_on", "pk")[: _MOST_OVERDUE + 1])
    context = {
        "filter": chosen,
        "page": page,
        "entries": [(invoice, _state(invoice, today=today)) for invoice in page.object_list],
        "late": late[:_MOST_OVERDUE],
        "more_are_late": len(late) > _MOST_OVERDUE,
        "to_pay": mine.unpaid().aggregate(sum=Sum("amount"))["sum"],
    }
    return render(request, "requests/invoices.html", context)


@require_safe
@consumer_required
def invoice_detail(request: ConsumerRequest, pk: int) -> HttpResponse:
    mine = Invoice.objects.visible_to(request.user).select_related("document__attachment", "document__service_request")
    invoice = get_object_or_404(mine, pk=pk)
    context: dict[str, Any] = {"invoice": invoice, "state": _state(invoice, today=timezone.localdate())}
    if invoice.state == InvoiceState.CANCELLED:
        context["replacement"] = Invoice.objects.visible_to(request.user).instead_of(invoice).first()
    if invoice.is_unpaid and settings.PAYEE:
        line = payment.payment_line(settings.PAYEE, amount=invoice.amount, purpose=invoice.purpose)
        context |= {"payee": settings.PAYEE, "code": qr.draw(line)}
    return render(request, "requests/invoice.html", context)


def _state(invoice: Invoice, *, today: date) -> tuple[str, str]:
    """The value that picks shape and colour, and the words: «Просрочен на 4 дня»."""
    if invoice.is_overdue(on=today):
        days = counted((today - invoice.due_on).days, "день", "дня", "дней")
        return "overdue", f"Просрочен на\N{NO-BREAK SPACE}{days}"
    if invoice.state == InvoiceState.ISSUED:
        return "registered", "Выставлен"
    return invoice.state, str(invoice.get_state_display())
