"""How an appeal came that a colleague writes down, and of whom it is who has no cabinet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils import timezone

from accounts.fields import ConsumerPhoneField, format_phone
from accounts.models import LegalForm, User
from requests_app import actions
from requests_app.codes import AppealForm
from requests_app.forms import LongText
from requests_app.models import Consent, ReplyChannel, ServiceRequest
from requests_app.models.reception import ENOUGH_LINK_REASON

OLDEST = timedelta(days=366)  # our rule; an earlier day is a slip of the finger
_MOMENT = "%Y-%m-%dT%H:%M"


class ReceptionForm(forms.Form):
    """How the appeal came, whoever sent it."""

    mark_optional = False

    appeal_form = forms.ChoiceField(
        label="Как поступило",
        choices=[(form.value, form.label) for form in AppealForm],
        widget=forms.RadioSelect,
        error_messages={"required": "Выберите, как обращение к\N{NO-BREAK SPACE}нам поступило."},
        help_text="Письмо на\N{NO-BREAK SPACE}email — через интернет",
    )
    received_at = forms.DateTimeField(
        label="Когда поступило",
        input_formats=[_MOMENT, "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y %H:%M"],
        widget=forms.DateTimeInput(format=_MOMENT, attrs={"type": "datetime-local", "class": "input-medium"}),
        help_text="По\N{NO-BREAK SPACE}московскому времени. От\N{NO-BREAK SPACE}этого дня считаем срок ответа",
        error_messages={
            "required": "Укажите день и\N{NO-BREAK SPACE}время.",
            "invalid": "Напишите день и\N{NO-BREAK SPACE}время, например 24.11.2026 14:30.",
        },
    )
    consent = forms.ChoiceField(
        label="Согласие на обработку персональных данных",
        choices=Consent.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Спросите согласие и\N{NO-BREAK SPACE}отметьте, как его дали."},
        help_text="Без\N{NO-BREAK SPACE}него обращение не\N{NO-BREAK SPACE}записать. Скан приложите к\N{NO-BREAK SPACE}файлам ниже",
    )
    consent_on = forms.DateField(
        label="Когда дали согласие",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "input-short"}),
        error_messages={"required": "Укажите день.", "invalid": "Напишите день, например 24.11.2026."},
    )

    def clean_received_at(self) -> datetime:
        received_at: datetime = self.cleaned_data["received_at"]
        if received_at > timezone.now():
            raise ValidationError("Это время ещё не\N{NO-BREAK SPACE}наступило.", code="future")
        if received_at < timezone.now() - OLDEST:
            raise ValidationError("Это было больше года назад. Проверьте год.", code="long_ago")
        return received_at

    def clean_consent_on(self) -> Any:
        day = self.cleaned_data["consent_on"]
        if day > timezone.localdate():
            raise ValidationError("Этот день ещё не\N{NO-BREAK SPACE}наступил.", code="future")
        if day.year < timezone.localdate().year - 10:
            raise ValidationError("Это было слишком давно. Проверьте год.", code="long_ago")
        return day

    def facts(self, applicant: User | actions.Stranger, *, visit: ServiceRequest | None) -> actions.OnBehalf:
        """The form is valid."""
        answers = self.cleaned_data
        return actions.OnBehalf(
            applicant=applicant,
            appeal_form=AppealForm(answers["appeal_form"]),
            received_at=answers["received_at"],
            consent=Consent(answers["consent"]),
            consent_on=answers["consent_on"],
            visit=visit,
        )


class ConsumerForm(ReceptionForm):
    """Of a consumer with a cabinet, who is known and not asked for."""

    def __init__(self, *args: Any, owner: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._owner = owner

    def applicant(self) -> User:
        return self._owner


class StrangerForm(ReceptionForm):
    """Of somebody without a cabinet: their name, and how to answer."""

    legal_form = forms.ChoiceField(
        label="Кто обратился",
        choices=LegalForm.choices,
        initial=LegalForm.PERSON,
        widget=forms.RadioSelect,
    )
    name = forms.CharField(
        label="Фамилия, имя, отчество или название",
        max_length=300,
        error_messages={"required": "Напишите, как называть заявителя."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    phone = ConsumerPhoneField(label="Телефон", required=False)
    email = forms.EmailField(
        label="Email",
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"class": "input-medium", "autocomplete": "off"}),
        help_text="Сюда придут письма с\N{NO-BREAK SPACE}номером и\N{NO-BREAK SPACE}новостями",
    )
    address = forms.CharField(
        label="Почтовый адрес",
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="С\N{NO-BREAK SPACE}индексом",
    )
    reply_channel = forms.ChoiceField(
        label="Как ответить",
        choices=[
            (channel.value, channel.label) for channel in (ReplyChannel.PHONE, ReplyChannel.EMAIL, ReplyChannel.POST)
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Выберите, как передать ответ."},
    )

    field_order = ["legal_form", "name", "phone", "email", "address", "reply_channel"]

    _NEEDED = {
        ReplyChannel.PHONE: ("phone", "Укажите телефон, по\N{NO-BREAK SPACE}которому ответить."),
        ReplyChannel.EMAIL: ("email", "Укажите email, на\N{NO-BREAK SPACE}который ответить."),
        ReplyChannel.POST: ("address", "Укажите адрес, на\N{NO-BREAK SPACE}который ответить."),
    }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        channel = cleaned.get("reply_channel")
        if channel:
            name, message = self._NEEDED[ReplyChannel(channel)]
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, ValidationError(message, code="required"))
        return cleaned

    def applicant(self) -> actions.Stranger:
        answers = self.cleaned_data
        return actions.Stranger(
            legal_form=LegalForm(answers["legal_form"]),
            name=answers["name"],
            phone=format_phone(answers["phone"]) if answers["phone"] else "",
            email=answers["email"].lower(),
            postal_address=answers["address"],
            reply_channel=ReplyChannel(answers["reply_channel"]),
        )


class BothForms:
    """What is wrong in two forms that are sent as one, for the summary of errors above them."""

    def __init__(self, *both: forms.BaseForm) -> None:
        self._both = both

    @property
    def errors(self) -> list[str]:
        """The names of the fields."""
        return [name for form in self._both for name in form.errors]

    @property
    def non_field_errors(self) -> list[Any]:
        return [error for form in self._both for error in form.non_field_errors()]

    def __iter__(self) -> Iterator[BoundField]:
        for form in self._both:
            yield from form


class LinkForm(forms.Form):
    """Whose cabinet, and why it is the same person."""

    mark_optional = False

    owner = forms.EmailField(
        label="Email кабинета",
        max_length=254,
        widget=forms.EmailInput(attrs={"class": "input-medium", "autocomplete": "off"}),
        error_messages={"required": "Напишите email, с\N{NO-BREAK SPACE}которым входит потребитель."},
    )
    reason = forms.CharField(
        label="Почему это один человек",
        max_length=300,
        validators=[ENOUGH_LINK_REASON],
        widget=LongText(attrs={"rows": 3}),
        help_text="Что проверили: паспорт, звонок по\N{NO-BREAK SPACE}номеру из\N{NO-BREAK SPACE}заявки. Увидят только сотрудники",
        error_messages={"required": "Напишите, как вы это проверили."},
    )

    def clean_owner(self) -> User:
        """The consumer who logs in with this e-mail."""
        consumers = User.objects.filter(is_active=True, consumer__isnull=False)
        owner = consumers.filter(email=self.cleaned_data["owner"].lower()).first()
        if owner is None:
            raise ValidationError("Кабинета с\N{NO-BREAK SPACE}таким email нет.", code="unknown")
        return owner
