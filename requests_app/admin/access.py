"""
The queue of those who ask for access to a supply point, and the pages on which it is decided: GET shows, POST acts.

What an action refuses is said above the form, beside the grant as it is by now.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods

from requests_app import actions
from requests_app.admin.access_page import Evidence, candidates, evidence, facts, others_with_access
from requests_app.admin.base import StaffRequest
from requests_app.admin.filters import ChoiceFilter
from requests_app.admin.supply_search import GRANT_HELP_TEXT, find_grants
from requests_app.forms import LongText
from requests_app.models import AccessGrant, GrantStatus, SupplyPoint
from rsmportal.desk_admin import ReadOnlyAdmin

DECIDE = "requests_app.decide_accessgrant"
REVOKE = "requests_app.revoke_accessgrant"


class PointChoice(forms.ModelChoiceField[SupplyPoint]):
    def label_from_instance(self, obj: SupplyPoint) -> str:
        return f"{obj.contract_number}, {obj.address}; {obj.consumer_name}"


class ConfirmForm(forms.Form):
    """Which of the points that were found it is."""

    point = PointChoice(
        label="Точка поставки", queryset=SupplyPoint.objects.none(), empty_label=None, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, found: list[SupplyPoint], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        point = self.fields["point"]
        point.error_messages["required"] = "Выберите точку поставки."
        point.queryset = SupplyPoint.objects.filter(pk__in=[each.pk for each in found])  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="Причина",
        max_length=500,
        widget=LongText(attrs={"rows": 4}),
        help_text="Потребитель прочтёт это в\N{NO-BREAK SPACE}кабинете",
        error_messages={"required": "Напишите причину: её прочтёт потребитель."},
    )


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What can be done with a grant, and what its page says."""

    button: str
    done: str
    permission: str
    source: GrantStatus  # the state in which it can be done
    is_bad: bool = True


DECISIONS = {
    "confirm": Decision(
        button="Подтвердить", done="Доступ подтверждён.", permission=DECIDE, source=GrantStatus.ASKED, is_bad=False
    ),
    "refuse": Decision(button="Отказать", done="Отказ отправлен.", permission=DECIDE, source=GrantStatus.ASKED),
    "revoke": Decision(button="Отозвать", done="Доступ отозван.", permission=REVOKE, source=GrantStatus.CONFIRMED),
}


@admin.register(AccessGrant)
class AccessGrantAdmin(ReadOnlyAdmin[AccessGrant]):
    list_display = ["asked_at", "consumer", "contract_number", "meter_serial", "status_column", "who"]
    list_filter = [("status", ChoiceFilter), ("basis", ChoiceFilter)]
    list_select_related = ["user__consumer", "decided_by", "revoked_by"]
    search_fields = ["contract_key"]  # shows the box; what a term is compared with: `find_grants`
    search_help_text = GRANT_HELP_TEXT
    ordering = ["-asked_at", "-pk"]
    export_display = [*list_display, "address", "basis", "decided_at", "reason", "revoked_at", "revocation_reason"]
    fields = ["contract_number"]  # the page is drawn by its own template

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AccessGrant], search_term: str
    ) -> tuple[QuerySet[AccessGrant], bool]:
        return (find_grants(queryset, search_term) if search_term.strip() else queryset), False

    def get_urls(self) -> list[URLPattern]:
        own = []
        for name in DECISIONS:
            view = require_http_methods(["GET", "HEAD", "POST"])(partial(self.decision_page, name=name))
            checked = self.admin_site.admin_view(view)
            own.append(path(f"<int:pk>/{name}/", checked, name=f"requests_app_accessgrant_{name}"))
        return [*own, *super().get_urls()]

    def decision_page(self, request: StaffRequest, pk: int, name: str) -> HttpResponse:
        decision = DECISIONS[name]
        grant = self._found(request, pk, decision)
        found = candidates(grant, typed=request.GET.get("q", "")) if name == "confirm" else []
        sent = request.POST if request.method == "POST" else None
        form = ConfirmForm(sent, found=found) if name == "confirm" else ReasonForm(sent)
        if form.is_valid():
            try:
                _ACTIONS[name](grant, by=request.user, **form.cleaned_data)
            except actions.AccessNotChanged as refusal:
                form.add_error(None, str(refusal))
                grant.refresh_from_db()
            else:
                messages.success(request, decision.done)
                return redirect("admin:requests_app_accessgrant_change", grant.pk)
        return self._draw(request, grant, decision, form, found=evidence(grant, found))

    def render_change_form(self, request: Any, context: dict[str, Any], *args: Any, **kwargs: Any) -> HttpResponse:
        grant: AccessGrant = context["original"]
        possible = {
            name: decision
            for name, decision in DECISIONS.items()
            if grant.status == decision.source and request.user.has_perm(decision.permission)
        }
        context |= {"title": str(grant), "subtitle": grant.user.email, "decisions": possible, **self._page_of(grant)}
        return super().render_change_form(request, context, *args, **kwargs)

    def _page_of(self, grant: AccessGrant) -> dict[str, Any]:
        points = [grant.point] if grant.point else []
        return {
            "grant": grant,
            "status": self.status_column(grant),
            "facts": facts(grant),
            "files": grant.attachments.all(),
            "evidence": evidence(grant, points),
            "others": others_with_access(grant),
        }

    def _found(self, request: StaffRequest, pk: int, decision: Decision) -> AccessGrant:
        """The grant; 403 for whoever may not decide this."""
        if not self.has_view_permission(request) or not request.user.has_perm(decision.permission):
            raise PermissionDenied
        return self.get_object(request, str(pk))

    def _draw(
        self, request: StaffRequest, grant: AccessGrant, decision: Decision, form: forms.Form, *, found: list[Evidence]
    ) -> HttpResponse:
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": decision.button,
            "subtitle": str(grant),
            "decision": decision,
            "form": form,
            "is_possible": grant.status == decision.source,
            "typed": request.GET.get("q", ""),
            **self._page_of(grant),
            "found": found,
        }
        return TemplateResponse(request, "admin/requests_app/accessgrant/decision.html", context)

    @admin.display(description="потребитель")
    def consumer(self, grant: AccessGrant) -> str:
        return grant.user.consumer.display_name

    @admin.display(description="состояние")
    def status_column(self, grant: AccessGrant) -> SafeString:
        return format_html('<span class="status" data-status="{}">{}</span>', grant.status, grant.get_status_display())

    @admin.display(description="кто решил")
    def who(self, grant: AccessGrant) -> str:
        by = grant.revoked_by or grant.decided_by
        return (by.name or by.email) if by else "—"


_ACTIONS: dict[str, Callable[..., None]] = {
    "confirm": actions.confirm_access,
    "refuse": actions.refuse_access,
    "revoke": actions.revoke_access,
}
