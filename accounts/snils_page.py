"""The page that shows a СНИЛС in full, once a reason is given."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from accounts import actions
from accounts.identifiers import format_snils
from accounts.models import Consumer
from accounts.models.data_view import ENOUGH_REASON


class SnilsReasonForm(forms.Form):
    reason = forms.CharField(
        label="Основание",
        max_length=500,
        validators=[ENOUGH_REASON],
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Зачем нужен номер целиком, номер и\N{NO-BREAK SPACE}дата запроса. Останется в\N{NO-BREAK SPACE}журнале "
        "вместе с\N{NO-BREAK SPACE}вашим именем; сам номер здесь не\N{NO-BREAK SPACE}пишите",
        error_messages={
            "required": "Напишите основание: без\N{NO-BREAK SPACE}него номер не\N{NO-BREAK SPACE}показать."
        },
    )


class SnilsPage(admin.ModelAdmin[Consumer]):
    """GET asks for a reason, POST writes it down and shows the number on its own answer."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.snils_page))
        return [path("<int:pk>/snils/", view, name="accounts_consumer_snils"), *super().get_urls()]

    def snils_page(self, request: Any, pk: int) -> HttpResponse:
        """No redirect after the POST: what is shown must not wait in a session, and a refresh is one more look."""
        consumer = self._found(request, pk)
        form = SnilsReasonForm(request.POST if request.method == "POST" else None)
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": "СНИЛС целиком"}
        context |= {"consumer": consumer, "form": form}
        if form.is_valid():
            context["snils"] = format_snils(actions.reveal_snils(consumer, by=request.user, **form.cleaned_data))
        response = TemplateResponse(request, "admin/accounts/consumer/snils.html", context)
        response.headers["Cache-Control"] = "no-store, private"
        return response

    def _found(self, request: HttpRequest, pk: int) -> Consumer:
        if not self.has_view_permission(request) or not request.user.has_perm(actions.REVEAL_SNILS):
            raise PermissionDenied
        consumer = self.get_object(request, str(pk))
        if consumer is None or not consumer.snils_encrypted:
            raise Http404
        return consumer
