"""
Report of consumption without a contract or past the meter, or of theft from the network. Who sends it may stay unnamed;
only staff with a permission of their own know of such reports.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from requests_app.codes import Category
from requests_app.deadlines import DayKind
from requests_app.forms import LongText
from requests_app.models.detail import ENOUGH_SAID, RequestDetail, Row, rows_of
from requests_app.models.request import ServiceRequest
from requests_app.services.base import DefaultTerm, Service, ServiceForm

_FIRST_YEAR = 2000  # our rule; an earlier year is a slip of the finger


class ViolationKind(models.TextChoices):
    CONTRACT = "contract", "Подключились без договора (бездоговорное потребление)"
    METER = "meter", "Берут мимо счётчика или вмешались в него (безучётное потребление)"
    THEFT = "theft", "Украли или испортили провод, опору, шкаф, другой объект сети"
    UNKNOWN = "unknown", "Что-то не так, но не знаю, как это назвать"


class Sign(models.TextChoices):
    HOOKED = "hooked", "Наброс на провод"
    BYPASS = "bypass", "Кабель идёт мимо счётчика"
    SEAL = "seal", "Сорвана или повреждена пломба"
    CUT = "cut", "Что-то оборвано или срезано"
    OTHER = "other", "Другое"


class Reporter(models.TextChoices):
    NAMED = "named", "Моё имя и\N{NO-BREAK SPACE}контакты могут видеть те, кто проверяет"
    ANONYMOUS = "anonymous", "Не\N{NO-BREAK SPACE}показывать моё имя никому из\N{NO-BREAK SPACE}них"


_SUBJECTS = {
    ViolationKind.CONTRACT: "бездоговорное потребление",
    ViolationKind.METER: "безучётное потребление",
    ViolationKind.THEFT: "хищение или порча объектов сети",
    ViolationKind.UNKNOWN: "нужно разобраться",
}


class ViolationReport(RequestDetail):
    kind = models.CharField("что произошло", max_length=8, choices=ViolationKind)
    place = models.CharField("место", max_length=300)
    pole_number = models.CharField("номер опоры", max_length=40, blank=True)
    substation_number = models.CharField("номер подстанции (ТП, КТП)", max_length=40, blank=True)
    latitude = models.DecimalField("широта", max_digits=8, decimal_places=6, null=True, blank=True)  # degrees, WGS 84
    longitude = models.DecimalField("долгота", max_digits=9, decimal_places=6, null=True, blank=True)
    seen_at = models.DateTimeField("когда замечено")
    description = models.TextField("что вы видели", max_length=4000, validators=[ENOUGH_SAID])
    suspect = models.CharField("кто это может быть", max_length=300, blank=True)
    may_show_place = models.BooleanField("готов показать место", default=False)
    contact = models.CharField("как связаться", max_length=100, blank=True)

    class Meta:
        verbose_name = "сообщение о нарушении"
        verbose_name_plural = "сообщения о нарушениях"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=sorted(ViolationKind.values)), name="violation_report_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None)
                | Q(
                    latitude__isnull=False,
                    latitude__gte=-90,
                    latitude__lte=90,
                    longitude__isnull=False,
                    longitude__gte=-180,
                    longitude__lte=180,
                ),
                name="violation_report_coordinates_in_pairs",
            ),
            models.CheckConstraint(
                condition=Q(may_show_place=False, contact="") | (Q(may_show_place=True) & ~Q(contact="")),
                name="violation_report_contact_to_show_place",
            ),
        ]

    @property
    def coordinates(self) -> str:
        """«47.222078, 39.720349», as maps take it; empty when they were not given."""
        return "" if self.latitude is None else f"{self.latitude:.6f}, {self.longitude:.6f}"

    def rows(self) -> Iterator[Row]:
        yield from rows_of(self, ["kind"])
        if signs := [sign.get_sign_display() for sign in self.signs.all()]:
            yield Row("Признаки", "; ".join(signs))
        yield from rows_of(self, ["place", "pole_number", "substation_number"])
        if self.coordinates:
            yield Row("Координаты", self.coordinates)
        yield from rows_of(self, ["seen_at", "description", "suspect", "may_show_place", "contact"])


class ViolationSign(models.Model):
    """One of the signs by which it was noticed."""

    report = models.ForeignKey(
        ViolationReport, on_delete=models.CASCADE, related_name="signs", verbose_name="сообщение"
    )
    sign = models.CharField("признак", max_length=6, choices=Sign)

    class Meta:
        verbose_name = "признак нарушения"
        verbose_name_plural = "признаки нарушений"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["report", "sign"], name="violation_sign_once"),
            models.CheckConstraint(condition=Q(sign__in=sorted(Sign.values)), name="violation_sign_known"),
        ]

    def __str__(self) -> str:
        return self.get_sign_display()


# -- The form -------------------------------------------------------------------------------------------------------

_NUMBER = r"([+-]?[0-9]{1,3}(?:[.,][0-9]{1,12})?)"
_COORDINATES = re.compile(rf"\s*{_NUMBER}(?:\s*[,;]\s*|\s+){_NUMBER}\s*")


class CoordinatesField(forms.CharField):
    """Latitude and longitude in one line, as maps give them; `clean` gives a pair of Decimal degrees, or None."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=60, required=False, **kwargs)

    def clean(self, value: Any) -> tuple[Decimal, Decimal] | None:
        typed = super().clean(value)
        if not typed:
            return None
        found = _COORDINATES.fullmatch(typed)
        if not found:
            message = "Напишите два числа: широту и\N{NO-BREAK SPACE}долготу. Например: 47.222078, 39.720349."
            raise ValidationError(message, code="invalid")
        latitude, longitude = (_degrees(number) for number in found.groups())
        if abs(latitude) > 90 or abs(longitude) > 180:
            message = "Таких координат нет. Сначала широта, затем долгота. Например: 47.222078, 39.720349."
            raise ValidationError(message, code="range")
        return latitude, longitude


