"""The admin as the staff's desk."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone

from accounts.models import User
from requests_app.start_page import start_page


class DeskSite(AdminSite):
    empty_value_display = "—"

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """What waits for this colleague, above the list of everything that can be opened."""
        user = request.user
        page = start_page(user, now=timezone.now()) if isinstance(user, User) else None
        return super().index(request, {"start_page": page, **(extra_context or {})})
