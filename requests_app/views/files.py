"""The only way out for files."""

import logging

from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts import trail
from accounts.models import Look
from requests_app.looks import subject_of
from requests_app.models import Attachment, FileAccess

logger = logging.getLogger(__name__)


@require_safe
def file(request: HttpRequest, pk: str) -> FileResponse:
    """A file to save, never to show: whatever it holds, the browser neither runs nor guesses it. Each time is noted."""
    attachment = get_object_or_404(Attachment.objects.visible_to(request.user), pk=pk)
    try:
        content = attachment.file.open("rb")
    except FileNotFoundError as error:
        logger.exception("The stored file of attachment %s is gone", attachment.pk)
        raise Http404 from error
    response = FileResponse(
        content,
        as_attachment=True,
        filename=attachment.original_name,
        content_type=attachment.content_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response._csp_replace = {"default-src": "'none'", "sandbox": True}  # type: ignore[attr-defined]
    if request.method == "GET":
        FileAccess.objects.create(attachment=attachment, by=request.user)  # type: ignore[misc]  # never anonymous here
        if request.user.is_staff:
            _note(request, attachment)
    return response


def _note(request: HttpRequest, attachment: Attachment) -> None:
    """Into the trail, by whose file it is; `FileAccess` goes by the file."""
    subject = subject_of(attachment.service_request or attachment.access_grant)
    if subject:
        trail.saw(
            by=request.user,  # type: ignore[arg-type]  # never anonymous here
            kind=Look.DOWNLOAD,
            page="Файл",
            consumers=subject.consumers,
            number=subject.number,
        )
