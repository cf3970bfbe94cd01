"""Surveys for the consumer: those that wait, and the page of one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import ConsumerRequest, consumer_required
from requests_app import actions, unsent
from requests_app.models import ServiceRequest
from requests_app.services import survey as service
from requests_app.services.survey.answers import Participation
from requests_app.services.survey.form import ANSWERED, SurveyForm, initial_from
from requests_app.services.survey.invitations import invitations
from requests_app.services.survey.models import Survey

LATER = "later"  # the button that puts off


@require_safe
@consumer_required
def survey_list(request: ConsumerRequest) -> HttpResponse:
    found = invitations(request.user)
    context = {
        "service": service.SERVICE,
        "waiting": [each for each in found if not each.is_answered],
        "answered": [each for each in found if each.is_answered],
    }
    return render(request, "requests/survey/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@consumer_required
def survey_page(request: ConsumerRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    survey = get_object_or_404(Survey.objects.visible_to(request.user, on=today), pk=pk)
    mine = _mine(request, survey)
    if mine and mine.service_request:
        return _answered(request, mine.service_request)
    if not survey.is_open(on=today):
        return render(request, "requests/survey/over.html", {"survey": survey})
    if request.method == "POST":
        return _put_off(request, survey) if LATER in request.POST else _send(request, survey)
    kept = unsent.take(request)
    if kept is not None:
        kept = kept.copy()
        kept["survey"] = str(survey.pk)
    return _page(
        request, survey, _form(request, survey, mine) if kept is None else SurveyForm(kept, owner=request.user)
    )


def _form(request: ConsumerRequest, survey: Survey, mine: Participation | None) -> SurveyForm:
    """With what was kept of an earlier sitting."""
    form = SurveyForm(initial={"survey": survey.pk}, owner=request.user)
    if mine:
        form.initial = {**form.initial, **initial_from(mine.draft, form.questions)}
    return form


def _send(request: ConsumerRequest, survey: Survey) -> HttpResponse:
    data = request.POST.copy()
    data["survey"] = str(survey.pk)  # the address decides, whatever else was sent
    form = SurveyForm(data, owner=request.user)
    with actions.refusals_in(form):
        if form.is_valid():
            sent = actions.submit(service=service.SERVICE, form=form, by=request.user)
            messages.success(request, "Спасибо, ответы приняты.")
            return redirect(sent)
    mine = _mine(request, survey)  # another tab may have been quicker
    if mine and mine.service_request:
        return _answered(request, mine.service_request)
    survey.refresh_from_db()  # it may have changed in the very moment of sending
    return _page(request, survey, form)


def _put_off(request: ConsumerRequest, survey: Survey) -> HttpResponse:
    try:
        actions.put_off(survey, data=request.POST, by=request.user)
    except actions.SurveyNotChanged as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(
            request,
            "Ответы сохранены, но\N{NO-BREAK SPACE}ещё не\N{NO-BREAK SPACE}отправлены. Продолжить можно отсюда или из\N{NO-BREAK SPACE}кабинета.",
        )
    return redirect("requests:surveys")


def _mine(request: ConsumerRequest, survey: Survey) -> Participation | None:
    return survey.participations.of(request.user).select_related("service_request").first()


def _answered(request: ConsumerRequest, sent: ServiceRequest) -> HttpResponse:
    """One answer each. A double click or a refresh sends the same page again, and is led to what it has become."""
    if request.method == "POST" and request.POST.get("submission_key") != str(sent.submission_key):
        messages.warning(request, ANSWERED)
    return redirect(sent)


def _page(request: ConsumerRequest, survey: Survey, form: SurveyForm) -> HttpResponse:
    fields = [field for field in form.visible_fields() if field.value() not in (None, "", [])]
    context = {
        "survey": survey,
        "form": form,
        "mark": unsent.mark(request.user),
        "given": len(fields),
        "total": len(form.questions),
    }
    return render(request, "requests/survey/page.html", context)
