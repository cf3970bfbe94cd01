"""
What staff do with one request, each on a page of its own: GET shows the form, POST acts and leads back.

Nothing typed is lost: what an action refuses is said above the form, beside the request as it is by now and what has
come to it meanwhile. A page with a text offers canned replies and keeps a draft: see `answering`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.staff_session import background
from requests_app import actions, replies, services, unseen, unsent
from requests_app.admin import answering
from requests_app.admin.base import StaffRequest
from requests_app.admin.forms import AssignForm, LetterForm, NoteForm, StepForm, TakeForm, step_form_class
from requests_app.admin.page import conversation
from requests_app.admin.timeline import Entry, told
from requests_app.admin.words import colleague, due_badge, status_badge
from requests_app.colleagues import PROCESS_REQUESTS
from requests_app.forms import FilesForm
from requests_app.lifecycle import Actor, Status, Transition
from requests_app.models import AnswerDraft, ServiceRequest
from requests_app.models.request_queryset import ServiceRequestQuerySet
from rsmportal.desk_admin import ReadOnlyAdmin


@dataclass(frozen=True, kw_only=True)
class Page:
    """What a page says beside its form."""

    title: str
    button: str
    done: str  # once it is
    step: Transition | None = None
    is_possible: bool = True  # with the request as it is; without a form otherwise
    form_name: str = ""  # under which a draft of the form is kept; without it none is
    offers_replies: bool = False  # its text goes to the applicant
    action: str = ""  # the address that takes the form, where it is drawn on another page
    note: str = ""  # above the button: what follows


@dataclass(frozen=True, kw_only=True)
class TextPage(Page):
    """A page whose form is made from what was sent."""

    make: Callable[..., FilesForm]


class StepPages(ReadOnlyAdmin[ServiceRequest]):
    """
    The addresses under `…/servicerequest/<pk>/`. A request that a colleague may not know of is not there: 404.

    Each carries how the list was narrowed from which one came (`_changelist_filters`, as in all of Django's admin), so
    that the way back leads there after whatever was done.
    """

    def has_view_permission(self, request: HttpRequest, obj: ServiceRequest | None = None) -> bool:
        return bool(services.seen_by(request.user))

    def get_queryset(self, request: HttpRequest) -> ServiceRequestQuerySet:
        found: Any = super().get_queryset(request)
        visible: ServiceRequestQuerySet = found.visible_to(request.user)
        return visible

    def get_urls(self) -> list[URLPattern]:
        pages: list[tuple[str, str, Callable[..., HttpResponse]]] = [
            ("transition/<slug:name>/", "transition", self.transition_page),
            ("message/", "message", self.message_page),
            ("note/", "note", self.note_page),
            ("assign/", "assign", self.assign_page),
        ]
        own = []
        for address, name, view in pages:
            checked = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(view))
            own.append(path(f"<int:pk>/{address}", checked, name=f"requests_app_servicerequest_{name}"))
        looks = self.admin_site.admin_view(background(require_POST(self.presence_page)))
        own.append(path("<int:pk>/presence/", looks, name="requests_app_servicerequest_presence"))
        return [*own, *super().get_urls()]

    def presence_page(self, request: StaffRequest, pk: int) -> HttpResponse:
        """The page is still open, says its script, and learns who else looks. No sign of work: see `background`."""
        service_request = self.get_object(request, str(pk))
        actions.note_presence(service_request, by=request.user, is_writing=request.POST.get("writing") == "1")
        desk = answering.desk_of(service_request, by=request.user)
        return TemplateResponse(request, "admin/requests_app/servicerequest/_presence.html", {"desk": desk})

    def transition_page(self, request: StaffRequest, pk: int, name: str) -> HttpResponse:
        service_request = self._found(request, pk)
        step = _staff_step(service_request, name)
        page = _step_page(service_request, step, by=request.user)
        return self._answer_page(request, service_request, page, partial(take_step, service_request, step))

    def message_page(self, request: StaffRequest, pk: int) -> HttpResponse:
        service_request = self._found(request, pk)
        page = _letter_page(service_request, by=request.user)
        return self._answer_page(request, service_request, page, partial(actions.post_message, service_request))

    def note_page(self, request: StaffRequest, pk: int) -> HttpResponse:
        service_request = self._found(request, pk)
        page = TextPage(
            title="Добавить заметку",
            button="Сохранить заметку",
            done="Заметка сохранена.",
            form_name="note",
            make=partial(NoteForm, owner=request.user),
        )
        return self._answer_page(request, service_request, page, partial(actions.write_note, service_request))

    def assign_page(self, request: StaffRequest, pk: int) -> HttpResponse:
        service_request = self._found(request, pk)
        form = AssignForm(sent(request)[0], service_request=service_request, by=request.user)
        page = Page(title="Назначить исполнителя", button="Назначить", done="Исполнитель изменён.")
        act = partial(_assign, service_request, form, by=request.user)
        return self._page(request, service_request, form, page, act)

    def way(self, request: HttpRequest) -> str:
        """The end of an address that carries the list on; empty when one came from nowhere."""
        kept = self.get_preserved_filters(request)
        return f"?{kept}" if kept else ""

    def ways(self, request: HttpRequest) -> dict[str, str]:
        """What the pages need for their links: onwards, and back to the list."""
        return {"way": self.way(request), "back": list_address(request)}

    def _found(self, request: StaffRequest, pk: int) -> ServiceRequest:
        """The request, if this colleague may see it; 403 for whoever may see requests and not process them."""
        if not self.has_view_permission(request) or not request.user.has_perm(PROCESS_REQUESTS):
            raise PermissionDenied
        return self.get_object(request, str(pk))

    def answer_box(self, service_request: ServiceRequest, desk: answering.Desk, *, by: User) -> answering.Box | None:
        """What may be written to the applicant now: the answer, or else a message; with what is kept of it."""
        steps = actions.available_transitions(service_request, by=by)
        step = next((step for step in steps if step.target == Status.ANSWERED and step.needs_comment), None)
        if step is None and not (actions.may_write(service_request) and actions.may_process(service_request, by=by)):
            return None
        page = _step_page(service_request, step, by=by) if step else _letter_page(service_request, by=by)
        draft = desk.own.get(page.form_name)
        return _box(service_request, answering.opened(page.make(), draft), page, draft, by=by)

    def _answer_page(
        self, request: StaffRequest, service_request: ServiceRequest, page: TextPage, act: Callable[..., object]
    ) -> HttpResponse:
        """A page with a text: it may be sent, kept as a draft, or given a canned reply first."""
        if request.method == "POST":
            form = page.make(request.POST, request.FILES)
            if {"save_draft", "delete_draft"} & set(request.POST):
                return answering.keep_draft(request, service_request, page.form_name, form)
            if "insert_reply" in request.POST:
                return self._draw(request, service_request, answering.with_reply(request, service_request, form), page)
        else:
            draft = service_request.answer_drafts.filter(author=request.user, form=page.form_name).first()
            form = answering.opened(page.make(unsent.take(request)), draft)
        return self._page(request, service_request, form, page, partial(act, form=form, by=request.user))

    def _page(
        self,
        request: StaffRequest,
        service_request: ServiceRequest,
        form: forms.Form | FilesForm,
        page: Page,
        act: Callable[[], object],
    ) -> HttpResponse:
        is_sent = request.method == "POST"
        with actions.refusals_in(form, service_request):
            if is_sent and form.is_valid():
                _do(request, service_request, form, page, act)
                messages.success(request, page.done)
                page_of_request = reverse("admin:requests_app_servicerequest_change", args=[service_request.pk])
                return redirect(f"{page_of_request}{self.way(request)}")
        if is_sent and isinstance(form, FilesForm):
            actions.keep_files(form=form, by=request.user)
        return self._draw(request, service_request, form, page)

    def _draw(
        self, request: StaffRequest, service_request: ServiceRequest, form: forms.Form | FilesForm, page: Page
    ) -> HttpResponse:
        if request.method != "HEAD":
            actions.note_presence(service_request, by=request.user, is_writing=bool(page.form_name))
        desk = answering.desk_of(service_request, by=request.user)
        draft = desk.own.get(page.form_name) if request.method != "POST" else None
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": page.title,
            "subtitle": str(service_request),
            "page": page,
            "service_request": service_request,
            "form": form,
            "box": _box(service_request, form, page, draft, by=request.user),
            "desk": desk,
            "news": _news(request, service_request),
            "mark": unsent.mark(request.user),
            **self.ways(request),
            "status": status_badge(service_request),
            "due": due_badge(service_request, today=timezone.localdate()),
            "assignee": colleague(service_request.assignee),
            **conversation(service_request, by=request.user),
        }
        return TemplateResponse(request, "admin/requests_app/servicerequest/step.html", context)


def _step_page(service_request: ServiceRequest, step: Transition, *, by: User) -> TextPage:
    form_class = step_form_class(service_request.service, step.name)
    has_text = not issubclass(form_class, TakeForm)
    keeps = service_request.assignee if step.name == "take" and service_request.assignee != by else None
    return TextPage(
        title=step.label,
        button=step.label,
        done=f"{step.event}." + (f" Исполнитель прежний: {colleague(keeps)}." if keeps else ""),
        note=_take_note(service_request, step, keeps) if step.name == "take" else "",
        step=step,
        is_possible=step in actions.available_transitions(service_request, by=by),
        form_name=step.name if has_text else "",
        offers_replies=has_text and not step.comment_is_note,
        make=partial(form_class, owner=by, transition=step, service_request=service_request),
        action=answering.address_of(service_request, step.name),
    )


def _take_note(service_request: ServiceRequest, take: Transition, keeps: User | None) -> str:
    """Who will have the request, and whether the applicant hears of it; `keeps`: the colleague who has it already."""
    who = f"Исполнителем останется {colleague(keeps)}" if keeps else "Вы\N{NO-BREAK SPACE}станете исполнителем"
    is_told = take.news and (service_request.owner_id or service_request.applicant_email)
    return f"{who}; заявителю придёт письмо." if is_told else f"{who}."


def _letter_page(service_request: ServiceRequest, *, by: User) -> TextPage:
    return TextPage(
        title="Написать заявителю",
        button="Отправить",
        done="Сообщение отправлено.",
        is_possible=actions.may_write(service_request),
        form_name="message",
        offers_replies=True,
        make=partial(LetterForm, owner=by, service_request=service_request),
        action=answering.address_of(service_request, "message"),
    )


def _box(
    service_request: ServiceRequest,
    form: forms.Form | FilesForm,
    page: Page,
    draft: AnswerDraft | None,
    *,
    by: User,
) -> answering.Box:
    return answering.Box(
        form=form,
        name=page.form_name,
        action=page.action,
        button=page.button,
        is_danger=page.step is not None and page.step.name == "refuse",
        draft=answering.described(draft, service_request) if draft else None,
        replies=replies.offered(service_request, by=by) if page.offers_replies else [],
    )


def _do(
    request: StaffRequest,
    service_request: ServiceRequest,
    form: forms.Form | FilesForm,
    page: Page,
    act: Callable[[], object],
) -> None:
    """What the page is for, unless something has come that its writer has not seen; then the draft is not needed."""
    with transaction.atomic():
        actions.check_nothing_new(
            service_request,
            seen=unseen.read(request.POST.get("seen", "")),
            key=form.key if isinstance(form, FilesForm) else None,
            by=request.user,
            step=page.step,
        )
        act()
        if page.form_name:
            actions.drop_draft(service_request, form=page.form_name, by=request.user)


def _news(request: StaffRequest, service_request: ServiceRequest) -> list[Entry]:
    """What has come since the page that was sent was shown."""
    seen = unseen.read(request.POST.get("seen", "")) if request.method == "POST" else None
    return list(told(unseen.since(service_request, seen, by=request.user), service_request)) if seen else []


def _staff_step(service_request: ServiceRequest, name: str) -> Transition:
    """The step `name` of the life of this request. Raises Http404 for one that it has not, or not for staff."""
    steps = service_request.kind.life.transitions
    found = next((step for step in steps if step.name == name and step.actor == Actor.STAFF), None)
    if found is None:
        raise Http404
    return found


def list_address(request: HttpRequest) -> str:
    """The list as it was narrowed when one left it."""
    query = request.GET.get("_changelist_filters", "")
    address = reverse("admin:requests_app_servicerequest_changelist")
    return f"{address}?{query}" if query else address


def sent(request: StaffRequest) -> tuple[Any, Any]:
    """What a form is bound to: what was sent, or could not be sent because the session had ended; else nothing."""
    return (request.POST, request.FILES) if request.method == "POST" else (unsent.take(request), None)


def take_step(service_request: ServiceRequest, step: Transition, *, form: StepForm, by: User) -> None:
    """The step, and what its form gives besides: both or neither."""
    with transaction.atomic():
        form.before(service_request, by=by)
        taken = actions.transition(service_request, step.name, by=by, form=form)
        form.after(taken, by=by)


def _assign(service_request: ServiceRequest, form: AssignForm, *, by: User) -> None:
    actions.assign(service_request, to=form.cleaned_data["assignee"], by=by)
