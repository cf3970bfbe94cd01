"""Meter readings: the consumer's meters, the form of one, the form of an unknown one, the history."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import ConsumerRequest, consumer_required
from requests_app import actions, unsent
from requests_app.models import Meter, Reading, ServiceRequest, ZoneLabel
from requests_app.reading_windows import moscow_day, next_month
from requests_app.services.meter_readings import SERVICE, ReadingsForm
from requests_app.services.meter_readings.history import Month, changed, chart_of, months_of
from requests_app.services.meter_readings.overview import by_point, meter_lines
from requests_app.services.meter_readings.standing import standings, window_for
from requests_app.services.meter_readings.table import COLUMNS, rows_of
from requests_app.services.meter_readings.unknown import UnknownMeterForm
from requests_app.services.meter_readings.words import month_in_words, taken_in
from requests_app.table_responses import table_response

AnyForm = ReadingsForm | UnknownMeterForm


@require_http_methods(["GET", "HEAD", "POST"])
@consumer_required
def meters(request: ConsumerRequest) -> HttpResponse:
    """The consumer's meters; of the only one its form at once, which is also sent here."""
    if request.method == "POST":
        return _send(request, _form(request))
    day = moscow_day(timezone.now())
    window = window_for(request.user.consumer.legal_form, day)
    lines = meter_lines(request.user, window, day)
    if len(lines) == 1 and lines[0].may_send:
        return _page(request, _form(request, meter=lines[0].meter))
    context = {
        "points": by_point(lines),
        "has_many": sum(line.may_send for line in lines) > 1,
        "month": month_in_words(window.month, today=day),
        "taken_in": taken_in(window, day),
        "service": SERVICE,
    }
    return render(request, "requests/readings/meters.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@consumer_required
def meter(request: ConsumerRequest, pk: int) -> HttpResponse:
    found = _own_meter(request, pk)
    if found.removed_on or found.is_remote:
        context = {"meter": found, "last": _last(found), "service": SERVICE}
        return render(request, "requests/readings/not_taken.html", context)
    form = _form(request, meter=found)
    return _send(request, form) if request.method == "POST" else _page(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@consumer_required
def unknown(request: ConsumerRequest) -> HttpResponse:
    if request.method == "POST":
        return _send(request, UnknownMeterForm(request.POST, request.FILES, owner=request.user))
    return _page(request, UnknownMeterForm(unsent.take(request), owner=request.user))


@require_safe
@consumer_required
def history(request: ConsumerRequest, pk: int) -> HttpResponse:
    found = _own_meter(request, pk)
    months = _months(request, found)
    zones = ZoneLabel.objects.of(found)
    labels = {zone.number: zone.label for zone in zones} if found.zones > 1 else {}
    context = {
        "meter": found,
        "months": months[::-1],
        "chart": chart_of(found, months),
        "changed": [(row, labels.get(row.zone, "")) for row in changed(months)],
        "zones": zones,
        "service": SERVICE,
    }
    return render(request, "requests/readings/history.html", context)


@require_safe
@consumer_required
def table(request: ConsumerRequest, pk: int) -> HttpResponseBase:
    """Everything that was ever given for the meter, corrected and rejected values too, as a CSV."""
    found = _own_meter(request, pk)
    return table_response("csv", name=f"Показания {found.serial}", header=COLUMNS, rows=rows_of(found))


def _own_meter(request: ConsumerRequest, pk: int) -> Meter:
    """A meter at a point of which the consumer has confirmed access. Raises Http404 for any other."""
    return get_object_or_404(Meter.objects.visible_to(request.user).select_related("point"), pk=pk)


def _last(found: Meter) -> list[tuple[str, Reading]]:
    """(zone, its newest accepted reading) of a meter that sends its values itself: that zeros came is seen here."""
    zones = ZoneLabel.objects.of(found) if found.zones > 1 else []
    labels = {zone.number: zone.label for zone in zones}
    month = next_month(moscow_day(timezone.now()), 2)  # later than any that a reading may be of
    newest = standings([found], month=month)[found.pk].before
    return [(labels.get(zone, ""), newest[zone]) for zone in sorted(newest)]


def _months(request: ConsumerRequest, found: Meter) -> list[Month]:
    window = window_for(request.user.consumer.legal_form, moscow_day(timezone.now()))
    return months_of(found, until=window.month)


def _form(request: ConsumerRequest, *, meter: Meter | None = None) -> ReadingsForm:
    if request.method != "POST":
        return ReadingsForm(unsent.take(request), owner=request.user, meter=meter)
    data = request.POST.copy()
    if meter:
        data["meter"] = str(meter.pk)  # that of the address, whatever the page says
    return ReadingsForm(data, request.FILES, owner=request.user, meter=meter)


def _send(request: ConsumerRequest, form: AnyForm) -> HttpResponse:
    with actions.refusals_in(form):
        if form.is_valid():
            if isinstance(form, ReadingsForm) and form.is_known:
                return _nothing_to_send(request, form)
            try:
                sent = actions.send_readings(form=form, by=request.user)
            except actions.AlreadySent as earlier:
                form.renew_key()
                actions.keep_files(form=form, by=request.user)
                return _page(request, form, sent_earlier=earlier.service_request)
            messages.success(request, _thanks(sent, form))
            return redirect(sent)
    actions.keep_files(form=form, by=request.user)
    return _page(request, form)


def _nothing_to_send(request: ConsumerRequest, form: ReadingsForm) -> HttpResponse:
    """The values stand already. Of a colleague's not even that it was one is told: staff may have read them too."""
    if own := form.already_sent:
        messages.info(request, "Эти показания вы уже передали, второй раз не\N{NO-BREAK SPACE}нужно.")
        return redirect(own)
    month = month_in_words(form.window.month, today=form.day)
    told = f"Эти показания за\N{NO-BREAK SPACE}{month} уже переданы, второй раз не\N{NO-BREAK SPACE}нужно."
    messages.info(request, told)
    return redirect("requests:meter_history", form.standing.meter.pk)


def _thanks(sent: ServiceRequest, form: AnyForm) -> str:
    return " ".join(_sentences(sent, form))


def _sentences(sent: ServiceRequest, form: AnyForm) -> Iterator[str]:
    """What is said after sending: the number, for which month, what was left out."""
    if isinstance(form, UnknownMeterForm):
        yield f"Показания переданы, заявка № {sent.number}. Специалист найдёт счётчик и\N{NO-BREAK SPACE}напишет вам."
        return
    month = month_in_words(form.window.month, today=form.day)
    if form.waits:
        yield f"Показания за\N{NO-BREAK SPACE}{month} переданы на\N{NO-BREAK SPACE}проверку, заявка № {sent.number}."
    else:
        yield f"Показания за\N{NO-BREAK SPACE}{month} приняты, заявка № {sent.number}."
    if form.was_cut:
        kept = "лишние цифры" if form.keeps_fraction else "цифры"
        yield f"{kept.capitalize()} после запятой мы\N{NO-BREAK SPACE}отбросили."


def _page(request: ConsumerRequest, form: AnyForm, **context: Any) -> HttpResponse:
    full = {"form": form, "mark": unsent.mark(request.user), "service": SERVICE, **context}
    if isinstance(form, UnknownMeterForm):
        return render(request, "requests/readings/unknown.html", full)
    if form.meter is None:  # what was sent names no meter of the consumer's
        return render(request, "requests/submit.html", full)
    words = {"month": month_in_words(form.window.month, today=form.day), "taken_in": taken_in(form.window, form.day)}
    return render(request, SERVICE.form_template, {**full, **words, "meter": form.meter})
