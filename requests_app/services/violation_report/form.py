"""What is asked of who reports a violation."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from requests_app.codes import Category
from requests_app.forms import LongText
from requests_app.models.detail import RequestDetail
from requests_app.models.request import ServiceRequest
from requests_app.services.base import CannotBeSent, ServiceForm
from requests_app.services.violation_report.models import Sign, ViolationKind, ViolationReport, ViolationSign

MAX_A_DAY = 10  # our rule: so many reports of one consumer are checked on the spot, more are a flood
_FIRST_YEAR = 2000  # our rule; an earlier year is a slip of the finger


class Reporter(models.TextChoices):
    NAMED = "named", "Моё имя и\N{NO-BREAK SPACE}контакты могут видеть те, кто проверяет"
    ANONYMOUS = "anonymous", "Не\N{NO-BREAK SPACE}показывать моё имя никому из\N{NO-BREAK SPACE}них"


_NAMED_BY_STAFF = (
    "Кто не\N{NO-BREAK SPACE}хочет называть себя, может отправить сообщение сам, через\N{NO-BREAK SPACE}кабинет"
)
_SUBJECTS = {
    ViolationKind.CONTRACT: "бездоговорное потребление",
    ViolationKind.METER: "безучётное потребление",
    ViolationKind.THEFT: "хищение или порча объектов сети",
    ViolationKind.UNKNOWN: "нужно разобраться",
}


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
    common = ["files"]  # the place is a question of its own, and there is no answer to send
    photos_only = True
    subject_field = "kind"

    is_dangerous = forms.BooleanField(
        label="Там опасно прямо сейчас: провод оборван или провис, искрит, дымит, открыт шкаф",
        required=False,
        help_text="Сначала позвоните 112, потом отправьте сообщение",
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
        if self.by != self.owner:  # a colleague knows the name, so it cannot be hidden from the desk any more
            reporter: Any = self.fields["reporter"]
            reporter.choices = [Reporter.choices[0]]
            reporter.label, reporter.initial, reporter.help_text = "Имя заявителя", Reporter.NAMED, _NAMED_BY_STAFF

    @staticmethod
    def _danger_first() -> list[str]:
        what = ["is_dangerous", "kind", "signs", "description", "seen_at"]
        where = ["place", "pole_number", "substation_number", "coordinates"]
        return [*what, *where, "suspect", "files", "reporter", "may_show_place", "contact"]

    def clean_signs(self) -> list[str]:
        """Each once, however often it was sent."""
        return list(dict.fromkeys(self.cleaned_data["signs"]))

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
        """Raises `CannotBeSent` past the day's limit. The sendings of a consumer come one by one, so it is exact."""
        day = timezone.now() - timedelta(days=1)
        mine = ServiceRequest.objects.owned_by(self.owner).filter(service=service_request.service)
        if mine.filter(submitted_at__gt=day).count() > MAX_A_DAY:
            message = (
                f"За\N{NO-BREAK SPACE}сутки можно отправить {MAX_A_DAY} сообщений. Отправьте это завтра или позвоните."
            )
            raise CannotBeSent(None, message)
        detail = super().save_detail(service_request)
        ViolationSign.objects.bulk_create(
            ViolationSign(report_id=detail.pk, sign=sign) for sign in self.cleaned_data["signs"]
        )
        return detail
