"""The regulator's codes of an appeal that has ended are corrected: a page of its own, beside the steps."""

from __future__ import annotations

from functools import partial
from typing import Any, cast

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from accounts.models import User
from requests_app import actions
from requests_app.admin.base import StaffRequest
from requests_app.admin.forms import CODES, AnswerForm, RefusalForm
from requests_app.admin.steps import Page, StepPages, sent
from requests_app.colleagues import CORRECT_CODES
from requests_app.forms import LongText
from requests_app.lifecycle import Status
from requests_app.models import ServiceRequest
from requests_app.models.term_extension import ENOUGH_REASON

_WHAT_FOLLOWS = (
    "Таблицы 4.1 и\N{NO-BREAK SPACE}4.9 сразу покажут новые коды. Таблицу, которая уже отправлена регулятору или "
    "опубликована, скачайте и\N{NO-BREAK SPACE}отправьте снова. Итог обращения, в\N{NO-BREAK SPACE}срок или "
    "с\N{NO-BREAK SPACE}опозданием, портал ставит сам: здесь он не\N{NO-BREAK SPACE}меняется."
)
# The words of the step by which measures are asked for: whoever withdraws a request gives none.
_DONE = {Status.CLOSED: AnswerForm.done, Status.REFUSED: RefusalForm.done}


class CorrectionForm(forms.Form):
    """The codes as in `AnswerForm`, and why they were wrong. Measures are asked for where that step asks for them."""

    category = AnswerForm.declared_fields["category"]
    measures_done = AnswerForm.declared_fields["measures_done"]
    measures_planned = AnswerForm.declared_fields["measures_planned"]
    reason = forms.CharField(
        label="Причина исправления",
        max_length=300,
        validators=[ENOUGH_REASON],
        widget=LongText(attrs={"rows": 3}),
        help_text="Останется заметкой в\N{NO-BREAK SPACE}заявке вместе с\N{NO-BREAK SPACE}прежними кодами. Видят "
        "только сотрудники, заявителю письма не\N{NO-BREAK SPACE}будет",
        error_messages={"required": "Напишите, почему коды были неверны."},
    )

    def __init__(self, *args: Any, service_request: ServiceRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = self.known = {name: getattr(service_request, name) for name in CODES}
        self.done = _DONE.get(Status(service_request.status), "")
        if not (self.done and service_request.kind.life.promises_answer):
            del self.fields["measures_done"], self.fields["measures_planned"]

    def clean_measures_done(self) -> str:
        return AnswerForm.clean_measures_done(cast(AnswerForm, self))

    def clean_measures_planned(self) -> str:
        return AnswerForm.clean_measures_planned(cast(AnswerForm, self))

    def correction(self) -> dict[str, str]:
        """What `actions.correct_codes` takes. The form is valid."""
        return {**self.known, **self.cleaned_data}


class CorrectionPage(StepPages):
    """The pages of one request, and that of its codes; 404 where it stands in none of the regulator's tables."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.codes_page))
        return [path("<int:pk>/codes/", view, name="requests_app_servicerequest_codes"), *super().get_urls()]

    def codes_page(self, request: StaffRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm(CORRECT_CODES):
            raise PermissionDenied
        service_request = self._found(request, pk)
        if not service_request.kind.counts_as_appeal:
            raise Http404
        form = CorrectionForm(sent(request)[0], service_request=service_request)
        page = Page(
            title="Исправить коды",
            button="Исправить коды",
            done="Коды исправлены.",
            is_possible=actions.may_correct_codes(service_request, by=request.user),
            note=_WHAT_FOLLOWS,
        )
        act = partial(_correct, service_request, form, by=request.user)
        return self._page(request, service_request, form, page, act)


def _correct(service_request: ServiceRequest, form: CorrectionForm, *, by: User) -> None:
    actions.correct_codes(service_request, **form.correction(), by=by)
