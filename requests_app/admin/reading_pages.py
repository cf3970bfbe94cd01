"""What the pages about readings stand on."""

from typing import Any

from django.http import HttpResponse
from django.template.response import TemplateResponse

from requests_app.admin.base import StaffRequest
from requests_app.models import Reading
from rsmportal.desk_admin import ReadOnlyAdmin


class ReadingPages(ReadOnlyAdmin[Reading]):
    """Addresses of their own under `…/reading/`; each story of the desk adds its own in `get_urls`."""

    def draw(self, request: StaffRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **context}
        return TemplateResponse(request, template, context)
