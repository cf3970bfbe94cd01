"""A request for an invoice: for what, by which contract, and who pays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.identifiers import IdentifierError, normalise, parse_company_inn, parse_ogrnip, parse_sole_trader_inn
from accounts.models import Consumer, LegalForm, User
from requests_app.amounts import AmountField, grouped
from requests_app.codes import Category
from requests_app.dates import full_day
from requests_app.deadlines import DayKind
from requests_app.lifecycle import Transition
from requests_app.models.detail import Row, rows_of
from requests_app.models.papers import Invoice, InvoiceState
from requests_app.months import MonthField, month_in_words
from requests_app.services.base import DefaultTerm, Notice, Service
from requests_app.services.invoice_life import LIFE, REISSUE
from requests_app.services.own_point import OwnPointForm, PaperRequest

MOST_NOTICES = 3  # in the cabinet; the list has the rest
_KPP_WORDS = "КПП — это девять знаков: например 616601001. Он есть в карточке организации."


class InvoiceKind(models.TextChoices):
    TRANSMISSION = "transmission", "Передача электроэнергии"
    CONNECTION = "connection", "Технологическое присоединение"
    METERING = "metering", "Допуск, замена или\N{NO-BREAK SPACE}программирование прибора учёта"
    RESTRICTION = "restriction", "Ограничение или\N{NO-BREAK SPACE}возобновление подачи энергии"
    ADDITIONAL = "additional", "Дополнительные услуги"
    OTHER = "other", "Другая услуга"


CATEGORY_OF_KIND = {
    InvoiceKind.TRANSMISSION: Category.APPEAL_TRANSMISSION,
    InvoiceKind.CONNECTION: Category.APPEAL_CONNECTION,
    InvoiceKind.METERING: Category.APPEAL_METERING,
    InvoiceKind.RESTRICTION: Category.APPEAL_TRANSMISSION,
    InvoiceKind.ADDITIONAL: Category.APPEAL_SERVICE,
    InvoiceKind.OTHER: Category.APPEAL_OTHER,
}


class Closing(models.TextChoices):
    NONE = "none", "Не\N{NO-BREAK SPACE}нужны"
    UPD = "upd", "УПД"
    INVOICE_AND_ACT = "invoice_act", "Счёт-фактура и\N{NO-BREAK SPACE}акт"


_PERSON = Q(payer_form=LegalForm.PERSON, payer_inn="", payer_ogrnip="", payer_kpp="", payer_address="")
_SOLE_TRADER = Q(
    payer_form=LegalForm.SOLE_TRADER,
    payer_inn__regex=r"^[0-9]{12}$",
    payer_ogrnip__regex=r"^3[0-9]{14}$",
    payer_kpp="",
    payer_address="",
)
_COMPANY = (
    Q(payer_form=LegalForm.COMPANY, payer_inn__regex=r"^[0-9]{10}$", payer_ogrnip="")
    & Q(payer_kpp__regex=r"^[0-9]{4}[0-9A-Z]{2}[0-9]{3}$")
    & ~Q(payer_address="")
)


class InvoiceRequest(PaperRequest):
    """The payer stands here as it was said; the invoice is made out to it, whatever the profile becomes."""

    kind = models.CharField("услуга", max_length=12, choices=InvoiceKind)
    period = models.DateField("месяц (первое число)", null=True, blank=True)
    amount = models.DecimalField(
        "сумма, ₽", max_digits=12, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(Decimal(0))]
    )
    volume_kwh = models.DecimalField(
        "объём, кВт·ч",
        max_digits=12,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    payer_form = models.CharField("правовая форма плательщика", max_length=11, choices=LegalForm, editable=False)
    payer_name = models.CharField("плательщик", max_length=300)
    payer_inn = models.CharField("ИНН плательщика", max_length=12, blank=True)
    payer_ogrnip = models.CharField("ОГРНИП плательщика", max_length=15, blank=True)
    payer_kpp = models.CharField("КПП плательщика", max_length=9, blank=True)
    payer_address = models.CharField("юридический адрес плательщика", max_length=300, blank=True)
    closing = models.CharField("закрывающие документы", max_length=11, choices=Closing, default=Closing.NONE)
    accountant_email = models.EmailField("адрес бухгалтерии", max_length=254, blank=True)

    class Meta:
        verbose_name = "запрос счёта"
        verbose_name_plural = "запросы счетов"
        constraints = [
            models.CheckConstraint(condition=_PERSON | _SOLE_TRADER | _COMPANY, name="invoice_request_payer"),
            models.CheckConstraint(condition=~Q(payer_name=""), name="invoice_request_payer_named"),
            models.CheckConstraint(
                condition=~Q(kind=InvoiceKind.TRANSMISSION) | Q(period__isnull=False), name="invoice_request_period"
            ),
            models.CheckConstraint(
                condition=(Q(amount=None) | Q(amount__gte=0)) & (Q(volume_kwh=None) | Q(volume_kwh__gte=0)),
                name="invoice_request_amounts",
            ),
        ]

    def rows(self) -> Iterator[Row]:
        yield from rows_of(self, ["kind"])
        if self.period:
            yield Row("Период", month_in_words(self.period))
        yield from self.point_row()
        if self.amount is not None:
            yield Row("Сумма, ₽", grouped(self.amount, places=2))
        if self.volume_kwh is not None:
            yield Row("Объём, кВт·ч", grouped(self.volume_kwh))
        names = ["payer_form", "payer_name", "payer_inn", "payer_ogrnip", "payer_kpp"]
        yield from rows_of(self, [*names, "payer_address", "closing", "accountant_email"])

    def may_take(self, step: Transition, *, by: User) -> bool:
        if step.name not in ("answer", REISSUE.name):
            return True
        return by.has_perm("requests_app.issue_invoice") and (step.name == "answer" or self._lacks_its_invoice())

    def invoices(self) -> models.QuerySet[Invoice]:
        """Those made out for this request that its consumer may see."""
        return (
            Invoice.objects.visible_to(self.service_request.owner_id)
            .filter(document__service_request=self.service_request)
            .select_related("document__attachment")
        )

    def _lacks_its_invoice(self) -> bool:
        """Is the newest invoice of this request cancelled?"""
        newest = Invoice.objects.filter(document__service_request=self.service_request).order_by("pk").last()
        return newest is not None and newest.state == InvoiceState.CANCELLED


def _digits(width: str) -> forms.TextInput:
    return forms.TextInput(attrs={"class": f"input-digits {width}", "autocomplete": "off"})


class InvoiceRequestForm(OwnPointForm):
    subject_field = "kind"

    period = MonthField(label="За какой месяц", required=False)
    amount = AmountField(
        label="Сумма, ₽",
        max_digits=12,
        decimal_places=2,
        required=False,
        help_text="Если платите заранее известную сумму",
    )
    volume_kwh = AmountField(
        label="Объём, кВт·ч",
        max_digits=12,
        decimal_places=3,
        required=False,
        help_text="Если счёт нужен на\N{NO-BREAK SPACE}известный объём",
    )
    # longer than in the model: people type numbers with spaces
    payer_inn = forms.CharField(label="ИНН", max_length=40, widget=_digits("input-medium"))
    payer_ogrnip = forms.CharField(label="ОГРНИП", max_length=40, widget=_digits("input-medium"))
    payer_kpp = forms.CharField(label="КПП", max_length=40, widget=_digits("input-short"))

    class Meta:
        model = InvoiceRequest
        fields = [
            "kind",
            "period",
            "point",
            "amount",
            "volume_kwh",
            "payer_name",
            "payer_inn",
            "payer_ogrnip",
            "payer_kpp",
            "payer_address",
            "closing",
            "accountant_email",
        ]
        widgets = {
            "kind": forms.RadioSelect,
            "amount": forms.TextInput(attrs={"inputmode": "decimal", "class": "input-short", "autocomplete": "off"}),
            "volume_kwh": forms.TextInput(
                attrs={"inputmode": "decimal", "class": "input-short", "autocomplete": "off"}
            ),
            "closing": forms.RadioSelect,
            "accountant_email": forms.EmailInput(attrs={"class": "input-medium", "autocomplete": "off"}),
        }
        labels = {"accountant_email": "Адрес email бухгалтерии"}
        help_texts = {
            "accountant_email": "Придёт письмо, что счёт готов. Сам счёт скачивают в\N{NO-BREAK SPACE}этом кабинете",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        object_fields = ["point", "contract_number", "object_address"]
        self.order_fields(["kind", "period", *object_fields, "amount", "volume_kwh"])
        self.fields["contract_number"].label = "Номер договора или заявки"
        self.say_when_needed(["period"], "нужен для передачи электроэнергии")
        self._ask_the_payer()

    def _ask_the_payer(self) -> None:
        """Only what a payer of this legal form has, filled in from the profile."""
        consumer: Consumer | None = getattr(self.owner, "consumer", None)
        self.payer_form = self.legal_form
        asked = _PAYER_FIELDS[self.payer_form]
        for name in [name for name in self.fields if name.startswith("payer_")]:
            if name in asked:
                self.fields[name].required = True
                self.fields[name].initial = asked[name](consumer) if consumer else ""
            else:
                del self.fields[name]
        self.fields["payer_name"].label = _PAYER_NAME[self.payer_form]

    def clean_payer_inn(self) -> str:
        parse = parse_company_inn if self.payer_form == LegalForm.COMPANY else parse_sole_trader_inn
        return _checked(self.cleaned_data["payer_inn"], parse)

    def clean_payer_ogrnip(self) -> str:
        return _checked(self.cleaned_data["payer_ogrnip"], parse_ogrnip)

    def clean_payer_kpp(self) -> str:
        kpp = normalise(self.cleaned_data["payer_kpp"]).upper().translate(_LATIN)
        if not _is_kpp(kpp):
            raise ValidationError(_KPP_WORDS, code="kpp")
        return kpp

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        period = cleaned.get("period")
        if cleaned.get("kind") == InvoiceKind.TRANSMISSION and not period:
            self.require("period", "Укажите месяц, за который нужен счёт.")
        elif period and period > timezone.localdate():
            self.add_error("period", ValidationError("Этот месяц ещё не наступил.", code="future"))
        return cleaned

    def _post_clean(self) -> None:
        self.instance.payer_form = self.payer_form  # not asked, so not for a POST to say
        super()._post_clean()  # type: ignore[misc]  # of ModelForm, not in its types

    def category(self) -> Category:
        return CATEGORY_OF_KIND[InvoiceKind(self.cleaned_data["kind"])]


_PAYER_NAME = {
    LegalForm.PERSON: "Плательщик: фамилия, имя, отчество",
    LegalForm.SOLE_TRADER: "Плательщик: предприниматель",
    LegalForm.COMPANY: "Плательщик: название организации",
}
_PAYER_FIELDS: dict[LegalForm, dict[str, Callable[[Consumer], str]]] = {
    LegalForm.PERSON: {"payer_name": lambda consumer: consumer.full_name},
    LegalForm.SOLE_TRADER: {
        "payer_name": lambda consumer: consumer.display_name,
        "payer_inn": lambda consumer: consumer.inn,
        "payer_ogrnip": lambda consumer: consumer.ogrnip,
    },
    LegalForm.COMPANY: {
        "payer_name": lambda consumer: consumer.organisation,
        "payer_inn": lambda consumer: consumer.inn,
        "payer_kpp": lambda consumer: "",
        "payer_address": lambda consumer: "",
    },
}
_LATIN = str.maketrans("АВСЕНКМОРТХУ", "ABCEHKMOPTXY")  # letters of a КПП are Latin, and typed with either


def _is_kpp(kpp: str) -> bool:
    """Four digits of the tax office, two digits or letters of the ground, three of the place in the list."""
    digits, ground = set("0123456789"), set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return len(kpp) == 9 and set(kpp[:4] + kpp[6:]) <= digits and set(kpp[4:6]) <= ground


def _checked(typed: str, parse: Callable[[str], str]) -> str:
    """The bare digits. Raises ValidationError with the code and text of what is wrong."""
    try:
        return parse(typed)
    except IdentifierError as error:
        raise ValidationError(error.message, code=error.code) from None


def overdue_invoices(user: User) -> Iterator[Notice]:
    """What the cabinet says of invoices that should have been paid by now."""
    late = Invoice.objects.visible_to(user).overdue(on=timezone.localdate()).order_by("due_on", "pk")
    for invoice in late[:MOST_NOTICES]:
        yield Notice(
            title=f"Просрочен счёт №\N{NO-BREAK SPACE}{invoice.number}",
            text=f"Срок оплаты истёк {full_day(invoice.due_on)}.",
            url=invoice.get_absolute_url(),
            action="Открыть счёт",
        )


SERVICE = Service(
    slug="invoice",
    noun="Счёт",
    title="Запросить счёт",
    summary="Предоставление счетов на оплату услуг сетевой организации",
    lead="Счёт с номером, суммой и сроком появится в кабинете, вместе с QR-кодом для оплаты через банк.",
    icon="invoice",
    form_class=InvoiceRequestForm,
    default_term=DefaultTerm(days=5, day_kind=DayKind.WORKING, legal_basis="Срок, установленный РСМ Энерго"),
    life=LIFE,
    is_ordered_anew=True,
    notices=overdue_invoices,
    form_template="requests/submit_invoice.html",
    page_template="requests/_invoice_issued.html",
    desk_template="admin/requests_app/servicerequest/_issued.html",
    example={
        "kind": InvoiceKind.TRANSMISSION,
        "period": "2026-09",
        "contract_number": "ТП-2019/114",
        "payer_name": "Самойлов Николай Петрович",
        "closing": Closing.NONE,
        "reply_channel": "cabinet",
    },
)
