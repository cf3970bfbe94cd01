"""The form of one confirmed meter: all zones at once, and the questions about what was typed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format

from requests_app.codes import Category
from requests_app.models.detail import RequestDetail
from requests_app.models.readings import kind_of
from requests_app.models.request import ServiceRequest
from requests_app.models.supply import Meter, ZoneLabel
from requests_app.reading_rules import CHECKED_BY_STAFF, Answer, Checked, Question, swapped
from requests_app.reading_windows import moscow_day, usual_day
from requests_app.services.base import CannotBeSent, ServiceForm
from requests_app.services.meter_readings.boxes import ZoneBox
from requests_app.services.meter_readings.detail import MeterReadings
from requests_app.services.meter_readings.fields import MeterValueField
from requests_app.services.meter_readings.missed import Missed, missed_month
from requests_app.services.meter_readings.questions import AGAIN, MEANT, asking, choices_for
from requests_app.services.meter_readings.recording import Given, PeriodClosed, locked_standing, record
from requests_app.services.meter_readings.refusals import check_control, check_day, check_meter, check_not_future
from requests_app.services.meter_readings.standing import standings, window_for

_NBSP = "\N{NO-BREAK SPACE}"
NOT_YOURS = f"Этого счётчика нет среди ваших подтверждённых. Откройте «Показания» и{_NBSP}выберите другой."
_READ_AGAIN = "Снял показания ещё раз"
REASONS = [
    ("Ошибся в\N{NO-BREAK SPACE}цифре",) * 2,
    (_READ_AGAIN,) * 2,
    ("Другая причина",) * 2,
]


class ReadingsForm(ServiceForm):
    """
    Which meter it is stands in `meter`, hidden; its boxes `zone_1` … are made from it. A strange value brings the page
    back with the question `answer_1` … below its box; the answer counts only for the value that was asked about.
    """

    common: ClassVar[list[str]] = ["files"]
    subject_field: ClassVar[str] = "meter"

    unverified = forms.BooleanField(label="Знаю, что срок поверки прошёл")
    correction_reason = forms.ChoiceField(
        label="Почему исправляете", choices=REASONS, required=False, widget=forms.RadioSelect
    )

    class Meta:
        model = MeterReadings
        fields = ["taken_on"]
        widgets = {"taken_on": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "input-medium"})}

    def __init__(self, *args: Any, meter: Meter | None = None, day: date | None = None, **kwargs: Any) -> None:
        """`meter`: that of the page, when it is known from the address; `day`: when it is sent, today in Moscow."""
        super().__init__(*args, **kwargs)
        self.day = day or moscow_day(timezone.now())
        self.window = window_for(self.owner.consumer.legal_form, self.day)
        self.fields["meter"] = forms.ModelChoiceField(
            label="Счётчик",
            queryset=Meter.objects.visible_to(self.owner).select_related("point"),
            widget=forms.HiddenInput,
            error_messages=dict.fromkeys(("required", "invalid_choice"), NOT_YOURS),
        )
        self.meter = meter or self._typed_meter()
        self.checked: dict[int, Checked] = {}
        self.swap: dict[int, Decimal] | None = None
        self.values: dict[int, Decimal] = {}
        self.waits = False
        self.fields["taken_on"].initial = usual_day(self.day, self.window)
        photo = self.fields["files"]
        photo.label = "Фото счётчика"
        photo.help_text = "По\N{NO-BREAK SPACE}фото его проверит специалист"
        self.say_when_needed(["files"], "нужно, если показание необычное")
        photo.widget.attrs["accept"] = "image/*"
        if self.meter:
            self._add_boxes(self.meter)
        if not self.meter or self.meter.is_verified(on=self.day):
            del self.fields["unverified"]
        if not self.meter or not self.standing.current:
            del self.fields["correction_reason"]
        else:
            self.say_when_needed(["correction_reason"], "нужно, чтобы исправить")
            if self.is_early:
                self.fields["correction_reason"].initial = _READ_AGAIN
        boxes = [name for name in self.fields if name.startswith("zone_")]
        self.order_fields(["meter", *boxes, "unverified", "correction_reason", "files", "taken_on"])

    def _typed_meter(self) -> Meter | None:
        if not self.is_bound:
            return None
        try:
            found: Meter = self.fields["meter"].clean(self.data.get(self.add_prefix("meter")))
        except ValidationError:
            return None
        return found

    def _add_boxes(self, meter: Meter) -> None:
        self.fields["meter"].initial = meter.pk
        self.standing = standings([meter], month=self.window.month)[meter.pk]
        self.labels = {label.number: label for label in ZoneLabel.objects.filter(zones=meter.zones)}
        for zone in self.standing.zones:
            name = self.labels[zone].label if zone in self.labels and meter.zones > 1 else "Показание"
            self.fields[f"zone_{zone}"] = MeterValueField(kind=kind_of(meter), label=name)

    # -- For the page -----------------------------------------------------------------------------------------------

    def boxes(self) -> Iterator[ZoneBox]:
        start = self.standing.start
        for zone in self.standing.zones:
            answer = f"answer_{zone}"
            yield ZoneBox(
                zone,
                self.labels.get(zone),
                self[f"zone_{zone}"],
                self.standing.before.get(zone),
                self.checked.get(zone),
                self[answer] if answer in self.fields else None,
                start[zone].usual if zone in start else None,
                self.day,
            )

    @property
    def keeps_fraction(self) -> bool:
        return self.meter is not None and kind_of(self.meter).keeps_fraction

    @property
    def asks(self) -> bool:
        """Is there a question on the page, rather than a mistake?"""
        return any(error.code == "asked" for errors in self.errors.as_data().values() for error in errors)

    @property
    def is_known(self) -> bool:
        """Do these very values stand for this month already, whoever gave them?"""
        taken_on = self.cleaned_data.get("taken_on")
        if not self.values or taken_on is None:
            return False
        return self.standing.has(self.values, taken_on=taken_on, window=self.window)

    @property
    def is_early(self) -> bool:
        """What stands for the month was read before it, and new values are asked for."""
        return self.standing.is_early(self.window) and self.window.is_open(self.day)

    @property
    def missed(self) -> Missed | None:
        return missed_month(self.meter, self.window, day=self.day) if self.meter else None

    @property
    def already_sent(self) -> ServiceRequest | None:
        """The consumer's own request in which they were given, if there is one."""
        if not self.is_known:
            return None
        sent = next(iter(self.standing.current.values())).service_request
        return sent if sent and sent.owner_id == self.owner.pk else None

    @property
    def was_cut(self) -> bool:
        """Were digits after the comma left out in one of the boxes?"""
        return any(isinstance(box, MeterValueField) and box.was_cut for box in self.fields.values())

    # -- Checking ---------------------------------------------------------------------------------------------------

    def clean_meter(self) -> Meter:
        meter: Meter = self.cleaned_data["meter"]
        check_meter(meter, today=self.day)
        return meter

    def clean_taken_on(self) -> date:
        day: date = self.cleaned_data["taken_on"]
        if self.meter:
            check_day(day, standing=self.standing, today=self.day)
        else:
            check_not_future(day, today=self.day)
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        names = [f"zone_{zone}" for zone in self.standing.zones] if self.meter else []
        if names and "taken_on" in cleaned and all(name in cleaned for name in names):
            self.values = {zone: cleaned[f"zone_{zone}"] for zone in self.standing.zones}
            self._check_control()
            if not self.is_known:
                self._ask(cleaned["taken_on"])
            if self.standing.current and not self.is_known and not cleaned.get("correction_reason"):
                month = date_format(self.window.month, "F").lower()
                message = f"За{_NBSP}{month} показания уже переданы. Выберите, почему их нужно исправить."
                self.require("correction_reason", message)
        return cleaned

    def _check_control(self) -> None:
        for zone, value in self.values.items():
            try:
                check_control(value, zone=zone, standing=self.standing, today=self.day)
            except ValidationError as refusal:
                self.add_error(f"zone_{zone}", refusal)

    def _ask(self, taken_on: date) -> None:
        """Check the values, take the answers given to questions about them, ask what is not answered yet."""
        assert self.meter is not None  # noqa: S101  for the types: there are boxes
        self.checked = self.standing.check(self.values, taken_on=taken_on)
        kind = kind_of(self.meter)
        self.swap = swapped(self.values, before=self.standing.start, kind=kind, taken_on=taken_on)
        if self.swap and not self._settle_swap():
            return
        for zone, checked in self.checked.items():
            if self._answer(zone) == MEANT and checked.meant is not None:
                self._replace(zone, checked.meant)
        self.checked = self.standing.check(self.values, taken_on=taken_on)
        for zone, checked in self.checked.items():
            self._ask_about(zone, checked)
        self._need_photo()

    def _settle_swap(self) -> bool:
        """Was it answered whether day and night were mixed up? Until then nothing else is asked."""
        choices = [("yes", "Да, поменять местами"), ("no", "Нет, введено верно"), (AGAIN, "Введу заново")]
        self.fields["swap"] = forms.ChoiceField(label="Вы перепутали зоны?", choices=choices, widget=forms.RadioSelect)
        answer = self.data.get("swap") if self.data.get("asked_swap") == self.asked_swap else None
        if answer == "yes" and self.swap:
            for zone, value in self.swap.items():
                self._replace(zone, value)
            del self.fields["swap"]
        elif answer == AGAIN:
            del self.fields["swap"]
            self.add_error("zone_1", ValidationError("Введите показания заново.", code="again"))
            return False
        elif answer != "no":
            self._forget("swap")
            message = "Похоже, зоны перепутаны. Выберите, что верно."
            self.add_error("swap", ValidationError(message, code="asked"))
            return False
        return True

    @property
    def asked_swap(self) -> str:
        return " ".join(str(value) for value in self.values.values())

    def _ask_about(self, zone: int, checked: Checked) -> None:
        questions = set(checked.questions) & (CHECKED_BY_STAFF - {Question.SWAPPED})
        if not questions:
            return
        if Question.LOWER in questions:
            self._ask_for_new_serial()
        name = f"answer_{zone}"
        choices = choices_for(checked)
        self.fields[name] = forms.ChoiceField(label="Что верно?", choices=choices, widget=forms.RadioSelect)
        answer = self._answer(zone)
        if answer == AGAIN:
            del self.fields[name]
            self.add_error(f"zone_{zone}", ValidationError("Введите показание заново.", code="again"))
        elif answer not in dict(choices):
            self._forget(name)
            self.add_error(name, ValidationError(asking(checked), code="asked"))
        else:
            self.cleaned_data[name] = answer

    def _ask_for_new_serial(self) -> None:
        """If the meter was replaced, by which. Once, whatever number of zones fell."""
        if "new_serial" in self.fields:
            return
        field = forms.CharField(
            label="Номер нового счётчика",
            max_length=40,
            required=False,
            widget=forms.TextInput(attrs={"class": "input-digits input-medium", "autocomplete": "off"}),
        )
        field.optional_word = "если счётчик заменили"  # type: ignore[attr-defined]
        self.fields["new_serial"] = field
        try:
            self.instance.new_serial = field.clean(self.data.get("new_serial"))
        except ValidationError as refused:
            self.add_error("new_serial", refused)

    def _answer(self, zone: int) -> str:
        """What was answered about the value as it is now; nothing when the value has changed since."""
        asked = self.data.get(f"asked_{zone}")
        return str(self.data.get(f"answer_{zone}") or "") if asked == str(self.values[zone]) else ""

    def _forget(self, name: str) -> None:
        """An answer to another question is not shown as chosen."""
        self.data = self.data.copy()
        self.data.pop(name, None)

    def _replace(self, zone: int, value: Decimal) -> None:
        """The consumer meant this value."""
        self.values[zone] = self.cleaned_data[f"zone_{zone}"] = value
        self.data = self.data.copy()
        self.data[f"zone_{zone}"] = f"{value.normalize():f}"

    def _need_photo(self) -> None:
        self.waits = any(set(checked.questions) & CHECKED_BY_STAFF for checked in self.checked.values())
        if self.waits and not self.errors and not self.good_files and not self.kept_files:
            message = f"Приложите фото счётчика: по{_NBSP}нему специалист проверит показание."
            self.require("files", message)

    # -- For `actions.submit` ---------------------------------------------------------------------------------------

    def subject(self) -> str:
        month = date_format(self.window.month, "F Y").lower()
        return f"счётчик {self.cleaned_data['meter']}, {month}"

    def category(self) -> Category:
        return Category.APPEAL_METERING

    def first_step(self) -> str:
        return "" if self.waits else "record"

    def save_detail(self, service_request: ServiceRequest) -> RequestDetail:
        """Also writes the readings. Raises `CannotBeSent` when something was recorded or closed since the check."""
        meter: Meter = self.cleaned_data["meter"]
        try:
            standing, period = locked_standing(meter, self.window.month)
        except PeriodClosed as closed:
            message = "Этот месяц только что закрыли. Отправьте ещё раз: показания учтём за\N{NO-BREAK SPACE}следующий."
            raise CannotBeSent(None, message) from closed
        if standing.fingerprint != self.standing.fingerprint:
            raise CannotBeSent(None, self._overtaken_by({zone: row.value for zone, row in standing.current.items()}))
        self.instance.meter, self.instance.month = meter, self.window.month
        self.instance.correction_reason = self.cleaned_data.get("correction_reason", "")
        detail = super().save_detail(service_request)
        record(
            standing,
            period,
            {zone: self._given(zone) for zone in standing.zones},
            taken_on=self.cleaned_data["taken_on"],
            by=self.owner,
            service_request=service_request,
            reason=self.instance.correction_reason,
        )
        service_request.object_address = meter.point.address
        service_request.contract_number = meter.point.contract_number
        service_request.save(update_fields=["object_address", "contract_number"])
        return detail

    def _overtaken_by(self, current: dict[int, Decimal]) -> str:
        if current == self.values:
            return "Эти показания уже переданы, второй раз не\N{NO-BREAK SPACE}нужно."
        return "Пока вы заполняли форму, по\N{NO-BREAK SPACE}счётчику записали другие показания. Отправьте ещё раз."

    def _given(self, zone: int) -> Given:
        checked = self.checked[zone]
        answer = self.cleaned_data.get(f"answer_{zone}") or (Answer.RIGHT if checked.questions else "")
        return Given(self.values[zone], checked.questions, answer)
