"""The only way out for files."""

import logging

from django.http import FileResponse, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from requests_app.models import Attachment, FileAccess

logger = logging.getLogger(__name__)


@require_GET
def file(request: HttpRequest, pk: str) -> FileResponse:
    """A file to save, never to show: whatever it holds, the browser neither runs nor guesses it."""
    attachment = get_object_or_404(Attachment.objects.visible_to(request.user), pk=pk)
    response = FileResponse(
        attachment.file.open("rb"),
        as_attachment=True,
        filename=attachment.original_name,
        content_type=attachment.content_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response._csp_replace = {"default-src": "'none'", "sandbox": True}  # type: ignore[attr-defined]
    FileAccess.objects.create(attachment=attachment, by=request.user)
    return response
