"""The consumer's requests: the list, one of them, and its receipt on paper."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.http import ConsumerRequest, consumer_required
from requests_app import actions, progress
from requests_app.filters import RequestFilter
from requests_app.forms import MessageForm
from requests_app.lifecycle import FINAL_STATUSES, WHAT_NEXT, Status
from requests_app.models import Attachment, Message, ServiceRequest

PAGE_SIZE = 10


@require_GET
@consumer_required
def request_list(request: ConsumerRequest) -> HttpResponse:
    chosen = RequestFilter(request.GET)
    found = chosen.apply(ServiceRequest.objects.owned_by(request.user)).newest_first()
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"filter": chosen, "page": page, "today": timezone.localdate()}
    return render(request, "requests/list.html", context)


@require_GET
@consumer_required
def detail(request: ConsumerRequest, number: str) -> HttpResponse:
    service_request = get_object_or_404(ServiceRequest.objects.owned_by(request.user), number=number)
    return detail_page(request, service_request, MessageForm(owner=request.user))


@require_GET
@consumer_required
def receipt(request: ConsumerRequest, number: str) -> HttpResponse:
    service_request = get_object_or_404(ServiceRequest.objects.owned_by(request.user), number=number)
    files = service_request.attachments.visible_to(request.user).filter(message=None)
    context = {"service_request": service_request, "rows": service_request.rows(), "files": files}
    return render(request, "requests/receipt.html", context)


def detail_page(
    request: ConsumerRequest, service_request: ServiceRequest, form: MessageForm, *, status: int = 200
) -> HttpResponse:
    """The page of one request, with the message form as it is (empty, or refused with its text)."""
    files: dict[int | None, list[Attachment]] = {}
    for attachment in service_request.attachments.visible_to(request.user):
        files.setdefault(attachment.message_id, []).append(attachment)
    thread = list(service_request.messages.visible_to(request.user).select_related("author"))
    for message in thread:
        message.service_request = service_request
        message.files = files.get(message.pk, [])  # type: ignore[attr-defined]
    history = list(service_request.status_changes.all())
    context = {
        "service_request": service_request,
        "rows": service_request.rows(),
        "files": files.get(None, []),
        "thread": thread,
        "history": history,
        "steps": progress.steps(service_request, history),
        "what_next": WHAT_NEXT[Status(service_request.status)],
        "transitions": actions.available_transitions(service_request, by=request.user),
        "may_write": service_request.status not in FINAL_STATUSES,
        "form": form,
        "today": timezone.localdate(),
    }
    return render(request, "requests/detail.html", context, status=status)
