"""The page of questions of one survey."""

from __future__ import annotations

import hashlib
from typing import Any

from django import forms
from django.utils import timezone

from accounts.models import User
from requests_app.models.detail import RequestDetail
from requests_app.models.request import ServiceRequest
from requests_app.services.base import CannotBeSent, ServiceForm
from requests_app.services.survey.answers import Participation, store
from requests_app.services.survey.entry import SurveyEntry
from requests_app.services.survey.fields import answer_to, field_of
from requests_app.services.survey.life import COUNT
from requests_app.services.survey.models import Question, Survey, edition

_MAX_DRAFT = 4000  # characters kept of one field
_CHANGED = "Пока вы отвечали, опрос изменился. Прочитайте условия, проверьте ответы и отправьте ещё раз."
_CLOSED = "Опрос закончился, ответы больше не принимаются."
ANSWERED = "Вы уже ответили на этот опрос. Засчитаны первые ответы."


class SurveyForm(ServiceForm):
    """
    The survey is named by the field `survey`, in the data or among the initial values; its questions become fields
    called q1, q2… by their keys. Without a survey that is open to the consumer there is nothing to fill in.
    """

    subject_field = "survey"
    common = []  # nobody answers to answers, and there is nothing to attach

    edition = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = SurveyEntry
        fields = ["survey"]
        widgets = {"survey": forms.HiddenInput}

    def __init__(self, *args: Any, owner: User, **kwargs: Any) -> None:
        super().__init__(*args, owner=owner, **kwargs)
        today = timezone.localdate()
        open_now = Survey.objects.open(on=today)
        mine = open_now.visible_to(owner, on=today) if owner.is_consumer else open_now.none()
        self.fields["survey"].queryset = mine  # type: ignore[attr-defined]
        self.questions: list[Question] = []
        survey = self._survey()
        if survey:
            self.ask(survey)

    def ask(self, survey: Survey) -> None:
        """Make the questions of the survey the fields of this form."""
        self.questions = survey.asked()
        for number, question in enumerate(self.questions, start=1):
            self.fields[name_of(question)] = field_of(question, number=number)
        self.asked_edition = edition(survey, self.questions)
        self.initial.setdefault("edition", self.asked_edition)

    def _survey(self) -> Survey | None:
        named = self.data.get("survey") if self.is_bound else self.initial.get("survey")
        if isinstance(named, Survey):
            named = named.pk
        if not str(named or "").isascii() or not str(named or "").isdigit():
            return None
        return self.fields["survey"].queryset.filter(pk=named).first()  # type: ignore[attr-defined,no-any-return]

    # -- Checking ---------------------------------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.questions and cleaned.get("edition") != self.asked_edition:
            self.data = self.data.copy()
            self.data["edition"] = self.asked_edition
            self.add_error(None, forms.ValidationError(_CHANGED, code="changed"))
        return cleaned

    # -- For `actions.submit` ---------------------------------------------------------------------------------------

    def subject(self) -> str:
        return str(self.cleaned_data["survey"])

    def content_hash(self) -> str:
        """Of the survey alone: marks from 1 to 5 could be guessed from a hash of the answers."""
        return hashlib.sha256(f"survey {self.cleaned_data['survey'].pk}".encode()).hexdigest()

    def first_step(self) -> str:
        return COUNT.name

    def save_detail(self, service_request: ServiceRequest) -> RequestDetail:
        survey = Survey.objects.locked_row().get(pk=self.cleaned_data["survey"].pk)
        self._check_still_open(survey)
        participation, _ = Participation.objects.get_or_create(survey=survey, user=self.owner)
        if participation.service_request_id:
            raise CannotBeSent(None, ANSWERED)
        participation.service_request, participation.draft = service_request, {}
        participation.save()
        legal_form = service_request.applicant_legal_form
        store(survey, self.given(), participation=participation, legal_form=legal_form)
        return super().save_detail(service_request)

    def given(self) -> dict[Question, Any]:
        """The answers that were given, as they are stored."""
        answers = {q: answer_to(q, self.cleaned_data[name_of(q)]) for q in self.questions}
        return {question: answer for question, answer in answers.items() if answer is not None}

    def _check_still_open(self, survey: Survey) -> None:
        if not survey.is_open(on=timezone.localdate()):
            raise CannotBeSent(None, _CLOSED)
        if edition(survey, survey.asked()) != self.asked_edition:
            raise CannotBeSent(None, _CHANGED)


def name_of(question: Question) -> str:
    return f"q{question.pk}"


def draft_of(data: Any, questions: list[Question]) -> dict[str, list[str]]:
    """What was typed for these questions, wrong answers too; empty answers are left out."""
    draft: dict[str, list[str]] = {}
    for question in questions:
        most = max(len(question.options.all()), 1)
        typed = [str(value)[:_MAX_DRAFT].replace("\0", "") for value in data.getlist(name_of(question))[:most]]
        if any(value.strip() for value in typed):
            draft[str(question.pk)] = typed
    return draft


def initial_from(draft: dict[str, list[str]], questions: list[Question]) -> dict[str, Any]:
    """A draft as the initial values of the form."""
    found: dict[str, Any] = {}
    for question in questions:
        values = draft.get(str(question.pk))
        if values:
            found[name_of(question)] = values if question.kind == "several" else values[0]
    return found
