"""The box in which an answer is written: canned replies, the draft that is kept, who else looks at the request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import User
from requests_app import actions, replies
from requests_app.admin.base import StaffRequest
from requests_app.admin.words import colleague
from requests_app.dates import day_in_words
from requests_app.forms import FilesForm
from requests_app.models import AnswerDraft, Presence, ServiceRequest

_NOT_DRAFTED = {"files", "submission_key"}
_OTHER_FORMS = {"message": "сообщение", "note": "заметка"}  # the rest are named by their steps


# -- Canned replies -------------------------------------------------------------------------------------------------


def text_name(form: forms.BaseForm) -> str:
    """The field for the main text; empty when the form has none."""
    return next((name for name in ("comment", "body") if name in form.fields), "")


def with_reply(request: StaffRequest, service_request: ServiceRequest, form: FilesForm) -> FilesForm:
    """The bound form with the chosen reply behind what was typed; files that were chosen are kept."""
    offered = {str(reply.pk): reply for reply in replies.offered(service_request, by=request.user)}
    reply = offered.get(request.POST.get("reply", ""))
    name = text_name(form)
    form.is_valid()
    actions.keep_files(form=form, by=request.user)
    form.show_as_typed()
    if reply is None or not name:
        messages.warning(request, "Выберите готовый ответ из\N{NO-BREAK SPACE}списка.")
        return form
    form.data = form.data.copy()
    form.data[name] = "\n\n".join(filter(None, [form.data.get(name, "").rstrip(), reply.text]))
    messages.info(request, f"Вставлен готовый ответ «{reply.title}». Проверьте его и\N{NO-BREAK SPACE}отправьте.")
    if reply.warning:
        messages.warning(request, reply.warning)
    return form


# -- Draft ----------------------------------------------------------------------------------------------------------


def opened(form: FilesForm, draft: AnswerDraft | None) -> FilesForm:
    """A form that was not sent, with what is kept of it."""
    if draft and not form.is_bound:
        written = QueryDict(draft.answers)
        for name, question in form.fields.items():
            if name in written and name not in _NOT_DRAFTED:
                form.initial[name] = question.widget.value_from_datadict(written, {}, name)
    return form


def keep_draft(request: StaffRequest, service_request: ServiceRequest, name: str, form: FilesForm) -> HttpResponse:
    """Store what was typed, or remove what is stored when nothing is, and say so to the script or by the page."""
    is_deletion = "delete_draft" in request.POST
    answers = "" if is_deletion else _answers(form)
    kept = actions.save_draft(service_request, form=name, answers=answers, key=form.key, by=request.user)
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"saved": date_format(timezone.localtime(), "G:i") if kept else ""})
    if is_deletion:
        messages.success(request, "Черновик удалён.")
    elif kept:
        lost = " Файлы в\N{NO-BREAK SPACE}него не\N{NO-BREAK SPACE}входят." if request.FILES else ""
        messages.success(request, f"Черновик сохранён.{lost}")
    else:
        messages.warning(request, "Черновик не\N{NO-BREAK SPACE}сохранён: текста нет или он слишком длинный.")
    return redirect(request.get_full_path())


def _answers(form: FilesForm) -> str:
    """What stands in the form, encoded as it was sent; empty when no text is written."""
    data: Any = form.data
    kept = QueryDict(mutable=True)
    is_written = False
    for name, question in form.fields.items():
        if name in data and name not in _NOT_DRAFTED:
            values = [value.replace("\0", "") for value in data.getlist(name)]
            kept.setlist(name, values)
            is_written |= isinstance(question.widget, forms.Textarea) and any(value.strip() for value in values)
    return kept.urlencode() if is_written else ""


# -- Who else -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A draft as the page names it: its form in a word, and when it was saved."""

    form: str
    what: str
    who: str
    at: str
    url: str  # where it is gone on with


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Who else has the request open, and what is written and not sent: own drafts apart from those of colleagues."""

    lookers: list[Presence] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    own: dict[str, AnswerDraft] = field(default_factory=dict)  # by form
    service_request: ServiceRequest

    @property
    def own_drafts(self) -> list[Draft]:
        return [described(draft, self.service_request) for draft in self.own.values()]


def desk_of(service_request: ServiceRequest, *, by: User) -> Desk:
    """Two queries. Of a colleague's draft no more than that it is there."""
    others = service_request.presences.now().exclude(user=by).select_related("user")
    drafts = list(service_request.answer_drafts.select_related("author").order_by("saved_at"))
    return Desk(
        lookers=list(others.order_by("user_id")),
        drafts=[described(draft, service_request) for draft in drafts if draft.author_id != by.pk],
        own={draft.form: draft for draft in drafts if draft.author_id == by.pk},
        service_request=service_request,
    )


def described(draft: AnswerDraft, service_request: ServiceRequest) -> Draft:
    """«черновик от 14:05», of another day with its date."""
    saved = timezone.localtime(draft.saved_at)
    day = "" if saved.date() == timezone.localdate() else f"{day_in_words(saved, today=timezone.localdate())}, "
    labels = {step.name: step.label for step in service_request.kind.life.transitions} | _OTHER_FORMS
    return Draft(
        form=draft.form,
        what=labels.get(draft.form, "").lower(),
        who=colleague(draft.author),
        at=f"{day}{date_format(saved, 'G:i')}",
        url=address_of(service_request, draft.form),
    )


def address_of(service_request: ServiceRequest, form: str) -> str:
    """The page of a form: of a step, or `message` or `note`."""
    prefix = "admin:requests_app_servicerequest"
    if form in _OTHER_FORMS:
        return reverse(f"{prefix}_{form}", args=[service_request.pk])
    return reverse(f"{prefix}_transition", args=[service_request.pk, form])


# -- The box --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Box:
    """What `_answer.html` draws."""

    form: forms.Form | FilesForm
    name: str  # under which the draft is kept; empty for a form without a text
    action: str  # the address that takes it; empty for the page itself
    button: str
    is_danger: bool = False
    draft: Draft | None = None
    replies: list[replies.Reply] = field(default_factory=list)

    @property
    def text_id(self) -> str:
        name = text_name(self.form)
        return self.form[name].auto_id if name else ""

    @property
    def is_kept(self) -> bool:
        """Is there nothing on the page that would be lost with it?"""
        return not self.form.is_bound
