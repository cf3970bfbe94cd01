"""Complaint, with the seven official categories: columns 16–22 of table 4.9 of Annex 7 to the Unified standards."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from requests_app.codes import Category
from requests_app.deadlines import DayKind
from requests_app.forms import LongText
from requests_app.lifecycle import Status
from requests_app.models.detail import ENOUGH_SAID, RequestDetail
from requests_app.models.request import ServiceRequest
from requests_app.services.base import DefaultTerm, Service, ServiceForm


class ComplaintCategory(models.TextChoices):
    TRANSMISSION = "transmission", "Качество услуг по передаче электрической энергии"
    ENERGY = "energy", "Качество электрической энергии"
    CONNECTION = "connection", "Осуществление технологического присоединения"
    METERING = "metering", "Коммерческий учёт электрической энергии"
    SERVICE = "service", "Качество обслуживания потребителей"
    MAINTENANCE = "maintenance", "Техническое обслуживание электросетевых объектов"
    OTHER = "other", "Прочее"


# Government Decree No. 442 as changed by No. 55 of 24.01.2024: a complaint on reliability or quality of supply names
# the place, the contract, the time of the breach and the demands.
ABOUT_SUPPLY = [ComplaintCategory.ENERGY, ComplaintCategory.TRANSMISSION]
_FIRST_YEAR = 2000  # our rule; an earlier year is a slip of the finger
MAX_EARLIER = 50  # so many of the consumer's requests are offered as the one that a complaint repeats
_DEPENDS = {"data-depends": "category:energy,transmission"}


class Complaint(RequestDetail):
    category = models.CharField("категория", max_length=12, choices=ComplaintCategory)
    circumstances = models.TextField("что произошло", max_length=4000, validators=[ENOUGH_SAID])
    began_at = models.DateTimeField("началось", null=True, blank=True)
    ended_at = models.DateTimeField("закончилось", null=True, blank=True)
    no_contract = models.BooleanField("договора нет или номер неизвестен", default=False)
    demands = models.TextField("требования", max_length=2000, blank=True)
    about_whom = models.CharField("на кого жалоба", max_length=200, blank=True)
    by_representative = models.BooleanField("подаёт представитель", default=False)

    class Meta:
        verbose_name = "жалоба"
        verbose_name_plural = "жалобы"
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(began_at__isnull=False, ended_at__gte=F("began_at")),
                name="complaint_ended_after_began",
            ),
            models.CheckConstraint(
                condition=~Q(category__in=ABOUT_SUPPLY) | (Q(began_at__isnull=False) & ~Q(demands="")),
                name="complaint_about_supply_is_full",
            ),
        ]


class ComplaintForm(ServiceForm):
    subject_field = "category"

    repeats = forms.ModelChoiceField(
        label="Прежняя заявка по этому вопросу",
        queryset=ServiceRequest.objects.none(),
        required=False,
        empty_label="Обращаюсь впервые",
        help_text="Если вы уже обращались и не согласны с ответом",
    )

    class Meta:
        model = Complaint
        fields = [
            "category",
            "circumstances",
            "began_at",
            "ended_at",
            "no_contract",
            "demands",
            "about_whom",
            "repeats",
            "by_representative",
        ]
        widgets = {
            "category": forms.RadioSelect,
            "circumstances": LongText(attrs={"rows": 7}),
            "began_at": forms.DateTimeInput(
                format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local", "class": "input-medium", **_DEPENDS}
            ),
            "ended_at": forms.DateTimeInput(
                format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local", "class": "input-medium", **_DEPENDS}
            ),
            "no_contract": forms.CheckboxInput(attrs=_DEPENDS),
            "demands": LongText(attrs={"rows": 4}),
        }
        help_texts = {
            "ended_at": "Оставьте пустым, если ещё не закончилось",
            "demands": "Чего вы просите: проверить напряжение, провести ремонт, пересмотреть ответ",
            "about_whom": "Подразделение или сотрудник: этому человеку жалобу не передадут",
            "by_representative": "Приложите доверенность к заявке",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(self._story_first())
        about_supply = ["began_at", "object_address", "contract_number", "demands"]
        self.say_when_needed(about_supply, "нужно в жалобе на качество передачи и энергии")
        # a complaint that named an anonymous report would tell whose it is
        named = ServiceRequest.objects.owned_by(self.owner).filter(is_anonymous=False)
        if self.by and self.by != self.owner:  # nor does a colleague learn here of what is closed to them
            named = named.visible_to(self.by)
        earlier = named.exclude(status=Status.WITHDRAWN).newest_first()
        newest = earlier.filter(pk__in=earlier.values("pk")[:MAX_EARLIER])  # a field cannot check against a slice
        self.fields["repeats"].queryset = newest  # type: ignore[attr-defined]
        self.fields["repeats"].label_from_instance = _numbered_title  # type: ignore[attr-defined]

    @staticmethod
    def _story_first() -> list[str]:
        """Place and contract belong to the story here, so they stand in the middle of it."""
        story = [
            "category",
            "circumstances",
            "began_at",
            "ended_at",
            "object_address",
            "contract_number",
            "no_contract",
        ]
        return [*story, "demands", "about_whom", "repeats", "by_representative"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self._check_times(cleaned)
        if cleaned.get("category") in ABOUT_SUPPLY:
            self._check_supply(cleaned)
        if cleaned.get("by_representative") and not self.good_files and not self.kept_files:
            self.require("files", "Приложите доверенность: без неё мы не сможем ответить представителю.")
        return cleaned

    def _check_times(self, cleaned: dict[str, Any]) -> None:
        began, ended = cleaned.get("began_at"), cleaned.get("ended_at")
        for name, moment in (("began_at", began), ("ended_at", ended)):
            if moment and moment > timezone.now():
                self.add_error(name, ValidationError("Это время ещё не наступило. Проверьте дату.", code="future"))
            elif moment and moment.year < _FIRST_YEAR:
                self.add_error(name, ValidationError("Это было слишком давно. Проверьте год.", code="long_ago"))
        if ended and not began:
            self.require("began_at", "Укажите и начало.")
        elif began and ended and ended < began:
            self.add_error("ended_at", ValidationError("Окончание раньше начала.", code="end_before_start"))

    def _check_supply(self, cleaned: dict[str, Any]) -> None:
        if not cleaned.get("began_at"):
            self.require("began_at", "Укажите, когда это началось: по этому времени мы поднимем журнал сети.")
        if not cleaned.get("object_address"):
            self.require("object_address", "Укажите адрес, где это происходит.")
        if not cleaned.get("contract_number") and not cleaned.get("no_contract"):
            self.require("contract_number", "Укажите номер договора или отметьте ниже, что его нет.")
        if not cleaned.get("demands"):
            self.require("demands", "Напишите, чего вы просите.")

    def category(self) -> Category:
        return Category(f"complaint_{self.cleaned_data['category']}")

    def repeat_of(self) -> ServiceRequest | None:
        return self.cleaned_data.get("repeats")


def _numbered_title(service_request: ServiceRequest) -> str:
    return f"№ {service_request.number}, {service_request.title}"


SERVICE = Service(
    slug="complaint",
    noun="Жалоба",
    title="Подать жалобу",
    summary=("Прием жалоб потребителей через интерактивные электронные формы и предоставление ответа потребителю"),
    lead="Расскажите, что пошло не так. Жалоба получит номер сразу, её ход виден в кабинете.",
    icon="complaint",
    form_class=ComplaintForm,
    default_term=DefaultTerm(
        days=30,
        day_kind=DayKind.CALENDAR,
        legal_basis="Единые стандарты качества обслуживания, приказ Минэнерго России от 15.04.2014 № 186",
    ),
    warns_of_danger=True,
    example={
        "category": ComplaintCategory.ENERGY,
        "circumstances": "По вечерам напряжение падает до 190 В, гаснет котёл. Так продолжается вторую неделю.",
        "began_at": "2026-01-12T18:30",
        "object_address": "г. Ростов-на-Дону, ул. Портовая, 71, кв. 18",
        "no_contract": "on",
        "demands": "Измерить напряжение и устранить причину.",
        "reply_channel": "cabinet",
    },
)
