"""The day of the answer is moved: a page of its own beside the steps."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.models import User
from requests_app import actions
from requests_app.admin.base import StaffRequest
from requests_app.admin.steps import Page, StepPages, sent
from requests_app.admin.words import told_how
from requests_app.colleagues import EXTEND_TERMS
from requests_app.forms import LongText
from requests_app.models import ServiceRequest
from requests_app.models.term_extension import ENOUGH_REASON

_LATE = (
    "Срок уже прошёл. Заявитель узнает новый день, но\N{NO-BREAK SPACE}в\N{NO-BREAK SPACE}отчёте ответ останется "
    "данным с\N{NO-BREAK SPACE}опозданием."
)


class ExtensionForm(forms.Form):
    """Until when, and why: the consumer reads it."""

    mark_optional = False

    until = forms.DateField(
        label="Ответим до",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "input-short"}),
        help_text=f"Рабочий день, не\N{NO-BREAK SPACE}дальше {actions.MOST_DAYS} дней от\N{NO-BREAK SPACE}первого срока",
        error_messages={"required": "Выберите новый срок.", "invalid": "Напишите дату, например 25.12.2026."},
    )
    reason = forms.CharField(
        label="Причина для заявителя",
        max_length=300,
        validators=[ENOUGH_REASON],
        widget=LongText(attrs={"rows": 3}),
        error_messages={"required": "Напишите причину: заявитель должен её знать."},
    )

    def __init__(self, *args: Any, service_request: ServiceRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        written = "Заявитель увидит её в\N{NO-BREAK SPACE}кабинете и\N{NO-BREAK SPACE}получит письмо о\N{NO-BREAK SPACE}новом сроке"
        self.fields["reason"].help_text = told_how(service_request, written=written)
        self.fields["until"].widget.attrs["min"] = (timezone.localdate() + timedelta(days=1)).isoformat()


class ExtensionPage(StepPages):
    """The pages of one request, and that of its term; 404 where no day is promised to the consumer."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.extend_page))
        return [path("<int:pk>/extend/", view, name="requests_app_servicerequest_extend"), *super().get_urls()]

    def extend_page(self, request: StaffRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm(EXTEND_TERMS):
            raise PermissionDenied
        service_request = self._found(request, pk)
        if not service_request.kind.life.promises_answer:
            raise Http404
        form = ExtensionForm(sent(request)[0], service_request=service_request)
        is_possible = actions.may_extend(service_request, by=request.user)
        page = Page(
            title="Продлить срок",
            button="Продлить срок",
            done="Срок продлён.",
            is_possible=is_possible,
            note=_LATE if service_request.due_on < timezone.localdate() else "",
        )
        act = partial(_extend, service_request, form, by=request.user)
        return self._page(request, service_request, form, page, act)


def _extend(service_request: ServiceRequest, form: ExtensionForm, *, by: User) -> None:
    actions.extend_term(service_request, by=by, **form.cleaned_data)
