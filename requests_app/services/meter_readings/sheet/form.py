"""The form under a checked table: answers to what is asked about its values, one reason, photos."""

from __future__ import annotations

import hashlib
from typing import Any, ClassVar

from django import forms
from django.utils.formats import date_format

from requests_app.codes import Category
from requests_app.models.detail import RequestDetail
from requests_app.models.reading_sheet import ReadingSheet
from requests_app.models.request import ServiceRequest
from requests_app.services.base import CannotBeSent, ServiceForm
from requests_app.services.meter_readings.detail import MeterReadings
from requests_app.services.meter_readings.fields import spaced
from requests_app.services.meter_readings.form import REASONS
from requests_app.services.meter_readings.recording import PeriodClosed
from requests_app.services.meter_readings.sheet.plan import Asked, Plan
from requests_app.services.meter_readings.sheet.recording import Overtaken, locked_standings, record_sendings
from rsmportal.russian import counted

_NBSP = "\N{NO-BREAK SPACE}"
MAX_ASKED = 100  # questions that one answers on a page; more are answered in the file
MONTH_CLOSED = f"Этот месяц только что закрыли. Отправьте ещё раз: показания учтём за{_NBSP}следующий."
OVERTAKEN = (
    f"Пока вы смотрели, по{_NBSP}счётчикам записали другие показания или изменился доступ. Проверьте таблицу ещё раз."
)


class SheetForm(ServiceForm):
    """What is asked about the values of a table; those answered in the file itself are not asked again."""

    common: ClassVar[list[str]] = ["files"]

    promised_month = forms.CharField(
        widget=forms.HiddenInput, required=False, max_length=10
    )  # that the page has promised
    unverified = forms.BooleanField(error_messages={"required": "Отметьте, что знаете об\N{NO-BREAK SPACE}этом."})
    correction_reason = forms.ChoiceField(
        label="Почему исправляете переданные раньше", choices=REASONS, widget=forms.RadioSelect
    )

    class Meta:
        model = MeterReadings
        fields: ClassVar[list[str]] = []

    def __init__(self, *args: Any, sheet: ReadingSheet, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sheet, self.plan = sheet, plan
        self.fields["promised_month"].initial = plan.window.month.isoformat()
        for asked in [] if self.asks_too_much else plan.unanswered:
            self.fields[asked.name] = forms.ChoiceField(
                label=_label(asked),
                help_text=_hint(asked),
                choices=asked.choices,
                widget=forms.RadioSelect,
                error_messages={"required": "Выберите, что верно, или\N{NO-BREAK SPACE}исправьте файл."},
            )
        if plan.unverified:
            self.fields["unverified"].label = f"Знаю, что срок поверки прошёл: {_meters(plan.unverified)}"
        else:
            del self.fields["unverified"]
        if not plan.corrections:
            del self.fields["correction_reason"]
        if plan.waits:
            self.fields["files"].label = "Фото счётчиков, о\N{NO-BREAK SPACE}которых спрашиваем"
        else:
            del self.fields["files"]
        questions = [asked.name for asked in plan.unanswered]
        self.order_fields([*questions, "unverified", "correction_reason", "files"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self._check_month(cleaned.get("promised_month", ""))
        if not self.plan.may_be_sent:
            self.add_error(None, "Исправьте файл и\N{NO-BREAK SPACE}загрузите его снова.")
        elif self.asks_too_much:
            self.add_error(None, "Вопросов слишком много: ответьте в\N{NO-BREAK SPACE}столбце «Пояснение».")
        return cleaned

    def _check_month(self, promised: str) -> None:
        """Midnight may have passed, or staff have closed the month, since the page was looked at."""
        month = self.plan.window.month
        if promised and promised != month.isoformat():
            words = date_format(month, "F").lower()
            self.add_error(
                None, f"Пока вы смотрели, месяц сменился: эти показания учтём за{_NBSP}{words}. Отправьте ещё раз."
            )
            self.data = self.data.copy()
            self.data["promised_month"] = month.isoformat()

    # -- For the page -----------------------------------------------------------------------------------------------

    @property
    def asks_too_much(self) -> bool:
        return len(self.plan.unanswered) > MAX_ASKED

    @property
    def first_unanswered(self) -> list[Asked]:
        return self.plan.unanswered[:MAX_ASKED]

    # -- For `actions.submit` ---------------------------------------------------------------------------------------

    def subject(self) -> str:
        month = date_format(self.plan.window.month, "F Y").lower()
        return f"{_meters(len(self.plan.sendings))} таблицей, {month}"

    def category(self) -> Category:
        return Category.APPEAL_METERING

    def content_hash(self) -> str:
        return hashlib.sha256(f"{self.sheet.sha256} {super().content_hash()}".encode()).hexdigest()

    def first_step(self) -> str:
        return "" if self.plan.waits else "record"

    def save_detail(self, service_request: ServiceRequest) -> RequestDetail:
        """Also writes the readings. Raises `CannotBeSent` when something was recorded or closed since the check."""
        month = self.plan.window.month
        self.instance.month, self.instance.meter_count = month, len(self.plan.sendings)
        self.instance.taken_on = max(sending.day for sending in self.plan.sendings)
        self.instance.correction_reason = self.cleaned_data.get("correction_reason", "")
        detail = super().save_detail(service_request)
        try:
            held = locked_standings(self.plan.sendings, month=month, by=self.owner)
            record_sendings(
                self.plan.sendings,
                held,
                month=month,
                answers=self.cleaned_data,
                by=self.owner,
                service_request=service_request,
                reason=self.instance.correction_reason,
            )
        except Overtaken as overtaken:
            raise CannotBeSent(None, OVERTAKEN) from overtaken
        except PeriodClosed as closed:
            raise CannotBeSent(None, MONTH_CLOSED) from closed
        return detail


def _label(asked: Asked) -> str:
    zone = f", T{asked.zone}" if asked.entry.meter.zones > 1 else ""
    words = ", ".join(str(question.label) for question in asked.questions)
    return f"Счётчик {asked.entry.meter}{zone}: {words}"


def _hint(asked: Asked) -> str:
    before = asked.standing.before.get(asked.zone)
    was = f", было {spaced(before.value)}" if before else ""
    used = f", расход {spaced(asked.checked.used)}{_NBSP}кВт·ч" if asked.checked.used is not None else ""
    meant = f". Может быть, {spaced(asked.checked.meant)}?" if asked.checked.meant is not None else ""
    return f"Строка {asked.row}: {spaced(asked.checked.value)}{was}{used}{meant}"


def _meters(count: int) -> str:
    return counted(count, "счётчик", "счётчика", "счётчиков")
