"""
What is done with a survey as a whole: looked at as consumers see it, published, closed, copied, and its results read.

A page that changes something is shown by GET and acts on POST.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from requests_app import actions
from requests_app.admin.base import StaffRequest
from requests_app.services.survey.form import SurveyForm
from requests_app.services.survey.models import Survey
from requests_app.services.survey.publishing import problems
from requests_app.services.survey.results import HIDDEN, TITLES, Results, results
from requests_app.table_responses import FORMATS, table_response
from requests_app.tables import Value
from rsmportal.desk_admin import DeskAdmin

CHANGE = "requests_app.change_survey"
ADD = "requests_app.add_survey"
RESULTS = "requests_app.view_survey_results"


@dataclass(frozen=True, kw_only=True)
class SurveyStep:
    """What can be done with a survey, and what its page says."""

    title: str
    text: str
    done: str
    permission: str = CHANGE
    is_final: bool = False


STEPS = {
    "publish": SurveyStep(
        title="Опубликовать",
        text="С первого дня опрос увидят все, кому он адресован. Менять вопросы можно, пока никто не начал отвечать.",
        done="Опрос опубликован.",
    ),
    "close": SurveyStep(
        title="Завершить и подвести итоги",
        text="Ответы больше не принимаются, начатые и не отправленные удаляются. Открыть опрос снова нельзя: иначе по "
        "разнице итогов было бы видно, как ответил последний.",
        done="Опрос завершён.",
        is_final=True,
    ),
    "copy": SurveyStep(
        title="Создать копию",
        text="Новый опрос с теми же вопросами: его можно изменить и опубликовать.",
        done="Копия создана. Проверьте название и период.",
        permission=ADD,
    ),
}


class SurveyPages(DeskAdmin[Survey]):
    def get_urls(self) -> list[URLPattern]:
        pages: list[tuple[str, str, Any]] = [
            (f"<int:pk>/{name}/", name, require_http_methods(["GET", "HEAD", "POST"])(partial(self.step, name=name)))
            for name in STEPS
        ]
        pages += [
            ("<int:pk>/preview/", "preview", require_safe(self.preview)),
            ("<int:pk>/results/", "results", require_safe(self.results)),
            ("<int:pk>/results.<slug:ending>", "export", require_safe(self.export)),
        ]
        own = [
            path(address, self.admin_site.admin_view(view), name=f"requests_app_survey_{name}")
            for address, name, view in pages
        ]
        return [*own, *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        survey: Survey | None = context["original"]
        context |= {"subtitle": None, "show_save_and_add_another": False}
        if survey:
            context |= {"survey": survey, "steps": _possible(survey, request)}
            context |= {"may_read_results": request.user.has_perm(RESULTS)}
            context |= {"questions": survey.asked() if survey.is_locked else []}
        return super().render_change_form(request, context, *args, **kwargs)

    # -- Pages ------------------------------------------------------------------------------------------------------

    def step(self, request: StaffRequest, pk: int, name: str) -> HttpResponse:
        step = STEPS[name]
        survey = self._found(request, pk, step.permission)
        refused = ""
        if request.method == "POST":
            try:
                became = _take(name, survey, request)
            except actions.SurveyNotChanged as refusal:
                refused = str(refusal)
            else:
                self.log_change(request, became, step.done)
                messages.success(request, step.done)
                return redirect("admin:requests_app_survey_change", became.pk)
        lacking = problems(survey, survey.asked(), today=timezone.localdate()) if name == "publish" else []
        context = {"step": step, "refused": refused, "lacking": lacking}
        return self._draw(request, survey, "admin/requests_app/survey/step.html", title=step.title, **context)

    def preview(self, request: StaffRequest, pk: int) -> HttpResponse:
        survey = self._found(request, pk, "requests_app.view_survey")
        form = SurveyForm(owner=request.user)
        form.ask(survey)
        context = {"survey": survey, "form": form, "given": 0, "total": len(form.questions), "is_preview": True}
        return render(request, "requests/survey/page.html", context)

    def results(self, request: StaffRequest, pk: int) -> HttpResponse:
        survey = self._found(request, pk, RESULTS)
        context = {"results": results(survey), "formats": FORMATS, "hidden": HIDDEN if survey.is_anonymous else "—"}
        return self._draw(request, survey, "admin/requests_app/survey/results.html", title="Итоги опроса", **context)

    def export(self, request: StaffRequest, pk: int, ending: str) -> HttpResponseBase:
        """The same numbers as on the page, and nothing of single answers."""
        survey = self._found(request, pk, RESULTS)
        found = results(survey)
        if ending not in FORMATS or not found.may_be_read:
            raise Http404
        header = ["Вопрос", "Ответ", *_columns(survey), "Доля, %"]
        name = f"Итоги опроса {survey.pk}"
        rows = _rows(found, hidden=HIDDEN if survey.is_anonymous else "")
        return table_response(ending, name=name, header=header, rows=rows, widths=[50, 40])

    def _found(self, request: StaffRequest, pk: int, permission: str) -> Survey:
        """The survey; 403 for whoever may not do this."""
        if not request.user.has_perm(permission):
            raise PermissionDenied
        survey: Survey | None = self.get_object(request, str(pk))
        if survey is None:
            raise Http404
        return survey

    def _draw(self, request: StaffRequest, survey: Survey, template: str, **context: Any) -> HttpResponse:
        full = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "subtitle": survey.title,
            "survey": survey,
            **context,
        }
        return TemplateResponse(request, template, full)


def _possible(survey: Survey, request: HttpRequest) -> dict[str, SurveyStep]:
    """The steps that make sense now and that this colleague may take."""
    has_begun = survey.published_at and survey.opens_on <= timezone.localdate()
    makes_sense = {"publish": not survey.published_at, "close": has_begun and not survey.closed_at, "copy": True}
    return {name: step for name, step in STEPS.items() if makes_sense[name] and request.user.has_perm(step.permission)}


def _take(name: str, survey: Survey, request: StaffRequest) -> Survey:
    """Do it; returns the survey to look at next."""
    if name == "copy":
        return actions.copy_survey(survey, by=request.user)
    act = actions.publish_survey if name == "publish" else actions.close_survey
    act(survey, by=request.user)
    return survey


def _columns(survey: Survey) -> list[str]:
    forms = survey.legal_forms
    return [TITLES[column] for column in ["total", *(forms if len(forms) > 1 else [])]]


def _rows(found: Results, *, hidden: str) -> Iterator[list[Value]]:
    """A line for each answer that could be given, then the average, then the texts."""

    def shown(value: Any) -> Value:
        return hidden if value is None else value

    for outcome in found.outcomes:
        question = outcome.question.text
        yield [question, "Ответили", *map(shown, outcome.answered.values()), ""]
        for line in outcome.lines:
            yield [question, line.label, *map(shown, line.counts.values()), shown(line.share)]
        if outcome.averages:
            yield [question, "Среднее", *map(shown, outcome.averages.values()), ""]
        if outcome.index is not None:
            yield [question, "Индекс рекомендации", outcome.index, *[""] * len(outcome.answered)]
        for text in outcome.texts:
            yield [question, text, *[""] * (len(outcome.answered) + 1)]
