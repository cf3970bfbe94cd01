"""
What staff do with one request, each on a page of its own: GET shows the form, POST acts and leads back.

Nothing typed is lost: what an action refuses is said above the form, beside the request as it is by now.
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
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.models import User
from requests_app import actions, services, unsent
from requests_app.admin.base import ReadOnlyAdmin, StaffRequest
from requests_app.admin.forms import AssignForm, LetterForm, NoteForm, StepForm, step_form_class
from requests_app.admin.page import conversation
from requests_app.admin.words import colleague, due_badge, status_badge
from requests_app.colleagues import PROCESS_REQUESTS
from requests_app.forms import FilesForm
from requests_app.lifecycle import Actor, Transition
from requests_app.models import ServiceRequest
from requests_app.models.request import ServiceRequestQuerySet


@dataclass(frozen=True, kw_only=True)
class Page:
    """What a page says beside its form."""

    title: str
    button: str
    done: str  # once it is
    step: Transition | None = None
    is_possible: bool = True  # with the request as it is; without a form otherwise


class StepPages(ReadOnlyAdmin[ServiceRequest]):
    """The addresses under `…/servicerequest/<pk>/`. A request that a colleague may not know of is not there: 404."""

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
        return [*own, *super().get_urls()]

    def transition_page(self, request: StaffRequest, pk: int, name: str) -> HttpResponse:
        service_request = self._found(request, pk)
        step = _staff_step(service_request, name)
        form_class = step_form_class(service_request.service, name)
        form = form_class(*sent(request), owner=request.user, transition=step, service_request=service_request)
        is_possible = step in actions.available_transitions(service_request, by=request.user)
        page = Page(title=step.label, button=step.label, done=f"{step.event}.", step=step, is_possible=is_possible)
        act = partial(_take, service_request, step, form, by=request.user)
        return self._page(request, service_request, form, page, act)

    def message_page(self, request: StaffRequest, pk: int) -> HttpResponse:
        service_request = self._found(request, pk)
        form = LetterForm(*sent(request), owner=request.user)
        page = Page(
            title="Написать заявителю",
            button="Отправить",
            done="Сообщение отправлено.",
            is_possible=actions.may_write(service_request),
        )
        act = partial(actions.post_message, service_request, form=form, by=request.user)
        return self._page(request, service_request, form, page, act)

    def note_page(self, request: StaffRequest, pk: int) -> HttpResponse:
        service_request = self._found(request, pk)
        form = NoteForm(*sent(request), owner=request.user)
        page = Page(title="Добавить заметку", button="Сохранить заметку", done="Заметка сохранена.")
        act = partial(actions.write_note, service_request, form=form, by=request.user)
        return self._page(request, service_request, form, page, act)

    def assign_page(self, request: StaffRequest, pk: int) -> HttpResponse:
        service_request = self._found(request, pk)
        form = AssignForm(sent(request)[0], service_request=service_request, by=request.user)
        page = Page(title="Назначить исполнителя", button="Назначить", done="Исполнитель изменён.")
        act = partial(_assign, service_request, form, by=request.user)
        return self._page(request, service_request, form, page, act)

    def _found(self, request: StaffRequest, pk: int) -> ServiceRequest:
        """The request, if this colleague may see it; 403 for whoever may see requests and not process them."""
        if not self.has_view_permission(request) or not request.user.has_perm(PROCESS_REQUESTS):
            raise PermissionDenied
        return self.get_object(request, str(pk))

    def _page(
        self,
        request: StaffRequest,
        service_request: ServiceRequest,
        form: forms.Form,
        page: Page,
        act: Callable[[], object],
    ) -> HttpResponse:
        is_sent = request.method == "POST"
        with actions.refusals_in(form, service_request):
            if is_sent and form.is_valid():
                act()
                messages.success(request, page.done)
                return redirect("admin:requests_app_servicerequest_change", service_request.pk)
        if is_sent and isinstance(form, FilesForm):
            actions.keep_files(form=form, by=request.user)
        return self._draw(request, service_request, form, page)

    def _draw(
        self, request: StaffRequest, service_request: ServiceRequest, form: forms.Form, page: Page
    ) -> HttpResponse:
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": page.title,
            "subtitle": str(service_request),
            "page": page,
            "service_request": service_request,
            "form": form,
            "mark": unsent.mark(request.user),
            "status": status_badge(service_request),
            "due": due_badge(service_request, today=timezone.localdate()),
            "assignee": colleague(service_request.assignee),
            **conversation(service_request, by=request.user),
        }
        return TemplateResponse(request, "admin/requests_app/servicerequest/step.html", context)


def _staff_step(service_request: ServiceRequest, name: str) -> Transition:
    """The step `name` of the life of this request. Raises Http404 for one that it has not, or not for staff."""
    steps = service_request.kind.life.transitions
    found = next((step for step in steps if step.name == name and step.actor == Actor.STAFF), None)
    if found is None:
        raise Http404
    return found


def sent(request: StaffRequest) -> tuple[Any, Any]:
    """What a form is bound to: what was sent, or could not be sent because the session had ended; else nothing."""
    return (request.POST, request.FILES) if request.method == "POST" else (unsent.take(request), None)


def _take(service_request: ServiceRequest, step: Transition, form: StepForm, *, by: User) -> None:
    """The step, and what its form gives besides: both or neither."""
    with transaction.atomic():
        form.before(service_request, by=by)
        taken = actions.transition(service_request, step.name, by=by, form=form)
        form.after(taken, by=by)


def _assign(service_request: ServiceRequest, form: AssignForm, *, by: User) -> None:
    actions.assign(service_request, to=form.cleaned_data["assignee"], by=by)
