"""Who is away and who stands in: entered by supervisors for all, by each colleague for themselves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from requests_app import actions
from requests_app.actions.absences import ENTER_FOR_OTHERS
from requests_app.admin.assignment_rules import PeopleField
from requests_app.admin.base import StaffRequest
from requests_app.admin.words import colleague
from requests_app.colleagues import PROCESS_REQUESTS, processing_staff
from requests_app.models import Absence
from rsmportal.desk_admin import ReadOnlyAdmin
from rsmportal.russian import counted


def _day() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "input-short"})


class _Colleague(forms.ModelChoiceField[User]):
    def label_from_instance(self, obj: Any) -> str:
        return colleague(obj)


class AbsenceForm(forms.Form):
    mark_optional = False

    who = _Colleague(label="Кого не\N{NO-BREAK SPACE}будет", queryset=User.objects.none(), empty_label=None)
    from_day = forms.DateField(label="С", widget=_day())
    until = forms.DateField(label="По", widget=_day(), help_text="Последний день отсутствия")
    stand_ins = PeopleField(
        label="Кто замещает",
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Открытые заявки перейдут к\N{NO-BREAK SPACE}тем, у\N{NO-BREAK SPACE}кого их меньше. Без\N{NO-BREAK SPACE}замещающих "
        "их распределят правила",
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        staff = processing_staff(with_superusers=False)
        who: Any = self.fields["who"]
        who.queryset = staff if by.has_perm(ENTER_FOR_OTHERS) else User.objects.filter(pk=by.pk)
        who.initial = by.pk
        stand_ins: Any = self.fields["stand_ins"]
        stand_ins.queryset = staff


@admin.register(Absence)
class AbsenceAdmin(ReadOnlyAdmin[Absence]):
    list_display = ["who_column", "from_day", "until", "stand_ins_column", "state"]
    list_select_related = ["who"]
    ordering = ["-from_day", "-pk"]
    fields = ["who_column", "from_day", "until", "stand_ins_column", "state"]
    change_form_template = "admin/requests_app/absence/change_form.html"

    def has_view_permission(self, request: HttpRequest, obj: Absence | None = None) -> bool:
        """Whoever handles requests: supervisors see all, the others their own; see `get_queryset`."""
        user: Any = request.user
        return bool(user.has_perm(PROCESS_REQUESTS))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Absence]:
        found: Any = super().get_queryset(request).prefetch_related("stand_ins")
        visible: QuerySet[Absence] = found.visible_to(request.user)
        return visible

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        any_method = require_http_methods(["GET", "HEAD", "POST"])
        return [
            path("enter/", wrap(any_method(self.enter_page)), name="requests_app_absence_enter"),
            path("<int:pk>/end/", wrap(require_POST(self.end)), name="requests_app_absence_end"),
            path("<int:pk>/return/", wrap(require_POST(self.give_back)), name="requests_app_absence_return"),
            *super().get_urls(),
        ]

    def enter_page(self, request: StaffRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = AbsenceForm(request.POST if request.method == "POST" else None, by=request.user)
        if form.is_valid():
            with actions.refusals_in(form):
                absence = actions.enter_absence(**form.cleaned_data, by=request.user)
                messages.success(request, "Отсутствие внесено.")
                return redirect("admin:requests_app_absence_change", absence.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Внести отсутствие",
            "form": form,
        }
        return TemplateResponse(request, "admin/requests_app/absence/enter.html", context)

    def end(self, request: StaffRequest, pk: int) -> HttpResponse:
        absence = self.get_object(request, str(pk))
        actions.end_absence(absence, by=request.user)
        messages.success(request, "Отсутствие закончено.")
        return redirect("admin:requests_app_absence_change", pk)

    def give_back(self, request: StaffRequest, pk: int) -> HttpResponse:
        absence = self.get_object(request, str(pk))
        amount = actions.give_back(absence, by=request.user)
        messages.success(request, f"Возвращено: {counted(amount, 'заявка', 'заявки', 'заявок')}.")
        return redirect("admin:requests_app_absence_change", pk)

    def render_change_form(self, request: Any, context: dict[str, Any], *args: Any, **kwargs: Any) -> HttpResponse:
        absence: Absence = context["original"]
        today = timezone.localdate()
        context["may_end"] = absence.ended_at is None and absence.until >= today
        context["is_over"] = absence.ended_at is not None or absence.until < today
        context["given"] = absence.changes.filter(cause="absence").count()
        context["to_return"] = actions.returnable(absence).count() if context["is_over"] else 0
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="кого нет")
    def who_column(self, absence: Absence) -> str:
        return colleague(absence.who)

    @admin.display(description="кто замещает")
    def stand_ins_column(self, absence: Absence) -> str:
        return "; ".join(colleague(person) for person in absence.stand_ins.all()) or "по\N{NO-BREAK SPACE}правилам"

    @admin.display(description="состояние")
    def state(self, absence: Absence) -> str:
        today = timezone.localdate()
        if absence.ended_at or absence.until < today:
            return "закончилось"
        return "идёт" if absence.from_day <= today else "впереди"
