"""Who sent an anonymous request: the page that tells it, once a reason is given, and the log of those who have looked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from accounts.fields import format_phone
from accounts.models import Consumer
from requests_app import actions
from requests_app.admin.base import StaffRequest
from requests_app.admin.page import SEE_REPORTER
from requests_app.admin.steps import StepPages
from requests_app.admin.words import colleague
from requests_app.forms import LongText
from requests_app.models import ReporterReveal, Row
from requests_app.models.reveal import ENOUGH_REASON
from rsmportal.desk_admin import ReadOnlyAdmin


class RevealForm(forms.Form):
    reason = forms.CharField(
        label="Основание",
        max_length=500,
        validators=[ENOUGH_REASON],
        widget=LongText(attrs={"rows": 4}),
        help_text="Чей запрос, номер и\N{NO-BREAK SPACE}дата. Останется в\N{NO-BREAK SPACE}журнале вместе "
        "с\N{NO-BREAK SPACE}вашим именем; имя заявителя здесь не\N{NO-BREAK SPACE}пишите",
        error_messages={"required": "Напишите основание: без\N{NO-BREAK SPACE}него имя не\N{NO-BREAK SPACE}показать."},
    )


class ReporterPage(StepPages):
    """The pages of one request, and one more: GET asks for a reason, POST writes it down and shows the reporter."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.reporter_page))
        return [path("<int:pk>/reporter/", view, name="requests_app_servicerequest_reporter"), *super().get_urls()]

    def reporter_page(self, request: StaffRequest, pk: int) -> HttpResponse:
        """No redirect after the POST: what is shown must not wait in a session, and a refresh is one more look."""
        if not self.has_view_permission(request) or not request.user.has_perm(SEE_REPORTER):
            raise PermissionDenied
        service_request = self.get_object(request, str(pk))
        if not service_request.is_anonymous:
            raise Http404
        form = RevealForm(request.POST if request.method == "POST" else None)
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Узнать заявителя",
            "service_request": service_request,
            "form": form,
        }
        if form.is_valid():
            reporter = actions.reveal_reporter(service_request, by=request.user, **form.cleaned_data)
            context["reporter"] = _facts(reporter.consumer)
        return TemplateResponse(request, "admin/requests_app/servicerequest/reporter.html", context)


def _facts(consumer: Consumer) -> list[Row]:
    phone = format_phone(consumer.phone) if consumer.phone else "не\N{NO-BREAK SPACE}указан"
    return [
        Row("Заявитель", consumer.display_name),
        Row("Идентификатор", consumer.masked_identifier),
        Row("Email", consumer.user.email),
        Row("Телефон", phone),
    ]


@admin.register(ReporterReveal)
class ReporterRevealAdmin(ReadOnlyAdmin[ReporterReveal]):
    list_display = ["at", "who", "number", "reason"]
    list_display_links = None
    list_select_related = ["by", "service_request"]
    date_hierarchy = "at"
    ordering = ["-at", "-pk"]
    fields = ["at", "who", "number", "reason"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReporterReveal]:
        return ReporterReveal.objects.visible_to(request.user).order_by(*self.ordering)

    @admin.display(description="кто")
    def who(self, reveal: ReporterReveal) -> str:
        return colleague(reveal.by)

    @admin.display(description="заявка")
    def number(self, reveal: ReporterReveal) -> str:
        return str(reveal.service_request)