def _degrees(typed: str) -> Decimal:
    """To six places, which is a tenth of a metre."""
    return Decimal(typed.replace(",", ".")).quantize(Decimal("0.000001"))


class ViolationReportForm(ServiceForm):
    is_dangerous = forms.BooleanField(
        label="Там опасно прямо сейчас: провод оборван или провис, искрит, дымит, открыт шкаф",
        required=False,
        help_text="Сначала позвоните по\N{NO-BREAK SPACE}телефонам выше, потом отправьте сообщение",
    )
    signs = forms.MultipleChoiceField(
        label="По\N{NO-BREAK SPACE}каким признакам вы это заметили",
        choices=Sign.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    coordinates = CoordinatesField(
        label="Координаты",
        help_text="Широта и\N{NO-BREAK SPACE}долгота через запятую, как их показывает карта: 47.222078, 39.720349",
        widget=forms.TextInput(attrs={"class": "input-medium", "autocomplete": "off", "data-geolocation": ""}),
    )
    reporter = forms.ChoiceField(
        label="Назвать вас тем, кто проверяет?",
        choices=Reporter.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Выберите, показывать\N{NO-BREAK SPACE}ли ваше имя."},
        help_text="Скрытое имя может узнать только ответственный за\N{NO-BREAK SPACE}защиту данных, если есть законное "
        "основание, например запрос полиции. Каждый такой случай записывается",
    )

    class Meta:
        model = ViolationReport
        fields = [
            "kind",
            "place",
            "pole_number",
            "substation_number",
            "seen_at",
            "description",
            "suspect",
            "may_show_place",
            "contact",
        ]
        widgets = {
            "kind": forms.RadioSelect,
            "pole_number": forms.TextInput(attrs={"class": "input-short", "autocomplete": "off"}),
            "substation_number": forms.TextInput(attrs={"class": "input-short", "autocomplete": "off"}),
            "seen_at": forms.DateTimeInput(
                format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local", "class": "input-medium"}
            ),
            "description": LongText(attrs={"rows": 6}),
            "suspect": forms.TextInput(attrs={"autocomplete": "off"}),
            "may_show_place": forms.CheckboxInput(attrs={"data-depends": "reporter:named"}),
            "contact": forms.TextInput(attrs={"data-depends": "reporter:named", "autocomplete": "off"}),
        }
        help_texts = {
            "place": "Адрес или ориентир: «СНТ «Маяк», за\N{NO-BREAK SPACE}участком 12, у\N{NO-BREAK SPACE}водокачки»",
            "pole_number": "Написан на\N{NO-BREAK SPACE}опоре. Подходить к\N{NO-BREAK SPACE}ней ради этого не\N{NO-BREAK SPACE}нужно",
            "seen_at": "Примерно, если точно не\N{NO-BREAK SPACE}помните",
            "description": "Пишите о\N{NO-BREAK SPACE}том, что видели сами. Заведомо ложное сообщение может повлечь "
            "ответственность по\N{NO-BREAK SPACE}закону",
            "suspect": "Не\N{NO-BREAK SPACE}указывайте лишнее. Это увидят только те, кто проверяет",
            "contact": "Телефон или другой способ, чтобы встретиться на\N{NO-BREAK SPACE}месте",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contact"].widget.attrs["maxlength"] = 100
        self.say_when_needed(["contact"], "нужно, если готовы показать место")
        self.order_fields(self._danger_first())

    @staticmethod
    def _danger_first() -> list[str]:
        what = ["is_dangerous", "kind", "signs", "description", "seen_at"]
        where = ["place", "pole_number", "substation_number", "coordinates"]
        return [*what, *where, "suspect", "files", "reporter", "may_show_place", "contact"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self._check_time(cleaned.get("seen_at"))
        if cleaned.get("reporter") == Reporter.ANONYMOUS:
            self._check_unnamed(cleaned)
        elif cleaned.get("may_show_place") and not cleaned.get("contact"):
            self.require("contact", "Напишите, как с\N{NO-BREAK SPACE}вами связаться, или снимите отметку выше.")
        elif cleaned.get("contact") and not cleaned.get("may_show_place"):
            message = "Отметьте, что готовы показать место, или уберите контакт ниже: без\N{NO-BREAK SPACE}этого он не\N{NO-BREAK SPACE}нужен."
            self.add_error("may_show_place", ValidationError(message, code="contact_alone"))
        self.instance.latitude, self.instance.longitude = cleaned.get("coordinates") or (None, None)
        return cleaned

    def _check_time(self, seen_at: Any) -> None:
        if seen_at and seen_at > timezone.now():
            self.add_error(
                "seen_at",
                ValidationError("Это время ещё не\N{NO-BREAK SPACE}наступило. Проверьте дату.", code="future"),
            )
        elif seen_at and seen_at.year < _FIRST_YEAR:
            self.add_error("seen_at", ValidationError("Это было слишком давно. Проверьте год.", code="long_ago"))

    def _check_unnamed(self, cleaned: dict[str, Any]) -> None:
        """Who shows the place has to be met; a contact would name whom the report must not name."""
        if cleaned.get("may_show_place"):
            message = "Показать место, оставаясь неназванным, не\N{NO-BREAK SPACE}получится. Снимите одну из\N{NO-BREAK SPACE}отметок."
            self.add_error("may_show_place", ValidationError(message, code="unnamed"))
        if cleaned.get("contact"):
            message = "Контакт назовёт вас. Уберите его или разрешите показать имя."
            self.add_error("contact", ValidationError(message, code="unnamed"))

    # -- For `actions.submit` ---------------------------------------------------------------------------------------

    def subject(self) -> str:
        return _SUBJECTS[ViolationKind(self.instance.kind)]

    def category(self) -> Category:
        is_theft = self.instance.kind == ViolationKind.THEFT
        return Category.APPEAL_MAINTENANCE if is_theft else Category.APPEAL_METERING

    def is_anonymous(self) -> bool:
        return bool(self.cleaned_data["reporter"] == Reporter.ANONYMOUS)

    def is_urgent(self) -> bool:
        return bool(self.cleaned_data["is_dangerous"])

    def save_detail(self, service_request: ServiceRequest) -> RequestDetail:
        detail = super().save_detail(service_request)
        ViolationSign.objects.bulk_create(
            ViolationSign(report_id=detail.pk, sign=sign) for sign in self.cleaned_data["signs"]
        )
        return detail


SERVICE = Service(
    slug="violation-report",
    noun="Сообщение о нарушении",
    title="Сообщить о нарушении",
    summary=(
        "Прием через интерактивные электронные формы сообщений о бездоговорном (безучетном) потреблении электрической "
        "энергии, хищении объектов электросетевого хозяйства"
    ),
    lead="Расскажите, что и\N{NO-BREAK SPACE}где вы видели. Мы проверим на\N{NO-BREAK SPACE}месте; имя можно не\N{NO-BREAK SPACE}показывать.",
    icon="violation-report",
    form_class=ViolationReportForm,
    default_term=DefaultTerm(days=30, day_kind=DayKind.CALENDAR, legal_basis="Срок, установленный РСМ Энерго"),
    warns_of_danger=True,
    view_permission="requests_app.view_violationreport",
    photos_only=True,
    example={
        "kind": ViolationKind.CONTRACT,
        "signs": Sign.HOOKED,
        "description": "С опоры к вагончику на пустыре тянется кабель, по вечерам в нём горит свет.",
        "seen_at": "2026-01-12T18:30",
        "place": "г. Ростов-на-Дону, пустырь за домом 71 по ул. Портовой",
        "pole_number": "14",
        "coordinates": "47.222078, 39.720349",
        "reporter": Reporter.NAMED,
    },
)
