"""Answers of the weekly sample: the list, and the page on which somebody else than their author reads them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from requests_app import actions
from requests_app.admin.base import StaffRequest
from requests_app.admin.filters import BarFilter
from requests_app.admin.page import conversation
from requests_app.admin.quality import AnswererFilter, OfServiceFilter, WeeksFilter
from requests_app.admin.words import colleague, status_badge
from requests_app.codes import Outcome
from requests_app.colleagues import READ_ANSWERS
from requests_app.grade_forms import ReviewForm, typed
from requests_app.models import AnswerReview, Message, MessageKind
from requests_app.models.quality import CRITERIA
from rsmportal.desk_admin import ReadOnlyAdmin


class ReadFilter(BarFilter):
    title = "прочитан"
    parameter_name = "read"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "Ждут чтения"), ("mine", "Прочитаны мной"), ("yes", "Прочитаны")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case "no":
                return queryset.unread()
            case "mine":
                return queryset.filter(reader=request.user.pk)
            case "yes":
                return queryset.read()
        return queryset


@admin.register(AnswerReview)
class AnswerReviewAdmin(ReadOnlyAdmin[AnswerReview]):
    list_display = ["sample", "of_request", "service", "answerer", "state", "who"]
    list_display_links = None
    list_filter = [ReadFilter, OfServiceFilter, AnswererFilter, WeeksFilter]
    list_select_related = ["sample", "answer__service_request", "answered_by", "reader"]
    fields = ["sample", "of_request", "service", "answerer", "state", "who"]
    export_display = ["sample", "of_request", "service", "answerer", *CRITERIA, "mark", "comment", "who", "read_at"]
    service_path, answerer_path, date_path = "answer__service_request__service", "answered_by", "sample__week"

    def get_queryset(self, request: HttpRequest) -> QuerySet[AnswerReview]:
        return AnswerReview.objects.visible_to(request.user)

    @admin.display(description="заявка")
    def of_request(self, review: AnswerReview) -> str:
        address = reverse("admin:requests_app_answerreview_read", args=[review.pk])
        number = review.answer.service_request.number
        return format_html('<a href="{}">№\N{NO-BREAK SPACE}{}</a>', address, number)

    @admin.display(description="услуга и\N{NO-BREAK SPACE}тема")
    def service(self, review: AnswerReview) -> str:
        return review.answer.service_request.title

    @admin.display(description="кто ответил")
    def answerer(self, review: AnswerReview) -> str:
        return colleague(review.answered_by)

    @admin.display(description="оценка")
    def state(self, review: AnswerReview) -> str:
        return f"{review.mark}, {review.get_mark_display()}" if review.mark else "ждёт чтения"

    @admin.display(description="кто прочитал")
    def who(self, review: AnswerReview) -> str:
        return colleague(review.reader)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.read_page))
        return [path("<int:pk>/read/", view, name="requests_app_answerreview_read"), *super().get_urls()]

    def read_page(self, request: StaffRequest, pk: int) -> HttpResponse:
        """What was asked, the answer, and what the reader says of it."""
        if not request.user.has_perm(READ_ANSWERS):
            raise PermissionDenied
        review = self.get_object(request, str(pk))
        form = ReviewForm(request.POST if request.method == "POST" else None, initial=_known(review))
        with actions.refusals_in(form):
            if form.is_valid():
                actions.review_answer(review, values=form.cleaned_data, by=request.user)
                messages.success(request, "Оценка второго чтения сохранена.")
                return redirect(_next(review, request))
        review.refresh_from_db()
        return TemplateResponse(
            request, "admin/requests_app/answerreview/read.html", self._read_context(request, review, form)
        )

    def _read_context(self, request: StaffRequest, review: AnswerReview, form: ReviewForm) -> dict[str, Any]:
        service_request = review.answer.service_request
        is_own, reader = review.answered_by_id == request.user.pk, review.reader_id
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Второе чтение ответа",
            "subtitle": str(service_request),
            "review": review,
            "service_request": service_request,
            "status": status_badge(service_request),
            "answerer": colleague(review.answered_by),
            "reader": colleague(review.reader),
            "message": _message(review),
            "is_own": is_own,
            "may_mark": not is_own and reader in (None, request.user.pk),
            "form": form,
            **conversation(service_request, by=request.user),
        }


def _message(review: AnswerReview) -> Message | None:
    """The text of the answer: it was written with the step."""
    answer = review.answer
    said = Message.objects.filter(author=answer.by_id, submission_key=answer.submission_key, kind=MessageKind.ANSWER)
    return said.filter(service_request=answer.service_request_id).first()


def _known(review: AnswerReview) -> dict[str, Any]:
    """What was said before; whether the answer was in time is known without reading."""
    if review.read_at:
        return typed(review)
    outcome = review.answer.service_request.outcome
    return {"in_time": {Outcome.IN_TIME.value: "yes", Outcome.LATE.value: "no"}.get(outcome)}


def _next(review: AnswerReview, request: StaffRequest) -> str:
    """The next answer that this reader may read, else the list."""
    waiting = AnswerReview.objects.visible_to(request.user).unread().exclude(answered_by=request.user)
    following = waiting.exclude(pk=review.pk).order_by("sample__week", "pk").first()
    if following is None:
        return reverse("admin:requests_app_answerreview_changelist")
    return reverse("admin:requests_app_answerreview_read", args=[following.pk])
