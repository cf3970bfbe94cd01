"""Answers that give out papers: copies of documents, an invoice, another instead of a cancelled one."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import User
from requests_app import actions
from requests_app.admin.forms import CODES, AnswerForm, ask_more
from requests_app.amounts import AmountField
from requests_app.attachments import MAX_FILE_SIZE
from requests_app.forms import LongText
from requests_app.models import Invoice, ServiceRequest, VatRate
from requests_app.models.papers import vat_within
from requests_app.services import document_copies, invoice
from requests_app.services.invoice_life import REISSUE
from requests_app.supply_keys import contract_key

_ONE_ROUBLE = Decimal(1)  # lines of an invoice are rounded one by one, so their tax adds up to a little more or less


def _day() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "input-short"})


class IssueForm(AnswerForm):
    """
    Files are needed, and a right to them: where no access to the object is confirmed, the colleague says that it was
    checked, and how.
    """

    right_checked = forms.BooleanField(
        label="Право заявителя проверено",
        help_text="Доступ к\N{NO-BREAK SPACE}объекту не\N{NO-BREAK SPACE}подтверждён: сверьте документ и\N{NO-BREAK SPACE}договор",
        error_messages={"required": "Проверьте право заявителя и отметьте это."},
    )
    right_note = forms.CharField(
        label="Как проверено право",
        max_length=500,
        widget=LongText(attrs={"rows": 2}),
        help_text="Какой документ, чем подтверждён. Видят только сотрудники",
        error_messages={"required": "Напишите, по какому документу проверено право."},
    )

    first: list[str] = []
    usual_words = ""  # of the answer to who has a cabinet, to be changed where they do not fit
    no_file = ""

    def __init__(self, *args: Any, service_request: ServiceRequest, **kwargs: Any) -> None:
        super().__init__(*args, service_request=service_request, **kwargs)
        self.service_request = service_request
        detail: Any = service_request.detail
        if detail.right_is_confirmed:
            del self.fields["right_checked"], self.fields["right_note"]
        if service_request.owner_id:
            self.fields["comment"].initial = self.usual_words
        self.fields["files"].optional_word = "обязательно"  # type: ignore[attr-defined]  # or kept from an earlier try
        self.order_fields(["right_checked", "right_note", *self.first, "files", "comment"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.all_files() and "files" not in self.errors:
            self.add_error("files", ValidationError(self.no_file, code="required"))
        return cleaned

    def all_files(self) -> list[Any]:
        """New ones, and those kept from an earlier try."""
        return [*self.good_files, *self.kept_files]


class IssueCopiesForm(IssueForm):
    usual_words = "Копии приложены к этому ответу."
    no_file = "Приложите копии: без них выдавать нечего."

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        detail: Any = self.service_request.detail
        if detail.needs_signature:
            files = self.fields["files"]
            files.help_text = (
                f"Просят подпись УКЭП: приложите ZIP с\N{NO-BREAK SPACE}PDF и\N{NO-BREAK SPACE}.sig. {files.help_text}"
            )

    def after(self, service_request: ServiceRequest, *, by: User) -> None:
        actions.issue_copies(service_request, right_note=self.cleaned_data.get("right_note", ""), by=by)


class IssueInvoiceForm(IssueForm):
    usual_words = "Счёт приложен к этому ответу. Он есть и в разделе «Мои счета», с QR-кодом для оплаты."
    no_file = "Приложите счёт в PDF."
    first = ["number", "issued_on", "due_on", "amount", "vat_rate", "vat_amount"]

    number = forms.CharField(
        label="Номер счёта",
        max_length=30,
        widget=forms.TextInput(attrs={"class": "input-short", "autocomplete": "off"}),
    )
    issued_on = forms.DateField(label="Дата счёта", widget=_day())
    due_on = forms.DateField(label="Оплатить до", widget=_day())
    amount = AmountField(
        label="Сумма с\N{NO-BREAK SPACE}НДС, ₽",
        max_digits=12,
        decimal_places=2,
        min_value=Decimal("0.01"),
    )
    vat_rate = forms.ModelChoiceField(label="НДС", queryset=VatRate.objects.none(), empty_label="Не выбрано")
    vat_amount = AmountField(
        label="В\N{NO-BREAK SPACE}том числе НДС, ₽",
        max_digits=12,
        decimal_places=2,
        required=False,
        help_text="Пусто: посчитаем от\N{NO-BREAK SPACE}суммы по\N{NO-BREAK SPACE}ставке",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["vat_rate"].queryset = VatRate.objects.filter(is_offered=True)  # type: ignore[attr-defined]
        self.fields["issued_on"].initial = timezone.localdate()
        self.fields["number"].help_text = self._made_out_before()
        self.fields["files"].label = "Счёт в\N{NO-BREAK SPACE}PDF"
        self.fields["files"].help_text = f"Один файл, до {MAX_FILE_SIZE // 2**20}\N{NO-BREAK SPACE}МБ"

    def _made_out_before(self) -> str:
        """What still waits for money by this request, so that nobody is asked to pay twice."""
        waiting = Invoice.objects.unpaid().filter(document__service_request=self.service_request)
        numbers = ", ".join(f"№\N{NO-BREAK SPACE}{invoice.number}" for invoice in waiting)
        if not numbers:
            return ""
        return f"По\N{NO-BREAK SPACE}этой заявке уже ждёт оплаты счёт {numbers}. Если новый вместо него, аннулируйте прежний"

    def clean_number(self) -> str:
        number = " ".join(str(self.cleaned_data["number"]).replace("№", " ").split())
        if not re.fullmatch(r"[0-9A-Za-zА-Яа-яЁё/. -]*[0-9][0-9A-Za-zА-Яа-яЁё/. -]*", number):
            raise ValidationError(
                "В номере цифры, буквы, дефис, точка и дробь. Перепишите его со счёта.", code="number"
            )
        return number

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self._check_dates(cleaned)
        self._check_tax(cleaned)
        self._check_number(cleaned)
        files = self.all_files()
        if len(files) > 1 and "files" not in self.errors:
            self.add_error("files", ValidationError("Счёт — один файл. Уберите лишние.", code="too_many"))
        elif any(file.content_type != "application/pdf" for file in files) and "files" not in self.errors:
            self.add_error("files", ValidationError("Счёт нужен в PDF: его откроет любой банк.", code="not_pdf"))
        return cleaned

    def _check_dates(self, cleaned: dict[str, Any]) -> None:
        issued_on, due_on = cleaned.get("issued_on"), cleaned.get("due_on")
        today = timezone.localdate()
        if issued_on and not 0 <= (today - issued_on).days <= 366:
            message = "Дата счёта: сегодня или раньше, не больше чем на год."
            self.add_error("issued_on", ValidationError(message, code="date"))
        if issued_on and due_on and due_on < issued_on:
            self.add_error("due_on", ValidationError("Срок оплаты раньше даты счёта.", code="due_before_issued"))
        elif due_on and (due_on - today).days > 366:
            self.add_error("due_on", ValidationError("Это больше чем через год. Проверьте дату.", code="far"))

    def _check_tax(self, cleaned: dict[str, Any]) -> None:
        amount, rate, typed = cleaned.get("amount"), cleaned.get("vat_rate"), cleaned.get("vat_amount")
        if not amount or not rate or "vat_amount" in self.errors:
            return
        counted = vat_within(amount, rate.percent)
        if typed is None:
            cleaned["vat_amount"] = counted
        elif typed >= amount or abs(typed - counted) > (_ONE_ROUBLE if rate.percent else 0):
            message = f"По ставке «{rate}» выходит {counted} ₽. Проверьте сумму, ставку или НДС."
            self.add_error("vat_amount", ValidationError(message, code="vat"))

    def _check_number(self, cleaned: dict[str, Any]) -> None:
        number, issued_on = cleaned.get("number"), cleaned.get("issued_on")
        if not number or not issued_on:
            return
        same = Invoice.objects.filter(number_key=contract_key(number), year=issued_on.year)
        # the same form sent twice is not another invoice
        if same.exclude(document__attachment__message__submission_key=self.key).exists():
            message = f"Счёт с этим номером в {issued_on.year} году уже есть."
            self.add_error("number", ValidationError(message, code="number_taken"))

    def after(self, service_request: ServiceRequest, *, by: User) -> None:
        answers = self.cleaned_data
        facts = actions.InvoiceFacts(
            number=answers["number"],
            issued_on=answers["issued_on"],
            due_on=answers["due_on"],
            amount=answers["amount"],
            vat_percent=answers["vat_rate"].percent,
            vat_amount=answers["vat_amount"],
        )
        actions.issue_invoice(service_request, facts=facts, right_note=answers.get("right_note", ""), by=by)


class ReissueInvoiceForm(IssueInvoiceForm):
    """Another invoice on an answered request: its official codes stay as the answer has set them."""

    usual_words = "Взамен аннулированного выставлен новый счёт, он приложен. Он есть и в разделе «Мои счета», с QR-кодом для оплаты."

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in CODES:
            del self.fields[name]

    def before(self, service_request: ServiceRequest, *, by: User) -> None:
        """Nothing: the codes were set by the answer."""


ask_more(document_copies.SERVICE.slug, "answer", IssueCopiesForm)
ask_more(invoice.SERVICE.slug, "answer", IssueInvoiceForm)
ask_more(invoice.SERVICE.slug, REISSUE.name, ReissueInvoiceForm)
