"""Looks for what SQL cannot forbid."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from requests_app.lifecycle import Status
from requests_app.models import AccessGrant, Attachment, GrantBasis, IssuedDocument, ServiceRequest, StatusChange
from requests_app.models.attachment import private_storage
from requests_app.services import SERVICES, document_copies, invoice
from requests_app.services.appointment.models import VisitState
from requests_app.services.survey.answers import Answer

_WITH_PAPERS = [document_copies.SERVICE.slug, invoice.SERVICE.slug]  # an answer of these gives something out


class Command(BaseCommand):
    help = (
        "Check that every request has the detail row of its service and the history of its status, every file its "
        "content, access on a document its document, an answer with papers its papers, and that no anonymous answer "
        "knows whose it is. Names what is wrong and exits with 1."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        for problem in _problems():
            self.stderr.write(problem)
            found += 1
        if found:
            raise CommandError(f"Problems found: {found}")
        self.stdout.write("Everything is in its place.")


def _problems() -> Iterator[str]:
    yield from _details()
    yield from _history()
    yield from _files()
    yield from _access()
    yield from _answers()
    yield from _papers()
    yield from _visits()
    for number in _numbers(ServiceRequest.objects.filter(owner=None, reception=None)):
        yield f"{number}: in no cabinet, and nobody has written it down"


def _details() -> Iterator[str]:
    known = [service.slug for service in SERVICES]
    for number in _numbers(ServiceRequest.objects.exclude(service__in=known)):
        yield f"{number}: unknown service"
    for service in SERVICES:
        detail = Exists(service.detail_model._default_manager.filter(service_request=OuterRef("pk")))
        for number in _numbers(ServiceRequest.objects.filter(~detail, service=service.slug)):
            yield f"{number}: no row in {service.detail_name}"
        for number in _numbers(ServiceRequest.objects.filter(detail).exclude(service=service.slug)):
            yield f"{number}: a row in {service.detail_name}, which is not of its service"


def _history() -> Iterator[str]:
    changes = StatusChange.objects.filter(service_request=OuterRef("pk"))
    registration = Exists(changes.filter(transition=""))
    last = Subquery(changes.order_by("-at", "-pk").values("to_status")[:1])
    for number in _numbers(ServiceRequest.objects.filter(~registration)):
        yield f"{number}: its registration is not in its history"
    for number in _numbers(ServiceRequest.objects.annotate(last=last).exclude(status=F("last"))):
        yield f"{number}: its status is not the last of its history"


def _files() -> Iterator[str]:
    astray = Attachment.objects.filter(message__isnull=False).exclude(service_request=F("message__service_request"))
    for pk in astray.values_list("pk", flat=True):
        yield f"attachment {pk}: its message is of another request"
    storage = private_storage()
    for attachment in Attachment.objects.iterator():
        name = str(attachment.file)
        if not storage.exists(name):
            yield f"attachment {attachment.pk}: no file"
        elif storage.size(name) != attachment.size:
            yield f"attachment {attachment.pk}: the file is not whole"


def _access() -> Iterator[str]:
    grants = AccessGrant.objects.filter(basis=GrantBasis.DOCUMENT, attachments=None)
    for pk in grants.order_by("pk").values_list("pk", flat=True):
        yield f"access {pk}: its document is missing"


def _answers() -> Iterator[str]:
    """An answer knows its participation exactly when its survey is not anonymous."""
    is_anonymous = Q(question__survey__is_anonymous=True)
    wrong = Answer.objects.filter(is_anonymous, participation__isnull=False) | Answer.objects.filter(
        ~is_anonymous, participation=None
    )
    for survey in wrong.order_by("question__survey").values_list("question__survey", flat=True).distinct():
        yield f"survey {survey}: answers that know whose they are, or should"


def _papers() -> Iterator[str]:
    astray = IssuedDocument.objects.exclude(service_request=F("attachment__service_request"))
    for pk in astray.order_by("pk").values_list("pk", flat=True):
        yield f"paper {pk}: its file is of another request"
    answered = ServiceRequest.objects.filter(service__in=_WITH_PAPERS, answered_at__isnull=False)
    for number in _numbers(answered.filter(issued_documents=None)):
        yield f"{number}: answered without a paper"


def _visits() -> Iterator[str]:
    """A visit and its request tell the same: it stands open, was cancelled, or is over."""
    states = {
        Status.REGISTERED: [VisitState.BOOKED, VisitState.PASSED],
        Status.WITHDRAWN: [VisitState.CANCELLED],
        Status.CLOSED: [VisitState.CAME, VisitState.MISSED],
    }
    agree = Q(pk__in=[])
    for status, fitting in states.items():
        agree |= Q(status=status, appointment__state__in=fitting)
    visits = ServiceRequest.objects.filter(appointment__isnull=False)
    for number in _numbers(visits.exclude(agree)):
        yield f"{number}: its status is not that of its visit"
    for number in _numbers(visits.exclude(appointment__owner=F("owner"))):
        yield f"{number}: its visit is of another consumer"


def _numbers(requests: QuerySet[ServiceRequest]) -> Iterator[str]:
    return requests.order_by("pk").values_list("number", flat=True).iterator()
