"""
The days of an office: who comes and who came, a day on which nobody is received, and whom that concerns.

GET shows, POST acts; what an action refuses is said on the page as it is by now.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from requests_app import actions
from requests_app.admin.base import StaffRequest
from requests_app.colleagues import PROCESS_REQUESTS
from requests_app.dates import day_in_words, weekday
from requests_app.services.appointment.life import VISIT
from requests_app.services.appointment.models import MARKED, Appointment, AppointmentQuerySet, VisitState
from requests_app.services.appointment.offices import Office
from requests_app.services.appointment.schedule import displaced, displaced_on, schedule_of
from requests_app.services.appointment.slots import Hours
from requests_app.services.base import VIEW_REQUESTS
from rsmportal.desk_admin import DeskAdmin
from rsmportal.russian import counted

CLOSE = "requests_app.add_closedday"
MARKS = {name: VISIT.get(name) for name in ("came", "missed")}
CORRECTIONS = {"fix_came": VisitState.CAME, "fix_missed": VisitState.MISSED}
_BUTTONS = {
    "came": "Пришёл",
    "missed": "Не пришёл",
    "fix_came": "Исправить: пришёл",
    "fix_missed": "Исправить: не пришёл",
}


class MarkForm(forms.Form):
    """Whether a visitor came; the visits are those of the page alone."""

    visit = forms.IntegerField(min_value=1, max_value=2**63 - 1)  # as large as a key can be
    mark = forms.ChoiceField(choices=[(name, name) for name in (*MARKS, *CORRECTIONS)])

    def __init__(self, *args: Any, visits: AppointmentQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.visits = visits

    def clean_visit(self) -> Appointment:
        visit = self.visits.select_related("service_request").filter(pk=self.cleaned_data["visit"]).first()
        if visit is None:
            raise ValidationError("Такой записи на\N{NO-BREAK SPACE}этой странице нет.", code="invalid_choice")
        return visit


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="Причина",
        max_length=200,
        help_text="Её прочтут те, чей приём отменён",
        error_messages={"required": "Напишите причину: её прочтут посетители."},
    )


class CloseDayForm(ReasonForm):
    """
    A day to close or to shorten. Sent once it is shown whom that concerns; sent again with `confirmed`, which is what
    was shown, it is done.
    """

    day = forms.DateField(label="День", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    receives_until = forms.TimeField(
        label="Принимаем до",
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        help_text="Для короткого дня, например 31\N{NO-BREAK SPACE}декабря до\N{NO-BREAK SPACE}15:00. "
        "Пусто: не\N{NO-BREAK SPACE}принимаем весь день",
    )
    confirmed = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order = ["day", "receives_until", "reason"]

    def __init__(self, *args: Any, office: Office, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.office = office

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day < timezone.localdate():
            raise ValidationError("Этот день уже прошёл.", code="past")
        if day.year > timezone.localdate().year + 1:
            raise ValidationError("До этого дня слишком далеко. Проверьте год.", code="far")
        return day

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        day, until = cleaned.get("day"), cleaned.get("receives_until")
        if day and until:
            self._check_hour(until, schedule_of(self.office).usual_hours(day))
        return cleaned

    @property
    def asked(self) -> str:
        """«2026-11-25 15:00:00»: changed after it was shown, it is to be shown anew."""
        until = self.cleaned_data["receives_until"]
        return f"{self.cleaned_data['day']} {until}" if until else f"{self.cleaned_data['day']}"

    def _check_hour(self, until: time, usual: Hours | None) -> None:
        if usual is None:
            message = "В\N{NO-BREAK SPACE}этот день офис и\N{NO-BREAK SPACE}так не\N{NO-BREAK SPACE}принимает. Проверьте день."
            self.add_error("receives_until", ValidationError(message, code="day_off"))
        elif not usual.opens < until < usual.closes:
            message = (
                f"В\N{NO-BREAK SPACE}этот день офис принимает с\N{NO-BREAK SPACE}{usual.opens:%-H:%M} "
                f"до\N{NO-BREAK SPACE}{usual.closes:%-H:%M}. Напишите время между ними или\N{NO-BREAK SPACE}оставьте поле пустым."
            )
            self.add_error("receives_until", ValidationError(message, code="outside"))


class OfficeDays(DeskAdmin[Office]):
    """The addresses under `…/office/<pk>/`."""

    def get_urls(self) -> list[URLPattern]:
        pages: list[tuple[str, str, Callable[..., HttpResponse]]] = [
            ("day/<str:day>/", "day", self.day_page),
            ("close/", "close", self.close_page),
            ("displaced/", "displaced", self.displaced_page),
        ]
        own = []
        for address, name, view in pages:
            checked = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(view))
            own.append(path(f"<int:pk>/{address}", checked, name=f"requests_app_office_{name}"))
        return [*own, *super().get_urls()]

    def day_page(self, request: StaffRequest, pk: int, day: str) -> HttpResponse:
        office, on = self._found(request, pk, PROCESS_REQUESTS), _date(day)
        visits = Appointment.objects.filter(office=office).on(on)
        if request.method == "POST":
            self._mark(request, MarkForm(request.POST, visits=visits))
            return redirect("admin:requests_app_office_day", office.pk, day)
        found = list(visits.select_related("service_request").order_by("starts_at", "window"))
        title = f"{weekday(on).capitalize()}, {day_in_words(on, today=timezone.localdate())}"
        context = {
            "day": on,
            "days": [on - timedelta(days=1), on + timedelta(days=1)],
            "visits": [(visit, _marks(visit, request)) for visit in found if not visit.is_cancelled],
            "cancelled": [visit for visit in found if visit.is_cancelled],
            "closed": office.closed_days.filter(date=on).first(),
            "displaced": displaced(office, now=timezone.now(), day=on),
        }
        return self._draw(request, office, "admin/requests_app/office/day.html", title, context)

    def close_page(self, request: StaffRequest, pk: int) -> HttpResponse:
        office = self._found(request, pk, CLOSE)
        form = CloseDayForm(request.POST or None, office=office, initial={"day": request.GET.get("day")})
        context: dict[str, Any] = {"form": form}
        if form.is_valid():
            day, until = form.cleaned_data["day"], form.cleaned_data["receives_until"]
            if form.cleaned_data["confirmed"] == form.asked:
                return self._close(request, office, form.cleaned_data)
            affected = displaced_on(office, day, receives_until=until, now=timezone.now())
            context |= {"is_asked": True, "day": day, "until": until, "affected": affected}
        title = "Закрыть или\N{NO-BREAK SPACE}сократить день"
        return self._draw(request, office, "admin/requests_app/office/close.html", title, context)

    def displaced_page(self, request: StaffRequest, pk: int) -> HttpResponse:
        office = self._found(request, pk, PROCESS_REQUESTS)
        affected = displaced(office, now=timezone.now())
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            shown = set(request.POST.getlist("visit"))  # who has become displaced since is shown first
            self._call_off(
                request, office, [visit for visit in affected if str(visit.pk) in shown], form.cleaned_data["reason"]
            )
            return redirect("admin:requests_app_office_displaced", office.pk)
        context = {"form": form, "affected": affected}
        return self._draw(
            request,
            office,
            "admin/requests_app/office/displaced.html",
            "Записи на\N{NO-BREAK SPACE}нерабочее время",
            context,
        )

    def _mark(self, request: StaffRequest, form: MarkForm) -> None:
        if not form.is_valid():
            messages.error(request, "Такой записи на\N{NO-BREAK SPACE}этой странице нет.")
            return
        visit, mark = form.cleaned_data["visit"], form.cleaned_data["mark"]
        try:
            if mark in CORRECTIONS:
                actions.correct_mark(visit, to=CORRECTIONS[mark], by=request.user)
            else:
                actions.transition(visit.service_request, mark, by=request.user)
        except actions.TransitionNotAllowed as refusal:
            messages.error(request, str(refusal))
        else:
            done = "Отметка исправлена." if mark in CORRECTIONS else f"{MARKS[mark].event}."
            messages.success(request, done)

    def _close(self, request: StaffRequest, office: Office, answers: dict[str, Any]) -> HttpResponse:
        day, until, reason = answers["day"], answers["receives_until"], answers["reason"]
        closed = actions.close_day(office, day=day, receives_until=until, reason=reason, by=request.user)
        self.log_change(request, office, f"{'Сокращён' if until else 'Закрыт'} день: {closed}")
        affected = displaced_on(office, day, receives_until=until, now=timezone.now())
        if until:
            done = f"День сокращён: записаться можно только до\N{NO-BREAK SPACE}{until:%-H:%M}."
        else:
            done = "День закрыт: записаться на\N{NO-BREAK SPACE}него нельзя."
        messages.success(request, done)
        self._call_off(request, office, affected, reason)
        return redirect("admin:requests_app_office_day", office.pk, day.isoformat())

    def _call_off(self, request: StaffRequest, office: Office, affected: list[Appointment], reason: str) -> None:
        told = actions.call_off(affected, reason=reason, by=request.user)
        if told:
            numbers = ", ".join(visit.service_request.number for visit in told)
            self.log_change(request, office, f"Отменён приём: {numbers}")
            words = counted(len(told), "запись", "записи", "записей")
            messages.success(
                request, f"Отменили {words} и\N{NO-BREAK SPACE}написали каждому. Кто завтра, тем позвоните."
            )

    def _found(self, request: StaffRequest, pk: int, permission: str) -> Office:
        """The office; 403 for whoever may not do this."""
        if not self.has_view_permission(request) or not request.user.has_perms(
            [VIEW_REQUESTS, PROCESS_REQUESTS, permission]
        ):
            raise PermissionDenied
        office = self.get_object(request, str(pk))
        if office is None:
            raise Http404
        return office

    def _draw(
        self, request: StaffRequest, office: Office, template: str, title: str, context: dict[str, Any]
    ) -> HttpResponse:
        full = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, "office": office, **context}
        full |= {"may_close": request.user.has_perm(CLOSE), "today": timezone.localdate()}
        return TemplateResponse(request, template, full)


def _date(typed: str) -> date:
    """The day of an address. Raises Http404 for what is none, or too far to be counted from."""
    try:
        day = datetime.strptime(typed, "%Y-%m-%d").date()  # noqa: DTZ007  a day of the office's own calendar
    except ValueError:
        raise Http404 from None
    if not 2000 <= day.year <= 2100:
        raise Http404
    return day


def _marks(visit: Appointment, request: StaffRequest) -> list[tuple[str, str]]:
    """The marks that can be set or put right now: name and what the button says."""
    if visit.state in MARKED:
        names = [name for name, state in CORRECTIONS.items() if state != visit.state]
    else:
        steps = [step for step in MARKS.values() if step.starts_from(visit.service_request.status)]
        names = [step.name for step in steps if visit.may_take(step, by=request.user)]
    return [(name, _BUTTONS[name]) for name in names]
