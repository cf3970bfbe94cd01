"""A file of a request to look at, on a page of its own."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_safe

from requests_app import previews
from requests_app.admin.base import StaffRequest
from requests_app.admin.steps import StepPages
from requests_app.models import Attachment, FileAccess, ServiceRequest

logger = logging.getLogger(__name__)

_ONE_LOOK = timedelta(hours=1)  # the pages of one file, opened one by one, are one line of the log


class PreviewPages(StepPages):
    """The pages of one request, and one for each of its files that can be shown; 404 for the others."""

    def get_urls(self) -> list[URLPattern]:
        look = self.admin_site.admin_view(require_safe(self.preview_page))
        picture = self.admin_site.admin_view(require_safe(self.picture))
        prefix = "requests_app_servicerequest"
        return [
            path("<int:pk>/files/<uuid:file>/", look, name=f"{prefix}_preview"),
            path("<int:pk>/files/<uuid:file>/<int:page>/", picture, name=f"{prefix}_picture"),
            *super().get_urls(),
        ]

    def preview_page(self, request: StaffRequest, pk: int, file: str) -> HttpResponse:
        service_request, attachment = self._attachment(request, pk, file)
        try:
            count = previews.page_count(attachment)
        except previews.NotShown:
            count = 0
        except FileNotFoundError as error:
            raise _gone(attachment) from error
        if request.method == "GET":
            FileAccess.objects.create(attachment=attachment, by=request.user)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": attachment.original_name,
            "subtitle": str(service_request),
            "service_request": service_request,
            "attachment": attachment,
            "count": count,
            "pages": range(1, min(count, previews.MOST_PAGES) + 1),
        }
        return TemplateResponse(request, "admin/requests_app/servicerequest/preview.html", context)

    def picture(self, request: StaffRequest, pk: int, file: str, page: int) -> HttpResponse | FileResponse:
        """What stands on the page of the preview: a picture and nothing else, whatever the file holds."""
        _, attachment = self._attachment(request, pk, file)
        is_picture = attachment.content_type in previews.PICTURES
        if not 1 <= page <= (1 if is_picture else previews.MOST_PAGES):
            raise Http404
        try:
            if is_picture:
                response: HttpResponse | FileResponse = FileResponse(
                    attachment.file.open("rb"), content_type=attachment.content_type
                )
            else:
                response = HttpResponse(previews.drawn_page(attachment, page), content_type="image/png")
        except previews.NotShown as error:
            raise Http404 from error
        except FileNotFoundError as error:
            raise _gone(attachment) from error
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Disposition"] = "inline"
        response._csp_replace = {"default-src": "'none'", "sandbox": True}  # type: ignore[union-attr]
        self._note_look(request, attachment)
        return response

    def _attachment(self, request: StaffRequest, pk: int, file: str) -> tuple[ServiceRequest, Attachment]:
        """Raises PermissionDenied and Http404 as the page of the request does, Http404 for what cannot be shown."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        service_request = self.get_object(request, str(pk))
        attachment = get_object_or_404(service_request.attachments.visible_to(request.user), pk=file)
        if not previews.may_be_shown(attachment):
            raise Http404
        return service_request, attachment

    def _note_look(self, request: StaffRequest, attachment: Attachment) -> None:
        """In the log of downloads, unless the page of the preview has just noted it."""
        lately = attachment.accesses.filter(by=request.user, at__gte=timezone.now() - _ONE_LOOK)
        if request.method == "GET" and not lately.exists():
            FileAccess.objects.create(attachment=attachment, by=request.user)


def _gone(attachment: Attachment) -> Http404:
    logger.error("The stored file of attachment %s is gone", attachment.pk)
    return Http404()
