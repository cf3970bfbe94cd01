"""What may be done with several requests at once: the form of each job, what it refuses beforehand, and how it does one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, Protocol

from django import forms
from django.http import QueryDict
from django.utils import timezone

from accounts.models import User
from requests_app import actions
from requests_app.admin.forms import CODES, MAX_MEASURES, AnswerForm, ColleagueField, published, step_form_class
from requests_app.admin.last_word import has_last_word
from requests_app.admin.steps import take_step
from requests_app.codes import Category
from requests_app.colleagues import processing_staff
from requests_app.forms import LongText
from requests_app.lifecycle import Actor, Transition
from requests_app.models import ServiceRequest


class Refused(Exception):
    """This one request is left as it is; the text says why, to go on after a colon."""


class BulkForm(forms.Form):
    """What a job asks once for all of its requests. `key` makes the sending of the page idempotent."""

    mark_optional = False

    submission_key = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid.uuid4)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def key_for(self, service_request: ServiceRequest) -> uuid.UUID:
        """A key for each request, the same when the page is sent twice."""
        return uuid.uuid5(self.cleaned_data["submission_key"] or uuid.uuid4(), str(service_request.pk))


class AssignAllForm(BulkForm):
    assignee = ColleagueField(label="Исполнитель", required=False, empty_label="Никто")
    seen_at = forms.DateTimeField(widget=forms.HiddenInput, required=False, initial=timezone.now)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, by=by, **kwargs)
        self.fields["assignee"].queryset = processing_staff()  # type: ignore[attr-defined]
        self.fields["assignee"].initial = by.pk


class CloseAllForm(BulkForm):
    """The codes of the regulator's tables, said once for all; left empty, each request keeps its own."""

    category = forms.ChoiceField(
        label="Категория обращений",
        required=False,
        choices=[("", "У\N{NO-BREAK SPACE}каждой своя, как в\N{NO-BREAK SPACE}списке"), *Category.choices],
    )
    measures_done = forms.CharField(
        label="Выполненные мероприятия",
        max_length=MAX_MEASURES,
        required=False,
        widget=LongText(attrs={"rows": 3}),
        help_text="Если пусто, останется то, что записано при\N{NO-BREAK SPACE}ответе. Для отчёта регулятору, который "
        "публикуется: без имён, телефонов и\N{NO-BREAK SPACE}адресов",
    )
    measures_planned = forms.CharField(
        label="Планируемые мероприятия",
        max_length=MAX_MEASURES,
        required=False,
        widget=LongText(attrs={"rows": 3}),
        help_text="Если пусто, останется то, что записано при\N{NO-BREAK SPACE}ответе",
    )

    def clean_measures_done(self) -> str:
        return published(self.cleaned_data["measures_done"])

    def clean_measures_planned(self) -> str:
        return published(self.cleaned_data["measures_planned"])


class _Refusal(Protocol):
    def __call__(self, service_request: ServiceRequest, *, by: User) -> str: ...


class _Act(Protocol):
    def __call__(self, service_request: ServiceRequest, form: Any, *, by: User) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Job:
    """A kind of work on several requests."""

    name: str
    title: str  # of its page and its button in the list
    button: str
    done: str  # «Закрыты»
    note: str  # what follows for the consumers
    refusal: _Refusal  # why this request will be left as it is, or nothing
    act: _Act  # one request; raises `Refused`, `TransitionNotAllowed` or `PermissionDenied`
    form_class: type[BulkForm] = BulkForm


# -- Assign ---------------------------------------------------------------------------------------------------------


def _why_not_assigned(service_request: ServiceRequest, *, by: User) -> str:
    return "" if actions.may_process(service_request, by=by) else "такие заявки обрабатываете не\N{NO-BREAK SPACE}вы"


def _assign(service_request: ServiceRequest, form: AssignAllForm, *, by: User) -> None:
    to = form.cleaned_data["assignee"]
    if to is None or service_request.assignee_id != to.pk:  # a second press of the button changes nothing
        actions.assign(service_request, to=to, by=by, seen_at=form.cleaned_data["seen_at"])


