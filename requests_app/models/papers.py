"""Papers that staff have issued: copies of documents and invoices. What the consumer sees is decided here alone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from requests_app.models.access import AccessGrant
from requests_app.models.attachment import Attachment
from requests_app.models.request import ServiceRequest
from requests_app.models.supply import SupplyPoint
from requests_app.months import period_in_words
from requests_app.supply_keys import contract_key

KOPECK = Decimal("0.01")


def _right_stands(user: Any, document: str = "") -> Q:
    """
    The right to a paper: it was checked by a person, or rests on a grant that is confirmed now, not only then.
    `document` is the path to the paper, with its underscores.
    """
    grants = AccessGrant.objects.confirmed_for(user).filter(point=OuterRef(f"{document}point"))
    return Q((f"{document}right_checked_at__isnull", False)) | Q(Exists(grants))


class IssuedDocumentQuerySet(models.QuerySet["IssuedDocument"]):
    def visible_to(self, user: Any) -> Self:
        """A consumer's own papers, while the right to them stands."""
        return self.filter(_right_stands(user), service_request__owner=user)

    def withheld_from(self, user: Any) -> Self:
        """Issued to the consumer once, whose access to the object has ended since."""
        return self.filter(~_right_stands(user), service_request__owner=user)


class IssuedDocument(models.Model):
    """
    A file of an answer as a paper of the consumer: what it is and by which right it was given out.

    One that rests on a supply point is shown while the consumer's access to that point is confirmed. Where there was
    none, a colleague has checked the right and says how.
    """

    attachment = models.OneToOneField(
        Attachment, on_delete=models.CASCADE, primary_key=True, related_name="issued", verbose_name="файл"
    )
    service_request = models.ForeignKey(
        ServiceRequest, on_delete=models.CASCADE, related_name="issued_documents", verbose_name="заявка"
    )
    title = models.CharField("документ", max_length=300)
    period_from = models.DateField("начало периода", null=True)
    period_to = models.DateField("конец периода", null=True)
    point = models.ForeignKey(
        SupplyPoint, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="точка поставки"
    )
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="кто выдал"
    )
    issued_at = models.DateTimeField("выдан", default=timezone.now)
    right_checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="кто проверил право",
    )
    right_checked_at = models.DateTimeField("право проверено", null=True)
    right_note = models.CharField("как проверено право", max_length=500, blank=True)

    objects = IssuedDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = "выданный документ"
        verbose_name_plural = "выданные документы"
        ordering = ["-issued_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(right_checked_by__isnull=False, right_checked_at__isnull=False) & ~Q(right_note=""))
                | Q(right_checked_by=None, right_checked_at=None, right_note=""),
                name="issued_document_right_in_pairs",
            ),
            models.CheckConstraint(
                condition=Q(point__isnull=False) | Q(right_checked_at__isnull=False),
                name="issued_document_by_some_right",
            ),
            models.CheckConstraint(
                condition=Q(period_from=None, period_to=None)
                | Q(period_from__isnull=False, period_to__isnull=False, period_to__gte=F("period_from")),
                name="issued_document_period",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="issued_document_named"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def period(self) -> str:
        """«январь 2026 – март 2026», or nothing."""
        if self.period_from is None or self.period_to is None:
            return ""
        return period_in_words(self.period_from, self.period_to)


class VatRate(models.Model):
    """A rate that staff may choose. Rows, not code: rates are set by law and change, invoices keep the one they had."""

    percent = models.DecimalField(
        "ставка, %", max_digits=4, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    label = models.CharField("название", max_length=40)
    is_offered = models.BooleanField("предлагать", default=True)

    class Meta:
        verbose_name = "ставка налога"
        verbose_name_plural = "ставки налога"
        ordering = [F("percent").desc(nulls_last=True), "pk"]
        constraints = [
            models.UniqueConstraint(fields=["percent"], name="vat_rate_once"),
            models.UniqueConstraint(fields=["label"], name="vat_rate_label_once"),
            models.CheckConstraint(
                condition=Q(percent=None) | Q(percent__gte=0, percent__lt=100), name="vat_rate_percent"
            ),
            models.CheckConstraint(condition=~Q(label=""), name="vat_rate_named"),
        ]

    def __str__(self) -> str:
        return self.label


def vat_within(amount: Decimal, percent: Decimal | None) -> Decimal:
    """The tax that is in `amount` roubles at that rate, to the kopeck; zero without a rate."""
    if percent is None:
        return Decimal("0.00")
    return (amount * percent / (100 + percent)).quantize(KOPECK, rounding="ROUND_HALF_UP")


class InvoiceState(models.TextChoices):
    ISSUED = "issued", "Выставлен"
    PAID = "paid", "Оплачен"
    CANCELLED = "cancelled", "Аннулирован"


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    def visible_to(self, user: Any) -> Self:
        """A consumer's own invoices, while the right to them stands."""
        return self.filter(_right_stands(user, "document__"), document__service_request__owner=user)

    def unpaid(self) -> Self:
        return self.filter(state=InvoiceState.ISSUED)

    def overdue(self, *, on: date) -> Self:
        """To be paid before that day."""
        return self.unpaid().filter(due_on__lt=on)

    def instead_of(self, cancelled: Invoice) -> Self:
        """Made out for the same request since that one was cancelled, the first of them first."""
        since = {"document__issued_at__gte": cancelled.cancelled_at}
        return self.filter(document__service_request=cancelled.service_request, **since).order_by("pk")

    def locked(self) -> Self:
        """Hold the rows until the transaction ends; others may read them, but not change them."""
        return self.select_for_update(of=("self",), no_key=True)


class Invoice(models.Model):
    """
    An invoice of the company. Its paper is the PDF; what stands here is for lists, the payment code and reports.

    The payer is the one of the request, whose answers never change. Money is in roubles, tax included.
    """

    document = models.OneToOneField(
        IssuedDocument,
        on_delete=models.PROTECT,  # a paper of the books: it goes only when somebody takes it out first
        related_name="invoice",
        verbose_name="документ",
    )
    number = models.CharField("номер счёта", max_length=30)
    number_key = models.CharField("номер для сверки", max_length=30, editable=False)
    year = models.PositiveSmallIntegerField("год", editable=False)
    service_name = models.CharField("услуга", max_length=100)
    contract_number = models.CharField("номер договора", max_length=60, blank=True)
    issued_on = models.DateField("дата счёта")
    due_on = models.DateField("оплатить до")
    amount = models.DecimalField("сумма, ₽", max_digits=12, decimal_places=2)
    vat_percent = models.DecimalField("ставка НДС, %", max_digits=4, decimal_places=2, null=True)
    vat_amount = models.DecimalField("в\N{NO-BREAK SPACE}том числе НДС, ₽", max_digits=12, decimal_places=2)

    state = models.CharField("состояние", max_length=9, choices=InvoiceState, default=InvoiceState.ISSUED)
    paid_on = models.DateField("оплачен", null=True)
    paid_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="кто отметил оплату",
    )
    cancelled_at = models.DateTimeField("аннулирован", null=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="кто аннулировал"
    )
    cancel_reason = models.CharField("почему аннулирован", max_length=500, blank=True)

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        verbose_name = "счёт"
        verbose_name_plural = "счета"
        ordering = ["-issued_on", "-pk"]
        indexes = [
            models.Index(fields=["-issued_on", "-id"], name="invoice_newest"),
            models.Index(fields=["due_on"], condition=Q(state="issued"), name="invoice_due"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["year", "number_key"], name="invoice_number_once_a_year"),
            models.CheckConstraint(condition=~Q(number_key=""), name="invoice_numbered"),
            models.CheckConstraint(condition=Q(due_on__gte=F("issued_on")), name="invoice_due_after_issued"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, vat_amount__gte=0, vat_amount__lt=F("amount")), name="invoice_amounts"
            ),
            models.CheckConstraint(
                condition=Q(vat_percent=None, vat_amount=0)
                | Q(vat_percent__isnull=False, vat_percent__gte=0, vat_percent__lt=100),
                name="invoice_vat",
            ),
            models.CheckConstraint(condition=Q(state__in=sorted(InvoiceState.values)), name="invoice_state_known"),
            models.CheckConstraint(
                condition=Q(state="paid", paid_on__isnull=False, paid_by__isnull=False)
                | (~Q(state="paid") & Q(paid_on=None, paid_by=None)),
                name="invoice_paid_in_pairs",
            ),
            models.CheckConstraint(
                condition=(
                    Q(state="cancelled", cancelled_at__isnull=False, cancelled_by__isnull=False) & ~Q(cancel_reason="")
                )
                | (~Q(state="cancelled") & Q(cancelled_at=None, cancelled_by=None, cancel_reason="")),
                name="invoice_cancelled_in_pairs",
            ),
        ]
        permissions = [
            ("issue_invoice", "Может выставлять счета"),
            ("settle_invoice", "Может отмечать оплату счетов"),
            ("cancel_invoice", "Может аннулировать счета"),
        ]

    def __str__(self) -> str:
        return f"Счёт №\N{NO-BREAK SPACE}{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.number_key, self.year = contract_key(self.number), self.issued_on.year
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("requests:invoice", args=[self.pk])

    @property
    def service_request(self) -> ServiceRequest:
        return self.document.service_request

    @property
    def is_unpaid(self) -> bool:
        return self.state == InvoiceState.ISSUED

    def is_overdue(self, *, on: date) -> bool:
        return self.is_unpaid and self.due_on < on

    @property
    def purpose(self) -> str:
        """What a payment order says: by it the payment is found in the books."""
        parts = [f"Оплата по счёту № {self.number} от {self.issued_on:%d.%m.%Y}"]
        if self.contract_number:
            parts.append(f"договор № {self.contract_number}")
        service = self.service_name[:1].lower() + self.service_name[1:]
        parts.append(f"{service} за {self.document.period}" if self.document.period else service)
        vat = "без НДС" if self.vat_percent is None else f"в т.ч. НДС {self.vat_amount} руб."
        return ", ".join([*parts, vat]).replace("\N{NO-BREAK SPACE}", " ")
