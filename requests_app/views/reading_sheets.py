"""Readings of many meters by a table: the blank, the file, what is asked about it, the rows of what was sent."""

from __future__ import annotations

from time import monotonic
from typing import Any, BinaryIO, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import ConsumerRequest, consumer_required
from requests_app import actions, tables, unsent
from requests_app.models import ReadingSheet, ServiceRequest
from requests_app.reading_windows import Window, moscow_day, usual_day
from requests_app.services.meter_readings import SERVICE
from requests_app.services.meter_readings.sheet.columns import (
    HEADER,
    REQUIRED,
    TITLES,
    WIDTHS,
    blank_rows,
    meters_of,
)
from requests_app.services.meter_readings.sheet.form import SheetForm
from requests_app.services.meter_readings.sheet.lines import read_lines
from requests_app.services.meter_readings.sheet.plan import Plan, plan_of
from requests_app.services.meter_readings.sheet.sent import COLUMNS, rows_of
from requests_app.services.meter_readings.standing import window_for
from requests_app.services.meter_readings.words import month_in_words, taken_in
from requests_app.table_responses import table_response

MAX_FILE_SIZE = 10 * 2**20  # bytes
MOST_SHOWN = 100  # problems and meters on a page


class SheetFileForm(forms.Form):
    """A file whose header is that of the table; its rows are looked at on the next page."""

    file = forms.FileField(
        label="Заполненная таблица",
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        help_text="XLSX или CSV, до\N{NO-BREAK SPACE}10\N{NO-BREAK SPACE}МБ",
        error_messages={
            "required": "Выберите файл.",
            "empty": "Файл пустой. Проверьте, открывается\N{NO-BREAK SPACE}ли он.",
        },
    )

    def clean_file(self) -> UploadedFile[Any]:
        upload: UploadedFile[Any] = self.cleaned_data["file"]
        if (upload.size or 0) > MAX_FILE_SIZE:
            raise ValidationError("Файл больше 10\N{NO-BREAK SPACE}МБ. Разделите его на несколько.", code="too_large")
        try:
            first = next(tables.read(cast(BinaryIO, upload), columns=TITLES, required=REQUIRED), None)
        except tables.TableError as error:
            raise ValidationError(error.message, code="table") from error
        if first is None:
            raise ValidationError("В файле есть только заголовок: добавьте строки.", code="no_rows")
        return upload


@require_http_methods(["GET", "HEAD", "POST"])
@consumer_required
def upload(request: ConsumerRequest) -> HttpResponse:
    form = SheetFileForm(request.POST, request.FILES) if request.method == "POST" else SheetFileForm()
    if form.is_valid():
        try:
            return redirect(
                "requests:sheet", actions.upload_reading_sheet(form.cleaned_data["file"], by=request.user).pk
            )
        except actions.FilesNotStored:
            form.add_error("file", "Файл сейчас не\N{NO-BREAK SPACE}сохраняется. Попробуйте позже.")
    window = _window(request)
    usual = usual_day(_today(), window)
    context = {
        "form": form,
        "usual_day": None if usual == _today() else usual,
        "meters": len(meters_of(request.user)),
        **_words_of(window),
    }
    return render(request, "requests/readings/sheet_upload.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@consumer_required
def sheet(request: ConsumerRequest, pk: int) -> HttpResponse:
    """What sending the table would do, and what is asked about it; POST sends it."""
    found = get_object_or_404(ReadingSheet.objects.of(request.user).select_related("service_request"), pk=pk)
    if found.service_request:
        messages.info(request, f"Таблица «{found.file_name}» уже передана.")
        return redirect(found.service_request)
    began = monotonic()
    try:
        plan = _checked(request, found)
    except (tables.TableError, FileNotFoundError) as error:
        return render(request, "requests/readings/sheet_lost.html", {"sheet": found, "problem": _why(error)})
    form = _form(request, found, plan)
    if request.method == "POST":
        return _send(request, form)
    return _page(request, form, seconds=monotonic() - began)


@require_safe
@consumer_required
def blank(request: ConsumerRequest, ending: str) -> HttpResponseBase:
    window = _window(request)
    name = f"Показания {month_in_words(window.month, today=_today())}".replace("\N{NO-BREAK SPACE}", " ")
    rows = blank_rows(request.user, window)
    return table_response(ending, name=name, header=HEADER, rows=rows, widths=WIDTHS)


@require_safe
@consumer_required
def sent(request: ConsumerRequest, number: str) -> HttpResponseBase:
    """All readings of one request, as a CSV."""
    found = get_object_or_404(ServiceRequest.objects.owned_by(request.user), number=number, service=SERVICE.slug)
    if not found.detail.is_sheet:  # type: ignore[attr-defined]  # of this service
        raise Http404
    return table_response("csv", name=f"Показания {number}", header=COLUMNS, rows=rows_of(found, user=request.user))


def _today() -> Any:
    return moscow_day(timezone.now())


def _window(request: ConsumerRequest) -> Window:
    return window_for(request.user.consumer.legal_form, _today())


def _words_of(window: Window) -> dict[str, Any]:
    today = _today()
    return {
        "service": SERVICE,
        "month": month_in_words(window.month, today=today),
        "taken_in": taken_in(window, today),
    }


def _checked(request: ConsumerRequest, found: ReadingSheet) -> Plan:
    """The kept file against the account as it is now. Raises `TableError`, `FileNotFoundError`."""
    with found.file.open() as file:
        lines = read_lines(cast(BinaryIO, file), user=request.user)
    return plan_of(lines, window=_window(request), today=_today())


def _why(error: Exception) -> str:
    return error.message if isinstance(error, tables.TableError) else "Файл уже удалён: он хранится сутки."


def _form(request: ConsumerRequest, found: ReadingSheet, plan: Plan) -> SheetForm:
    if request.method == "POST":
        return SheetForm(request.POST, request.FILES, owner=request.user, sheet=found, plan=plan)
    return SheetForm(unsent.take(request), owner=request.user, sheet=found, plan=plan)


def _send(request: ConsumerRequest, form: SheetForm) -> HttpResponse:
    with actions.refusals_in(form):
        if form.is_valid():
            try:
                done = actions.send_reading_sheet(form=form, by=request.user)
            except actions.AlreadySent as earlier:
                done = earlier.service_request
            messages.success(request, _thanks(done, form.plan))
            return redirect(done)
    actions.keep_files(form=form, by=request.user)
    return _page(request, form)


def _thanks(done: ServiceRequest, plan: Plan) -> str:
    month = month_in_words(plan.window.month, today=_today())
    if plan.waits:
        return f"Показания за\N{NO-BREAK SPACE}{month} переданы, заявка № {done.number}. Часть из\N{NO-BREAK SPACE}них проверит специалист."
    return f"Показания за\N{NO-BREAK SPACE}{month} приняты, заявка № {done.number}."


def _page(request: ConsumerRequest, form: SheetForm, **context: Any) -> HttpResponse:
    plan = form.plan
    full = {
        "form": form,
        "sheet": form.sheet,
        "plan": plan,
        "problems": plan.problems[:MOST_SHOWN],
        "sendings": plan.sendings[:MOST_SHOWN],
        "mark": unsent.mark(request.user),
        **_words_of(plan.window),
        **context,
    }
    return render(request, "requests/readings/sheet.html", full)
