"""What is asked of who books, and of who chooses another time."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from accounts.fields import ConsumerPhoneField
from requests_app.codes import Category
from requests_app.forms import LongText
from requests_app.models.detail import RequestDetail
from requests_app.models.request import ServiceRequest
from requests_app.services.appointment.fields import SlotField
from requests_app.services.appointment.models import Appointment, VisitState
from requests_app.services.appointment.picker import PARTS, Picker
from requests_app.services.appointment.schedule import NotFree, set_time
from requests_app.services.base import CannotBeSent, ServiceForm
from requests_app.services.topics import CATEGORY_OF_TOPIC, OFFICIAL_TOPICS, Topic

NEEDS = [
    ("step_free", "Помочь войти: коляска, трудно ходить"),
    ("low_vision", "Слабовидящий посетитель"),
    ("sign_language", "Переводчик жестового языка"),
]

TOPIC_IS_BOOKED = (
    "По\N{NO-BREAK SPACE}этой теме вы уже записаны. Перенесите ту запись или отмените её, тогда можно записаться снова."
)


class AppointmentForm(ServiceForm):
    common: ClassVar[list[str]] = []

    slot = SlotField(label="Время")
    phone = ConsumerPhoneField(label="Телефон", help_text="Позвоним, если приём придётся отменить")
    needs = forms.MultipleChoiceField(
        label="Нужна помощь в\N{NO-BREAK SPACE}офисе",
        choices=NEEDS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Appointment
        fields = ["topic", "visitor", "phone", "comment"]
        widgets = {"topic": forms.RadioSelect, "comment": LongText(attrs={"rows": 3})}
        labels = {"topic": "О\N{NO-BREAK SPACE}чём поговорим", "comment": "Что ещё нам знать"}
        help_texts = {
            "visitor": "Фамилия, имя, отчество. Представителю нужна доверенность",
            "comment": "Номер договора, вопрос в\N{NO-BREAK SPACE}двух словах",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["slot", "topic", "visitor", "phone", "needs", "comment"])
        self.fields["topic"].choices = OFFICIAL_TOPICS  # type: ignore[attr-defined]
        self.fields["visitor"].widget.attrs["autocomplete"] = "name"
        if hasattr(self.owner, "consumer"):
            consumer = self.owner.consumer
            self.fields["visitor"].initial = consumer.contact_name or consumer.full_name
            self.fields["phone"].initial = consumer.phone

    def subject(self) -> str:
        self.instance.starts_at = self.cleaned_data["slot"].starts_at
        return str(self.instance.subject)

    def category(self) -> Category:
        return CATEGORY_OF_TOPIC[Topic(self.cleaned_data["topic"])]

    def save_detail(self, service_request: ServiceRequest) -> RequestDetail:
        """Take the window, for good or not at all. Raises `CannotBeSent` when the time or the topic is taken."""
        now = timezone.now()
        appointment: Appointment = self.instance
        mine = Appointment.objects.of(self.owner).booked().filter(topic=appointment.topic)
        # staff have not marked a visit of the past: that must not keep the consumer from another
        mine.filter(ends_at__lte=now).update(state=VisitState.PASSED)
        if mine.exists():
            raise CannotBeSent("topic", TOPIC_IS_BOOKED)
        try:
            set_time(appointment, self.cleaned_data["slot"], now=now)
        except NotFree as refusal:
            raise CannotBeSent("slot", str(refusal)) from refusal
        appointment.owner = self.owner
        for name, _ in NEEDS:
            setattr(appointment, name, name in self.cleaned_data["needs"])
        service_request.due_on = timezone.localdate(appointment.starts_at)
        service_request.save(update_fields=["due_on"])
        return super().save_detail(service_request)

    @cached_property
    def picker(self) -> Picker | None:
        """The days and times to choose from; None while no office takes bookings."""
        return Picker.build(self.data if self.is_bound else self.initial)


class MoveForm(forms.Form):
    """Another time for a visit."""

    slot = SlotField(label="Новое время")
    submission_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: Any, appointment: Appointment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.appointment = appointment

    @cached_property
    def picker(self) -> Picker | None:
        """The days and times to choose from, beginning with the office and day of the visit."""
        wanted: Mapping[str, Any] = self.data if self.is_bound else self.initial
        here = {"office": self.appointment.office_id, "day": timezone.localdate(self.appointment.starts_at).isoformat()}
        return Picker.build({**here, **{name: wanted.get(name) for name in PARTS if wanted.get(name)}})
