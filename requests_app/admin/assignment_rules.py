"""Who gets a new request by itself: the rules; and how much each colleague has to do."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from accounts.models import User
from requests_app import services
from requests_app.admin.base import StaffRequest
from requests_app.admin.filters import TickFilter
from requests_app.admin.words import colleague
from requests_app.colleagues import processing_staff
from requests_app.models import AssignmentRule
from requests_app.start_page.selection import ANSWERED_DAYS
from requests_app.workload import workload
from rsmportal.desk_admin import DeskAdmin

_LONGEST_KEY = 18  # digits
SEE_WORKLOAD = "requests_app.view_workload"


def _what() -> list[tuple[str, Any]]:
    """Services that wait for an answer, each with its topics: one list, so a topic always fits its service."""
    return [
        (
            service.noun,
            [
                (f"{service.slug}:", f"{service.noun}: любая тема"),
                *((f"{service.slug}:{topic}", label) for topic, label in service.topics().items()),
            ],
        )
        for service in services.SERVICES
        if service.counts_as_appeal
    ]


class PeopleField(forms.ModelMultipleChoiceField[User]):
    """Colleagues by what their answers are signed with."""

    def label_from_instance(self, obj: Any) -> str:
        return colleague(obj)

    def _check_values(self, value: Any) -> QuerySet[User]:
        """A key that no column holds is as wrong as an unknown one."""
        for key in value:
            if len(str(key)) > _LONGEST_KEY:
                raise ValidationError(
                    self.error_messages["invalid_pk_value"], code="invalid_pk_value", params={"pk": key}
                )
        found: QuerySet[User] = super()._check_values(value)  # type: ignore[misc]  # not in its types
        return found


class AssignmentRuleForm(forms.ModelForm[AssignmentRule]):
    what = forms.ChoiceField(label="Услуга и\N{NO-BREAK SPACE}тема", choices=_what)
    people = PeopleField(
        label="Кому",
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Отметьте хотя бы одного человека."},
    )

    class Meta:
        model = AssignmentRule
        fields = ["people", "choice", "order", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"].queryset = processing_staff(with_superusers=False)  # type: ignore[attr-defined]
        if self.instance.pk:
            self.fields["what"].initial = f"{self.instance.service}:{self.instance.topic}"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        service, _, topic = (cleaned.get("what") or "").partition(":")
        if not service:
            return cleaned
        self.instance.service, self.instance.topic = service, topic
        allowed = set(processing_staff(services.get(service), with_superusers=False))
        if others := [person for person in cleaned.get("people") or () if person not in allowed]:
            names = ", ".join(colleague(person) for person in others)
            self.add_error("people", ValidationError(f"Не\N{NO-BREAK SPACE}обрабатывают такие заявки: {names}."))
        same = AssignmentRule.objects.filter(service=service, topic=topic, order=cleaned.get("order") or 0)
        if same.exclude(pk=self.instance.pk).exists():
            message = (
                "С\N{NO-BREAK SPACE}этим порядком уже есть правило для той\N{NO-BREAK SPACE}же темы. Выберите другой."
            )
            self.add_error("order", ValidationError(message, code="taken"))
        return cleaned


@admin.register(AssignmentRule)
class AssignmentRuleAdmin(DeskAdmin[AssignmentRule]):
    form = AssignmentRuleForm
    list_display = ["order", "service", "topic_column", "people_column", "choice", "is_active"]
    list_display_links = ["order", "service"]
    list_filter = [("is_active", TickFilter)]
    ordering = ["order", "pk"]
    fieldsets = [
        (
            None,
            {
                "description": "Новую заявку получает человек из первого подходящего правила. Кто в отсутствии, "
                "не работает или не видит таких заявок, не назначается: смотрим следующее правило.",
                "fields": ["what", "people", "choice", "order", "is_active"],
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AssignmentRule]:
        return super().get_queryset(request).prefetch_related("people")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_safe(self.workload_page))
        return [path("workload/", view, name="requests_app_assignmentrule_workload"), *super().get_urls()]

    def workload_page(self, request: StaffRequest) -> HttpResponse:
        if not request.user.has_perm(SEE_WORKLOAD):
            raise PermissionDenied
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Нагрузка сотрудников",
            "rows": workload(request.user),
            "days": ANSWERED_DAYS,
        }
        return TemplateResponse(request, "admin/requests_app/assignmentrule/workload.html", context)

    @admin.display(description="тема")
    def topic_column(self, rule: AssignmentRule) -> str:
        return rule.topic_label

    @admin.display(description="кому")
    def people_column(self, rule: AssignmentRule) -> str:
        return "; ".join(colleague(person) for person in rule.people.all())
