"""
What staff do with several requests of the list at once. A press of the button leads to a page that says what will be
done and what will not, and why; its own button then does it, each request by itself, with the action and the permission
that the page of one request uses. What one of them refuses stops none of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from requests_app import actions, services
from requests_app.admin.base import StaffRequest
from requests_app.admin.bulk_jobs import JOBS, BulkForm, Job, Refused
from requests_app.admin.last_word import with_last_word
from requests_app.admin.steps import StepPages, list_address
from requests_app.admin.words import colleague, due_badge, status_badge
from requests_app.colleagues import PROCESS_REQUESTS
from requests_app.models import ServiceRequest
from rsmportal.russian import counted

MOST_AT_ONCE = 100  # requests: a page of the list has fifty
_LONGEST_KEY = 18  # digits of a key that the database can hold


class BulkPages(StepPages):
    """The page of a job, under `…/servicerequest/bulk/<name>/?ids=1,2`."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.bulk_page))
        return [path("bulk/<slug:name>/", view, name="requests_app_servicerequest_bulk"), *super().get_urls()]

    def has_process_permission(self, request: HttpRequest) -> bool:
        """Who has the buttons at all."""
        return bool(request.user.has_perm(PROCESS_REQUESTS)) and self.has_view_permission(request)

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any], *args: Any) -> HttpResponse | None:
        """Django looks the keys up as they come; what is none would be an error of ours."""
        if all(_is_key(key) for key in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            return super().response_action(request, queryset, *args)
        messages.warning(request, "Отметьте заявки в\N{NO-BREAK SPACE}списке.")
        return None

    def bulk_page(self, request: StaffRequest, name: str) -> HttpResponse:
        """GET says what will be done and asks for what it needs; POST does it and leads back to the list."""
        if not self.has_process_permission(request):
            raise PermissionDenied
        if name not in JOBS:
            raise Http404
        job, keys = JOBS[name], _keys(request)
        service_requests = self._chosen(request, keys)
        form = job.form_class(request.POST if request.method == "POST" else None, by=request.user)
        if form.is_valid():
            self._tell(request, job, self._do(job, service_requests, form, request))
            return redirect(list_address(request))
        return self._draw_bulk(request, job, service_requests, form, missing=len(keys) - len(service_requests))

    def _chosen(self, request: StaffRequest, keys: list[int]) -> list[ServiceRequest]:
        """Those of them that this colleague may see, the oldest first; 404 when there are none."""
        details = [service.detail_name for service in services.SERVICES]  # or each would be asked for by itself
        found = self.get_queryset(request).filter(pk__in=keys).select_related("assignee", *details)
        service_requests = list(with_last_word(found).order_by("pk"))
        if not service_requests:
            raise Http404
        return service_requests

    def _do(
        self, job: Job, service_requests: Iterable[ServiceRequest], form: BulkForm, request: StaffRequest
    ) -> list[tuple[ServiceRequest, str]]:
        """Each by itself; (request, why it was refused or nothing)."""
        results = []
        for service_request in service_requests:
            refusal = ""
            try:
                job.act(service_request, form, by=request.user)
            except (Refused, actions.TransitionNotAllowed) as refused:
                refusal = str(refused)
            except PermissionDenied:
                refusal = "вам это не\N{NO-BREAK SPACE}разрешено"
            results.append((service_request, refusal))
        return results

    def _tell(self, request: StaffRequest, job: Job, results: list[tuple[ServiceRequest, str]]) -> None:
        done = [str(service_request) for service_request, refusal in results if not refusal]
        if done:
            messages.success(
                request, f"{job.done} ({counted(len(done), 'заявка', 'заявки', 'заявок')}): {', '.join(done)}."
            )
        for service_request, refusal in results:
            if refusal:
                messages.warning(request, f"{service_request} осталась как есть: {refusal.rstrip('.')}.")

    def _draw_bulk(
        self, request: StaffRequest, job: Job, service_requests: list[ServiceRequest], form: BulkForm, *, missing: int
    ) -> HttpResponse:
        told = [
            _line(service_request, job.refusal(service_request, by=request.user))
            for service_request in service_requests
        ]
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": job.title,
            "job": job,
            "form": form,
            "doable": [line for line in told if not line["refusal"]],
            "refused": [line for line in told if line["refusal"]],
            "missing": missing,
            "back": list_address(request),
        }
        return TemplateResponse(request, "admin/requests_app/servicerequest/bulk.html", context)


def _line(service_request: ServiceRequest, refusal: str) -> dict[str, Any]:
    return {
        "service_request": service_request,
        "status": status_badge(service_request),
        "due": due_badge(service_request, today=timezone.localdate()),
        "assignee": colleague(service_request.assignee).partition(",")[0],
        "refusal": refusal,
    }


def _is_key(typed: str) -> bool:
    return typed.isascii() and typed.isdigit() and len(typed) <= _LONGEST_KEY


def _keys(request: HttpRequest) -> list[int]:
    typed = request.GET.get("ids", "").split(",")
    return list(dict.fromkeys(int(key) for key in typed if _is_key(key)))[:MOST_AT_ONCE]


def bulk_action(job: Job) -> Callable[..., HttpResponse]:
    """The button of `job` above the list: it leads to the job's page with what was ticked."""

    @admin.action(description=job.title, permissions=["process"])
    def choose(model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        ids = ",".join(request.POST.getlist(ACTION_CHECKBOX_NAME)[:MOST_AT_ONCE])
        query = {"ids": ids, "_changelist_filters": request.GET.urlencode()}
        address = reverse("admin:requests_app_servicerequest_bulk", args=[job.name])
        return redirect(f"{address}?{urlencode(query)}")

    choose.__name__ = job.name
    return choose


# The buttons of the list; another module appends its own.
BULK_ACTIONS: list[Callable[..., HttpResponse]] = [bulk_action(job) for job in JOBS.values()]
