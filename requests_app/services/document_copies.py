"""Copies of documents, given out only to whom the right is confirmed: a typed contract number proves nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from requests_app.codes import Category
from requests_app.deadlines import DayKind
from requests_app.lifecycle import APPEAL, Status
from requests_app.models.detail import Row, rows_of
from requests_app.months import MonthField, last_day, month_in_words, months_between
from requests_app.services.base import DefaultTerm, Service
from requests_app.services.own_point import OwnPointForm, PaperRequest

MAX_MONTHS = 36  # of one request


class DocumentKind(models.TextChoices):
    TRANSMISSION_CONTRACT = (
        "transmission_contract",
        "Договор об\N{NO-BREAK SPACE}оказании услуг по\N{NO-BREAK SPACE}передаче",
    )
    CONNECTION_CONTRACT = "connection_contract", "Договор технологического присоединения"
    CONNECTION_ACT = "connection_act", "Акт об\N{NO-BREAK SPACE}осуществлении технологического присоединения"
    CONDITIONS = "conditions", "Технические условия"
    BOUNDARY_ACT = "boundary_act", "Акт разграничения балансовой принадлежности и\N{NO-BREAK SPACE}ответственности"
    ADMISSION_ACT = "admission_act", "Акт допуска прибора учёта в\N{NO-BREAK SPACE}эксплуатацию"
    CHECK_ACT = "check_act", "Акт проверки прибора учёта"
    READING_ACT = "reading_act", "Акт снятия показаний"
    INVOICE = "invoice", "Счёт, счёт-фактура или УПД"
    RECONCILIATION = "reconciliation", "Акт сверки расчётов"
    OTHER = "other", "Другой документ"


# Made anew every month: without a period nobody knows which is meant.
WITH_PERIOD = [DocumentKind.INVOICE, DocumentKind.RECONCILIATION]

_CONNECTION = [
    DocumentKind.CONNECTION_ACT,
    DocumentKind.CONNECTION_CONTRACT,
    DocumentKind.CONDITIONS,
    DocumentKind.BOUNDARY_ACT,
]
_METERING = [DocumentKind.ADMISSION_ACT, DocumentKind.CHECK_ACT, DocumentKind.READING_ACT]
CATEGORY_OF_KIND = {
    DocumentKind.OTHER: Category.APPEAL_OTHER,
    **dict.fromkeys(_CONNECTION, Category.APPEAL_CONNECTION),
    **dict.fromkeys(_METERING, Category.APPEAL_METERING),
}


class DocumentCopies(PaperRequest):
    """The period is kept as whole months: from the first day of one to the last day of another."""

    kind = models.CharField("документ", max_length=21, choices=DocumentKind)
    document_number = models.CharField("номер документа", max_length=60, blank=True)
    document_date = models.DateField("дата документа", null=True, blank=True)
    period_from = models.DateField("начало периода", null=True, blank=True)
    period_to = models.DateField("конец периода", null=True, blank=True)
    needs_signature = models.BooleanField("нужна электронная подпись (УКЭП)", default=False)

    class Meta:
        verbose_name = "запрос копий документов"
        verbose_name_plural = "запросы копий документов"
        constraints = [
            models.CheckConstraint(
                condition=Q(period_from=None, period_to=None)
                | Q(period_from__isnull=False, period_to__isnull=False, period_to__gt=F("period_from")),
                name="document_copies_period",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=sorted(WITH_PERIOD)) | Q(period_from__isnull=False),
                name="document_copies_period_is_given",
            ),
        ]

    def rows(self) -> Iterator[Row]:
        yield from rows_of(self, ["kind", "document_number", "document_date"])
        if self.period_from and self.period_to:
            yield Row("Начало периода", month_in_words(self.period_from))
            yield Row("Конец периода", month_in_words(self.period_to))
        yield from rows_of(self, ["needs_signature"])
        yield from self.point_row()


class DocumentCopiesForm(OwnPointForm):
    subject_field = "kind"

    period_from = MonthField(label="Период с", required=False)
    period_to = MonthField(label="Период по", required=False)

    class Meta:
        model = DocumentCopies
        fields = [
            "kind",
            "document_number",
            "document_date",
            "period_from",
            "period_to",
            "needs_signature",
            "point",
        ]
        widgets = {
            "kind": forms.RadioSelect,
            "document_number": forms.TextInput(attrs={"class": "input-medium", "autocomplete": "off"}),
            "document_date": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "input-short"}),
        }
        help_texts = {
            "document_number": "Если знаете: так мы\N{NO-BREAK SPACE}быстрее найдём",
            "needs_signature": "Копия придёт в\N{NO-BREAK SPACE}архиве, вместе с\N{NO-BREAK SPACE}файлом подписи",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([*[name for name in self.fields if name not in self.COMMON], "contract_number"])
        needed = "нужен для счетов, УПД и акта сверки"
        self.say_when_needed(["period_from", "period_to"], needed)
        files = self.fields["files"]
        files.label = "Основание права на\N{NO-BREAK SPACE}документы"
        if "point" in self.fields:
            self.say_when_needed(["files"], "нужно, если объекта нет в списке")
        else:
            self.say_when_needed(["files"], "обязательно")
        files.help_text = f"Доверенность, выписка из\N{NO-BREAK SPACE}ЕГРН или договор. {files.help_text}"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        made_on = cleaned.get("document_date")
        if made_on and made_on > timezone.localdate():
            self.add_error("document_date", ValidationError("Эта дата ещё не наступила. Проверьте её.", code="future"))
        elif made_on and made_on.year < 1950:
            self.add_error("document_date", ValidationError("Это было слишком давно. Проверьте год.", code="long_ago"))
        self._check_period(cleaned)
        if not cleaned.get("point") and "point" not in self.errors and not self.good_files and not self.kept_files:
            message = "Приложите доверенность, выписку из ЕГРН или договор: доступ к этому объекту не подтверждён."
            self.require("files", message)
        return cleaned

    def _check_period(self, cleaned: dict[str, Any]) -> None:
        first, last = cleaned.get("period_from"), cleaned.get("period_to")
        if cleaned.get("kind") in WITH_PERIOD or first or last:
            for name, value in (("period_from", first), ("period_to", last)):
                if not value:
                    self.require(name, "Укажите месяц и год.")
        if not first or not last:
            return
        if first > last:
            self.add_error("period_to", ValidationError("Конец периода раньше начала.", code="end_before_start"))
        elif last > timezone.localdate():
            self.add_error("period_to", ValidationError("Этот месяц ещё не наступил.", code="future"))
        elif months_between(first, last) > MAX_MONTHS:
            message = f"В одной заявке до {MAX_MONTHS} месяцев. Разделите период на две заявки."
            self.add_error("period_to", ValidationError(message, code="too_long"))
        else:
            cleaned["period_to"] = last_day(last)

    def category(self) -> Category:
        return CATEGORY_OF_KIND.get(DocumentKind(self.cleaned_data["kind"]), Category.APPEAL_TRANSMISSION)


def _steps() -> Iterator[Any]:
    for step in APPEAL.transitions:
        if step.name == "answer":
            yield dataclasses.replace(step, label="Выдать копии", event="Копии выданы", news="копии готовы")
        else:
            yield step


LIFE = dataclasses.replace(
    APPEAL,
    transitions=tuple(_steps()),
    labels={Status.ANSWERED: "Копии готовы"},
    staff_labels={**APPEAL.staff_labels, Status.ANSWERED: "Копии выданы"},
    what_next={
        **APPEAL.what_next,
        Status.IN_PROGRESS: "Специалист проверяет право на документы и готовит копии. Если нужно что-то уточнить, "
        "напишите ниже.",
        Status.ANSWERED: "Скачайте копии: они здесь и в разделе «Мои документы». Если всё верно, закройте заявку. Если "
        "нет, верните её в работу.",
    },
)

SERVICE = Service(
    slug="document-copies",
    noun="Копии документов",
    title="Получить копии документов",
    summary="Предоставление электронных копий документов",
    lead="Копии появятся в кабинете. Выдаём их только тем, чьё право на объект подтверждено.",
    icon="document-copies",
    form_class=DocumentCopiesForm,
    default_term=DefaultTerm(days=10, day_kind=DayKind.WORKING, legal_basis="Срок, установленный РСМ Энерго"),
    life=LIFE,
    is_ordered_anew=True,
    page_template="requests/_issued.html",
    desk_template="admin/requests_app/servicerequest/_issued.html",
    example={
        "kind": DocumentKind.RECONCILIATION,
        "period_from": "2026-01",
        "period_to": "2026-03",
        "contract_number": "ТП-2019/114",
        "reply_channel": "cabinet",
    },
)
