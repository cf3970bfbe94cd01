"""The consumer's requests: the list, one of them, and its receipt on paper."""

from collections.abc import Iterable
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.http import ConsumerRequest, consumer_required
from requests_app import actions, progress, services, unsent
from requests_app.filters import RequestFilter
from requests_app.forms import MessageForm
from requests_app.grade_forms import GradeForm
from requests_app.lifecycle import Status
from requests_app.models import Attachment, Message, MessageKind, ServiceRequest, StatusChange

PAGE_SIZE = 10

# What closes the talk, shown above it: the message of this kind in these states.
_LAST_WORD = {
    Status.ANSWERED: MessageKind.ANSWER,
    Status.CLOSED: MessageKind.ANSWER,
    Status.REFUSED: MessageKind.REFUSAL,
}


@require_safe
@consumer_required
def request_list(request: ConsumerRequest) -> HttpResponse:
    chosen = RequestFilter(request.GET)
    found = chosen.apply(ServiceRequest.objects.owned_by(request.user)).newest_first()
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"filter": chosen, "page": page, "entries": with_summaries(page.object_list)}
    return render(request, "requests/list.html", context)


@require_safe
@consumer_required
def detail(request: ConsumerRequest, number: str) -> HttpResponse:
    service_request = own_request(request, number)
    kept = unsent.take(request)
    is_grade = kept is not None and "grade_comment" in kept  # two forms stand on this page
    written = None if is_grade else kept
    form = MessageForm(written, owner=request.user, photos_only=service_request.takes_photos_only)
    return detail_page(request, service_request, form, grade_form=GradeForm(kept) if is_grade else None)


@require_safe
@consumer_required
def receipt(request: ConsumerRequest, number: str) -> HttpResponse:
    service_request = own_request(request, number)
    files = service_request.attachments.visible_to(request.user).filter(message=None)
    context = {
        "service_request": service_request,
        "rows": service_request.rows(),
        "files": files,
        "term": progress.term(service_request),
        "first_day": progress.first_day(service_request),
        "now": timezone.now(),
    }
    return render(request, "requests/receipt.html", context)


def own_request(request: ConsumerRequest, number: str) -> ServiceRequest:
    """The consumer's own request with this number. Raises Http404 for a number that is another's or nobody's."""
    # which service it is stands in the row itself, so all kinds of detail are looked up: by primary key, one is there
    details = [service.detail_name for service in services.SERVICES]
    mine = ServiceRequest.objects.owned_by(request.user).select_related("repeat_of", *details)
    return get_object_or_404(mine, number=number)


def with_summaries(found: Iterable[ServiceRequest]) -> Iterable[tuple[ServiceRequest, str]]:
    """Each request with the line that lists show beside its status."""
    today = timezone.localdate()
    for service_request in found:
        yield service_request, progress.summary(service_request, today=today)


def detail_page(
    request: ConsumerRequest, service_request: ServiceRequest, form: MessageForm, grade_form: GradeForm | None = None
) -> HttpResponse:
    """The page of one request, with its forms as they are (empty, or refused with their text)."""
    status = Status(service_request.status)
    if status == Status.AWAITING_CONSUMER:
        form.fields["body"].label = "Ваш ответ"
    today = timezone.localdate()
    history = [change for change in service_request.status_changes.select_related("grade") if not change.is_quiet]
    extensions = service_request.extensions.all()
    context = {
        "service_request": service_request,
        "detail": service_request.detail,
        "rows": service_request.rows(),
        "history": progress.events(history, extensions)[::-1],
        "steps": progress.steps(service_request, history, today=today),
        "due": progress.due(service_request, extensions, today=today),
        "what_next": service_request.detail.what_next() or service_request.kind.life.what_next[status],
        "may_write": actions.may_write(service_request)
        or form.is_bound,  # a text that came too late is shown, to be copied
        "form": form,
        "mark": unsent.mark(request.user),
        "grading": _grading(service_request, history, grade_form),
        **_talk(request, service_request),
        **_ways(request, service_request),
    }
    return render(request, "requests/detail.html", context)


def _talk(request: ConsumerRequest, service_request: ServiceRequest) -> dict[str, Any]:
    """What was written, in order of time and with its files; the answer apart from the rest."""
    files: dict[int | None, list[Attachment]] = {}
    for attachment in service_request.attachments.visible_to(request.user):
        files.setdefault(attachment.message_id, []).append(attachment)
    written: list[Message] = []
    for message in service_request.messages.visible_to(request.user).select_related("author"):
        message.service_request = service_request
        message.files = files.get(message.pk, [])  # type: ignore[attr-defined]
        written.append(message)
    kind = _LAST_WORD.get(Status(service_request.status))
    answer = next((message for message in reversed(written) if message.kind == kind), None)
    return {
        "files": files.get(None, []),
        "answer": answer,
        "thread": [message for message in written if message is not answer],
    }


def _ways(request: ConsumerRequest, service_request: ServiceRequest) -> dict[str, Any]:
    """The steps that the consumer may take now, by name, and until when the answer may be disputed."""
    ways = {step.name: step for step in actions.available_transitions(service_request, by=request.user)}
    until = actions.dispute_until(service_request) if "dispute" in ways else None
    return {"ways": ways, "dispute_until": until}


def _grading(
    service_request: ServiceRequest, history: list[StatusChange], form: GradeForm | None
) -> dict[str, Any] | None:
    """The grade of the answer that stands, and its form while it may be given or changed; None without either."""
    answers = [change for change in history if change.is_answer]
    given = getattr(answers[-1], "grade", None) if answers else None
    until = actions.grade_until(service_request) if answers else None
    is_open = until is not None and timezone.localdate() <= until
    if until is None or not (is_open or given):
        return {"form": form} if form else None  # what came too late is said, and its text shown to be copied
    if is_open and form is None:
        form = GradeForm(initial=given and {"grade": given.grade, "grade_comment": given.comment})
    return {"given": given, "until": until, "is_open": is_open, "form": form}
