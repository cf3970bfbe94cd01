"""Booking a visit, choosing another time for it, and its event for a calendar."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import ConsumerRequest, consumer_required
from requests_app import actions, unsent
from requests_app.models import ServiceRequest
from requests_app.services import appointment
from requests_app.services.appointment.calendar_file import FILE_NAME, calendar_file
from requests_app.services.appointment.forms import AppointmentForm, MoveForm
from requests_app.services.appointment.life import MOVE
from requests_app.services.appointment.models import Appointment
from requests_app.views import submit
from requests_app.views.tracking import own_request


@require_http_methods(["GET", "HEAD", "POST"])
@consumer_required
def book(request: ConsumerRequest) -> HttpResponseBase:
    if request.method == "POST" and "show" not in request.POST:
        return submit.submit(request, appointment.SERVICE.slug)
    form = AppointmentForm(unsent.take(request), owner=request.user, initial=_asked(request))
    return submit.page(request, appointment.SERVICE, form)


@require_http_methods(["GET", "HEAD", "POST"])
@consumer_required
def move(request: ConsumerRequest, number: str) -> HttpResponse:
    service_request = _own_visit(request, number)
    visit: Appointment = service_request.appointment
    is_sent = request.method == "POST" and "show" not in request.POST
    form = MoveForm(request.POST if is_sent else None, appointment=visit, initial=_asked(request))
    with actions.refusals_in(form, service_request):
        if form.is_valid():
            actions.move_visit(service_request, form=form, by=request.user)
            messages.success(request, "Время приёма изменено. Письмо придёт на\N{NO-BREAK SPACE}вашу почту.")
            return redirect(service_request)
    is_possible = MOVE in actions.available_transitions(service_request, by=request.user)
    context = {"service_request": service_request, "visit": visit, "form": form, "is_possible": is_possible}
    return render(request, "requests/appointment/move.html", context)


@require_safe
@consumer_required
def calendar(request: ConsumerRequest, number: str) -> HttpResponse:
    visit: Appointment = _own_visit(request, number).appointment
    headers = {"Content-Disposition": f'attachment; filename="{FILE_NAME}"'}
    return HttpResponse(calendar_file(visit), content_type="text/calendar; charset=utf-8", headers=headers)


def _own_visit(request: ConsumerRequest, number: str) -> ServiceRequest:
    """The consumer's own appointment. Raises Http404 for another's, and for a request for something else."""
    service_request = own_request(request, number)
    if service_request.service != appointment.SERVICE.slug:
        raise Http404
    return service_request


def _asked(request: ConsumerRequest) -> dict[str, Any]:
    """Which day is to be shown, and with it what was typed already: nothing of that is lost."""
    if request.method != "POST":
        return {name: request.GET[name] for name in ("office", "day") if name in request.GET}
    typed: dict[str, Any] = request.POST.dict()
    typed.pop("submission_key", None)
    return {**typed, "needs": request.POST.getlist("needs")}