_UNREAD = "после ответа заявитель написал: прочтите и\N{NO-BREAK SPACE}закройте её на\N{NO-BREAK SPACE}её странице"

# -- Steps of the life cycle ----------------------------------------------------------------------------------------


def _staff_step(service_request: ServiceRequest, name: str) -> Transition | None:
    steps = service_request.kind.life.transitions
    return next((step for step in steps if step.name == name and step.actor == Actor.STAFF), None)


def _why_no_step(service_request: ServiceRequest, name: str, *, by: User) -> str:
    """Why the step cannot be taken now by this colleague, or nothing."""
    if not actions.may_process(service_request, by=by):
        return "такие заявки обрабатываете не\N{NO-BREAK SPACE}вы"
    step = _staff_step(service_request, name)
    if step is None:
        return f"для услуги «{service_request.get_service_display()}» такого шага нет"
    if step not in actions.available_transitions(service_request, by=by):
        return f"статус «{service_request.kind.life.staff_label(service_request.status)}»"
    return ""


def _why_not_taken(service_request: ServiceRequest, *, by: User) -> str:
    return _why_no_step(service_request, "take", by=by)


def _why_not_closed(service_request: ServiceRequest, *, by: User) -> str:
    """Where closing asks more than the codes, or the applicant had the last word, it is done on the page of the request."""
    if refusal := _why_no_step(service_request, "close", by=by):
        return refusal
    if step_form_class(service_request.service, "close") is not AnswerForm:
        return "закрытие спрашивает больше: закройте её на\N{NO-BREAK SPACE}её странице"
    return _UNREAD if has_last_word(service_request) else ""


def _take(service_request: ServiceRequest, form: BulkForm, *, by: User) -> None:
    _take_step(service_request, "take", form, {}, by=by)


def _close(service_request: ServiceRequest, form: CloseAllForm, *, by: User) -> None:
    if has_last_word(service_request):
        raise Refused(_UNREAD)
    codes = {name: form.cleaned_data[name] or getattr(service_request, name) for name in CODES}
    _take_step(service_request, "close", form, codes, by=by)


def _take_step(
    service_request: ServiceRequest, name: str, form: BulkForm, answers: dict[str, str], *, by: User
) -> None:
    """With the form that the page of one request has, filled in: what that refuses is refused here."""
    step = _staff_step(service_request, name)
    if step is None:
        raise Refused(f"для услуги «{service_request.get_service_display()}» такого шага нет")
    data = QueryDict(mutable=True)
    data.update({**answers, "submission_key": str(form.key_for(service_request))})
    form_class = step_form_class(service_request.service, name)
    own_form = form_class(data, owner=by, transition=step, service_request=service_request)
    if not own_form.is_valid():
        raise Refused(" ".join(str(error) for errors in own_form.errors.values() for error in errors))
    take_step(service_request, step, form=own_form, by=by)


JOBS = {
    job.name: job
    for job in (
        Job(
            name="assign",
            title="Назначить",
            button="Назначить",
            done="Назначены",
            note="Заявители об\N{NO-BREAK SPACE}этом не\N{NO-BREAK SPACE}узнают.",
            refusal=_why_not_assigned,
            act=_assign,
            form_class=AssignAllForm,
        ),
        Job(
            name="take",
            title="Взять в\N{NO-BREAK SPACE}работу",
            button="Взять в\N{NO-BREAK SPACE}работу",
            done="Взяты в\N{NO-BREAK SPACE}работу",
            note="Исполнителем заявок без исполнителя станете вы. Заявителям придут письма.",
            refusal=_why_not_taken,
            act=_take,
        ),
        Job(
            name="close",
            title="Закрыть",
            button="Закрыть",
            done="Закрыты",
            note="Заявителям придут письма.",
            refusal=_why_not_closed,
            act=_close,
            form_class=CloseAllForm,
        ),
    )
}
