"""Several requests about one event are chosen in the list, answered on one page, and afterwards seen together."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from requests_app import actions, unsent
from requests_app.admin.base import StaffRequest
from requests_app.admin.bulk import BulkPages
from requests_app.admin.forms import AnswerForm
from requests_app.admin.steps import list_address, sent
from requests_app.admin.words import colleague, due_badge, status_badge
from requests_app.codes import Category
from requests_app.forms import TransitionForm
from requests_app.lifecycle import APPEAL
from requests_app.models import GroupAnswer, Message, ServiceRequest
from rsmportal.russian import counted

logger = logging.getLogger(__name__)

_OLDEST_PAGE = timedelta(days=366)


class GroupAnswerForm(TransitionForm):
    """The answer to all, and which of the chosen requests it is for. What was done is told as in `AnswerForm`."""

    requests = forms.TypedMultipleChoiceField(
        label="Заявки",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Отметьте хотя бы одну заявку."},
    )
    category = forms.ChoiceField(
        label="Категория обращения",
        required=False,
        choices=[("", "У каждой заявки остаётся своя"), *Category.choices],
    )
    measures_done = AnswerForm.declared_fields["measures_done"]
    measures_planned = AnswerForm.declared_fields["measures_planned"]
    done = AnswerForm.done
    seen_at = forms.DateTimeField(widget=forms.HiddenInput, required=False)  # when the colleague saw the requests

    def __init__(self, *args: Any, chosen: list[ServiceRequest], **kwargs: Any) -> None:
        super().__init__(*args, transition=APPEAL.get("answer"), **kwargs)
        field: Any = self.fields["requests"]
        field.choices = [(service_request.pk, str(service_request)) for service_request in chosen]
        field.initial = [
            service_request.pk
            for service_request in chosen
            if not actions.why_not_together(service_request, by=self.owner)
        ]
        self.fields["seen_at"].initial = timezone.now
        comment = self.fields["comment"]
        comment.label = "Ответ заявителям"
        comment.help_text = "Каждый увидит его в\N{NO-BREAK SPACE}своём кабинете"
        if any(service_request.owner_id is None for service_request in chosen):
            comment.help_text += ". У\N{NO-BREAK SPACE}кого кабинета нет, тем передайте ответ сами"
        comment.error_messages["required"] = "Напишите текст для заявителей."
        self.order_fields(["comment", "files", "category", "measures_done", "measures_planned"])

    def clean_comment(self) -> str:
        return AnswerForm.clean_comment(cast(AnswerForm, self))

    def clean_measures_done(self) -> str:
        return AnswerForm.clean_measures_done(cast(AnswerForm, self))

    def clean_measures_planned(self) -> str:
        return AnswerForm.clean_measures_planned(cast(AnswerForm, self))

    def clean_seen_at(self) -> datetime:
        """The databases hold no moment at the edges of the calendar; what a forgotten page shows is a year old at most."""
        now = timezone.now()
        return min(max(self.cleaned_data["seen_at"] or now, now - _OLDEST_PAGE), now)

    def clean(self) -> dict[str, Any]:
        """Each request stores its own copy of the files, so that its consumer has a right to no other."""
        cleaned = super().clean()
        size = sum(file.size for file in self.good_files) + sum(file.size for file in self.kept_files)
        copies = len(cleaned.get("requests", []))
        if size * copies > actions.MOST_STORED:
            limit = f"{actions.MOST_STORED // 2**20}\N{NO-BREAK SPACE}МБ"
            message = f"Файлы хранятся у\N{NO-BREAK SPACE}каждой заявки, и вместе выйдет больше {limit}. Уберите часть."
            self.add_error("files", ValidationError(message, code="too_large_together"))
        return cleaned

    def look_again(self) -> None:
        """What is drawn next shows the requests as they are by now."""
        self.data = self.data.copy()
        self.data["seen_at"] = timezone.now().isoformat()


@dataclass(frozen=True)
class Line:
    """A chosen request on the page, with the reason why it cannot be answered there, if there is one."""

    service_request: ServiceRequest
    status: str
    due: str
    assignee: str
    why_not: str
    is_ticked: bool


class GroupAnswerPages(BulkPages):
    """The addresses of an answer to several requests, and the way to them from the list."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        form_page = wrap(require_http_methods(["GET", "HEAD", "POST"])(self.together_page))
        done_page = wrap(require_safe(self.answered_page))
        return [
            path("together/", form_page, name="requests_app_servicerequest_together"),
            path("together/<int:pk>/", done_page, name="requests_app_servicerequest_answered"),
            *super().get_urls(),
        ]

    @admin.action(description="Ответить вместе", permissions=["process"])
    def answer_together(self, request: HttpRequest, queryset: QuerySet[ServiceRequest]) -> HttpResponse | None:
        keys = list(queryset.values_list("pk", flat=True)[: actions.MOST_TOGETHER + 1])
        if len(keys) > actions.MOST_TOGETHER:
            messages.error(request, _too_many())
            return None
        return redirect(_page_for(keys, list_query=request.GET.urlencode()))

    def together_page(self, request: StaffRequest) -> HttpResponse:
        chosen = self._chosen_together(request)
        if not chosen:
            messages.warning(request, "Отметьте в\N{NO-BREAK SPACE}списке заявки, на которые отвечаете.")
            return redirect(list_address(request))
        form = GroupAnswerForm(*sent(request), owner=request.user, chosen=chosen)
        if request.method == "POST":
            done = self._send(request, form, chosen)
            if done:
                page_of_group = reverse("admin:requests_app_servicerequest_answered", args=[done.pk])
                return redirect(f"{page_of_group}{self.way(request)}")
            chosen = self._chosen_together(request)  # as they are by now
        return self._draw_together(request, form, chosen)

    def answered_page(self, request: StaffRequest, pk: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        group = get_object_or_404(GroupAnswer.objects.visible_to(request.user).select_related("by"), pk=pk)
        answered = list(group.requests_seen_by(request.user).select_related("assignee"))
        key = actions.key_of_part(group.submission_key, answered[0])
        context = {
            "group": group,
            "lines": [_line(service_request) for service_request in answered],
            "total": group.parts.count(),
            "answer": Message.objects.filter(author=group.by, submission_key=key).first(),
            "who": colleague(group.by),
        }
        return self._page_of_group(
            request, "admin/requests_app/servicerequest/answered.html", "Отвечено вместе", context
        )

    def _chosen_together(self, request: StaffRequest) -> list[ServiceRequest]:
        """Those named in the address that this colleague may know of, in the order of their numbers."""
        if not self.has_process_permission(request):
            raise PermissionDenied
        named = request.GET.getlist("pk")
        keys = {int(key) for key in named if key.isascii() and key.isdigit() and len(key) < 19}
        if len(keys) > actions.MOST_TOGETHER:
            raise Http404(_too_many())
        return list(self.get_queryset(request).filter(pk__in=keys).select_related("assignee").order_by("pk"))

    def _send(self, request: StaffRequest, form: GroupAnswerForm, chosen: list[ServiceRequest]) -> GroupAnswer | None:
        """The group, if at least one of its requests has its answer; else the form says why none has."""
        done = actions.AnsweredTogether()
        if form.is_valid():
            ticked = [
                service_request for service_request in chosen if service_request.pk in form.cleaned_data["requests"]
            ]
            try:
                done = actions.answer_together(ticked, form=form, seen_at=form.cleaned_data["seen_at"], by=request.user)
            except actions.FilesNotStored:
                form.add_error(
                    "files", "На сервере нет места: файлы не\N{NO-BREAK SPACE}сохранены. Кому уже ответили, видно ниже."
                )
            logger.info("%d requests are answered together by user %s", len(done.answered), request.user.pk)
        if done.answered:
            _tell(request, done)
            return done.group
        for skipped in done.skipped:
            form.add_error("requests", f"{skipped.service_request}: {skipped.reason.rstrip('.')}.")
        actions.keep_files(form=form, by=request.user)
        form.look_again()
        return None

    def _draw_together(
        self, request: StaffRequest, form: GroupAnswerForm, chosen: list[ServiceRequest]
    ) -> HttpResponse:
        ticked = {str(key) for key in form["requests"].value() or []}
        lines = [_line(service_request, by=request.user, ticked=ticked) for service_request in chosen]
        context = {
            "form": form,
            "mark": unsent.mark(request.user),
            "lines": [line for line in lines if not line.why_not],
            "left_out": [line for line in lines if line.why_not],
        }
        return self._page_of_group(
            request, "admin/requests_app/servicerequest/together.html", "Ответить вместе", context
        )

    def _page_of_group(self, request: StaffRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
        frame = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **self.ways(request)}
        return TemplateResponse(request, template, {**frame, **context})


def groups_of(service_request: ServiceRequest) -> list[tuple[GroupAnswer, int]]:
    """The group answers to this request, each with the number of others that got it too."""
    keys = service_request.group_parts.values("group_answer")  # a join would count this request alone
    found = GroupAnswer.objects.filter(pk__in=keys).with_others()
    return [(group, cast(Any, group).others) for group in found]


def _line(service_request: ServiceRequest, *, by: User | None = None, ticked: Iterable[str] = ()) -> Line:
    return Line(
        service_request,
        status_badge(service_request),
        due_badge(service_request, today=timezone.localdate()),
        colleague(service_request.assignee).partition(",")[0],
        actions.why_not_together(service_request, by=by) if by else "",
        str(service_request.pk) in ticked,
    )


def _tell(request: StaffRequest, done: actions.AnsweredTogether) -> None:
    messages.success(
        request, f"Ответ отправлен на\N{NO-BREAK SPACE}{counted(len(done.answered), 'заявку', 'заявки', 'заявок')}."
    )
    for skipped in done.skipped:
        messages.warning(request, f"{skipped.service_request} пропущена: {skipped.reason.rstrip('.')}.")


def _page_for(keys: list[int], *, list_query: str) -> str:
    address = reverse("admin:requests_app_servicerequest_together")
    query = {"pk": sorted(keys)} | ({"_changelist_filters": list_query} if list_query else {})
    return f"{address}?{urlencode(query, doseq=True)}"


def _too_many() -> str:
    return f"Вместе отвечают не\N{NO-BREAK SPACE}больше чем на\N{NO-BREAK SPACE}{actions.MOST_TOGETHER} заявок. Отметьте меньше."
