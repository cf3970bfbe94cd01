"""Canned replies: written by supervisors and editors, chosen by whoever answers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join

from requests_app import placeholders
from requests_app.admin.filters import TickFilter
from requests_app.forms import LongText
from requests_app.models import CannedReply
from requests_app.models.canned_reply import CannedReplyService
from requests_app.models.term import service_choices
from rsmportal.desk_admin import DeskAdmin


class CannedReplyForm(forms.ModelForm[CannedReply]):
    for_services = forms.MultipleChoiceField(
        label="Для услуг",
        choices=service_choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Ничего не\N{NO-BREAK SPACE}отмечено — для всех",
    )

    class Meta:
        model = CannedReply
        fields = ["title", "text", "is_active"]
        widgets = {"text": LongText(attrs={"rows": 12, "class": "vLargeTextField"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["for_services"] = list(self.instance.services.values_list("service", flat=True))


@admin.register(CannedReply)
class CannedReplyAdmin(DeskAdmin[CannedReply]):
    form = CannedReplyForm
    list_display = ["title", "services_column", "is_active"]
    list_filter = [("is_active", TickFilter)]
    search_fields = ["title"]
    ordering = ["title"]
    readonly_fields = ["words"]
    fields = ["title", "text", "words", "for_services", "is_active"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CannedReply]:
        return super().get_queryset(request).prefetch_related("services")

    def save_related(self, request: HttpRequest, form: Any, *args: Any, **kwargs: Any) -> None:
        super().save_related(request, form, *args, **kwargs)
        reply, wanted = form.instance, form.cleaned_data["for_services"]
        reply.services.exclude(service__in=wanted).delete()
        rows = [CannedReplyService(reply=reply, service=slug) for slug in wanted]
        CannedReplyService.objects.bulk_create(rows, ignore_conflicts=True)

    @admin.display(description="для услуг")
    def services_column(self, reply: CannedReply) -> str:
        return ", ".join(map(str, reply.services.all())) or "для всех"

    @admin.display(description="слова в\N{NO-BREAK SPACE}скобках")
    def words(self, reply: CannedReply) -> str:
        """What may stand in braces."""
        lines = format_html_join("", "<li><code>{{{}}}</code> {}</li>", placeholders.KNOWN.items())
        return format_html('<ul class="plain">{}</ul>', lines)
