"""Consultation: an opinion on the consumer's own case, in writing or by a call."""

from typing import Any

from django import forms
from django.db import models
from django.db.models import Q
from phonenumber_field.modelfields import PhoneNumberField

from accounts.fields import ConsumerPhoneField
from requests_app.codes import Category
from requests_app.deadlines import DayKind
from requests_app.forms import LongText
from requests_app.models.detail import ENOUGH_SAID, RequestDetail
from requests_app.services.base import DefaultTerm, Service, ServiceForm
from requests_app.services.topics import CATEGORY_OF_TOPIC, Topic


class Way(models.TextChoices):
    WRITTEN = "written", "Письменно"
    CALL = "call", "По телефону"
    VIDEO = "video", "По видеосвязи"


class CallTime(models.TextChoices):
    ANY = "any", "В любое рабочее время"
    FROM_9 = "9-11", "С 9 до 11"
    FROM_11 = "11-13", "С 11 до 13"
    FROM_13 = "13-15", "С 13 до 15"
    FROM_15 = "15-17", "С 15 до 17"


class Consultation(RequestDetail):
    topic = models.CharField("тема", max_length=12, choices=Topic)
    question = models.TextField("вопрос", max_length=4000, validators=[ENOUGH_SAID])
    way = models.CharField("как проконсультировать", max_length=7, choices=Way, default=Way.WRITTEN)
    call_phone = PhoneNumberField("телефон для звонка", blank=True)
    call_time = models.CharField("удобное время", max_length=5, choices=CallTime, blank=True)

    class Meta:
        verbose_name = "консультация"
        verbose_name_plural = "консультации"
        constraints = [
            models.CheckConstraint(
                condition=Q(way=Way.WRITTEN, call_phone="", call_time="")
                | (~Q(way=Way.WRITTEN) & ~Q(call_phone="") & ~Q(call_time="")),
                name="consultation_call_has_phone",
            ),
        ]


class ConsultationForm(ServiceForm):
    call_phone = ConsumerPhoneField(label="Телефон для звонка", required=False)

    class Meta:
        model = Consultation
        fields = ["topic", "question", "way", "call_phone", "call_time"]
        widgets = {
            "topic": forms.RadioSelect,
            "question": LongText(attrs={"rows": 7}),
            "way": forms.RadioSelect,
            "call_time": forms.Select(attrs={"data-depends": "way:call,video", "class": "input-medium"}),
        }
        help_texts = {
            "question": "Опишите ваш случай: что есть сейчас и чего вы хотите",
            "call_time": "По московскому времени",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        phone = self.fields["call_phone"]
        phone.widget.attrs["data-depends"] = "way:call,video"
        self.say_when_needed(["call_phone"], "нужен для звонка и видеосвязи")
        self.fields["call_time"].choices = [("", "Не выбрано"), *CallTime.choices]  # type: ignore[attr-defined]
        if hasattr(self.owner, "consumer"):
            phone.initial = self.owner.consumer.phone

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("way") == Way.WRITTEN:
            cleaned["call_phone"], cleaned["call_time"] = "", ""
        elif cleaned.get("way"):
            if not cleaned.get("call_phone"):
                self.require("call_phone", "Укажите телефон, по которому позвонить.")
            cleaned["call_time"] = cleaned.get("call_time") or CallTime.ANY
        return cleaned

    def category(self) -> Category:
        return CATEGORY_OF_TOPIC[Topic(self.cleaned_data["topic"])]


SERVICE = Service(
    slug="consultation",
    noun="Консультация",
    title="Получить консультацию",
    summary=(
        "Прием обращений потребителей по вопросам консультации через интерактивные электронные формы и предоставление "
        "ответа потребителю"
    ),
    lead="Расскажите о вашем случае: специалист разберётся и ответит письменно или позвонит.",
    icon="consultation",
    form_class=ConsultationForm,
    form_template="requests/consultation.html",
    default_term=DefaultTerm(days=15, day_kind=DayKind.CALENDAR, legal_basis="Срок, установленный РСМ Энерго"),
    example={
        "topic": Topic.METERING,
        "question": "Хочу заменить однотарифный счётчик на двухтарифный. Что для этого нужно и кто его меняет?",
        "way": Way.CALL,
        "call_phone": "8 (863) 250-31-02",
        "call_time": CallTime.FROM_9,
        "reply_channel": "cabinet",
    },
)
