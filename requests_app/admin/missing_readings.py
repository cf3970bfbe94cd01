"""Of which meters nothing was given for a month, per window of the legal forms: on a page and as a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import LegalForm
from requests_app.admin.base import StaffRequest
from requests_app.admin.reading_pages import ReadingPages
from requests_app.models import AccessGrant, GrantStatus, Meter, Reading, ReadingWindow
from requests_app.reading_windows import Window, first_of, moscow_day, next_month, window_of
from requests_app.services.meter_readings.words import month_in_words
from requests_app.table_responses import table_response
from requests_app.tables import Value

EXPORT = "requests_app.export_reading"
ANY = "any"  # of a filter
PER_PAGE = 50
MONTHS = 13
HEADER = ["Договор", "Потребитель", "Адрес", "Номер счётчика", "Последнее показание", "Личный кабинет"]

# By the contract: a company has an ОГРН or an ИНН of ten digits, a sole trader an ОГРНИП.
_IS_COMPANY = ~Q(point__ogrn="") | Q(point__inn__regex=r"^[0-9]{10}$")
OF_LEGAL_FORM = {
    LegalForm.COMPANY: _IS_COMPANY,
    LegalForm.SOLE_TRADER: ~Q(point__ogrnip=""),
    LegalForm.PERSON: ~_IS_COMPANY & Q(point__ogrnip=""),
}


class MissingForm(forms.Form):
    """Which month, and whose."""

    month = forms.TypedChoiceField(label="Месяц", coerce=date.fromisoformat)
    legal_form = forms.ChoiceField(label="Потребители", choices=[(ANY, "Все"), *LegalForm.choices])

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["month"].choices = month_choices(today)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class WindowLine:
    """When the month is taken in from one legal form, and how many meters of it are missing."""

    label: str
    window: Window
    state: str
    missing: int


def month_choices(today: date) -> list[tuple[str, str]]:
    """The newest months, this one first."""
    months = [next_month(first_of(today), -back) for back in range(MONTHS)]
    return [(month.isoformat(), month_in_words(month, today=today)) for month in months]


def missing_meters(month: date, legal_form: str = ANY) -> QuerySet[Meter]:
    """Meters that somebody had to read at the end of this month and of which nothing counts or waits for it."""
    given = Reading.objects.current().filter(meter=OuterRef("pk"), period__month=month)
    after = next_month(month)
    existed = Q(installed_on=None) | Q(installed_on__lt=after)
    remained = Q(removed_on=None) | Q(removed_on__gte=after)  # whoever took it down since, it was there
    meters = Meter.objects.filter(existed, remained, ~Exists(given), is_remote=False)
    return meters if legal_form == ANY else meters.filter(OF_LEGAL_FORM[LegalForm(legal_form)])


def with_last_day(meters: QuerySet[Meter]) -> QuerySet[Any]:
    """Each with the day of its last accepted reading, and whether somebody has access to it in a cabinet."""
    last = Reading.objects.accepted().filter(meter=OuterRef("pk"), zone=1).order_by("-taken_on").values("taken_on")[:1]
    grants = AccessGrant.objects.filter(point=OuterRef("point"), status=GrantStatus.CONFIRMED)
    full = meters.select_related("point").annotate(last_day=Subquery(last), has_cabinet=Exists(grants))
    return full.order_by("point__contract_number", "point__address", "serial", "pk")


class MissingPages(ReadingPages):
    """The addresses under `…/reading/missing/`."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("missing/", wrap(require_safe(self.missing_page)), name="requests_app_reading_missing"),
            path("missing/table/", wrap(require_safe(self.missing_table)), name="requests_app_reading_missing_table"),
            *super().get_urls(),
        ]

    def missing_page(self, request: StaffRequest) -> HttpResponse:
        form, month, legal_form = self._asked(request)
        page = Paginator(with_last_day(missing_meters(month, legal_form)), PER_PAGE).get_page(request.GET.get("page"))
        context = {
            "form": form,
            "month": month,
            "lines": list(_lines(month)),
            "page": page,
            "query": f"month={month.isoformat()}&legal_form={legal_form}",
            "may_export": request.user.has_perm(EXPORT),
        }
        return self.draw(request, "admin/requests_app/reading/missing.html", "Не\N{NO-BREAK SPACE}переданы", context)

    def missing_table(self, request: StaffRequest) -> HttpResponseBase:
        _, month, legal_form = self._asked(request)
        if not request.user.has_perm(EXPORT):
            raise PermissionDenied
        meters = with_last_day(missing_meters(month, legal_form))
        return table_response("csv", name=f"Не переданы {month:%Y-%m}", header=HEADER, rows=_rows(meters))

    def _asked(self, request: StaffRequest) -> tuple[MissingForm, date, str]:
        """The form, the month and the legal form; this month of all when what is asked makes no sense."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        today = moscow_day(timezone.now())
        default = {"month": first_of(today).isoformat(), "legal_form": ANY}
        form = MissingForm({**default, **request.GET.dict()}, today=today)
        if not form.is_valid():
            form = MissingForm(default, today=today)
            form.is_valid()
        return form, form.cleaned_data["month"], form.cleaned_data["legal_form"]


def _lines(month: date) -> Iterator[WindowLine]:
    today = moscow_day(timezone.now())
    rules = {row.legal_form: row.rule for row in ReadingWindow.objects.all()}
    for legal_form in LegalForm:
        if legal_form.value in rules:
            window = window_of(month, rules[legal_form.value])
            state = "идёт приём" if window.is_open(today) else "ещё не\N{NO-BREAK SPACE}начат"
            state = "закончен" if window.closes < today else state
            missing = missing_meters(month, legal_form.value).count()
            yield WindowLine(str(legal_form.label), window, state, missing)


def _rows(meters: QuerySet[Any]) -> Iterator[list[Value]]:
    for meter in meters.iterator(chunk_size=1000):
        yield [
            meter.point.contract_number,
            meter.point.consumer_name,
            meter.point.address,
            meter.serial,
            meter.last_day,
            meter.has_cabinet,
        ]
