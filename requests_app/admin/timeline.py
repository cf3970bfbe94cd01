"""Everything that was said and done in one request, in order of time: what its page on the desk tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch

from accounts.models import User
from requests_app import unseen
from requests_app.admin.words import colleague
from requests_app.models import (
    AssignmentChange,
    Attachment,
    Audience,
    IssuedDocument,
    Letter,
    Message,
    MessageKind,
    ServiceRequest,
    StatusChange,
)

_SAME_MOMENT = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing said or done. `mark` is how it is drawn: `step`, `letter`, `paper`, or a message by its side."""

    at: datetime
    mark: str
    title: str
    who: str = ""
    text: str = ""
    files: Sequence[Attachment] = ()

    @property
    def is_message(self) -> bool:
        return self.mark.startswith("message")


@dataclass(frozen=True)
class Timeline:
    """The entries, oldest first, and what its reader has seen with them."""

    entries: list[Entry]
    seen: unseen.Seen


def timeline_of(service_request: ServiceRequest, *, by: User) -> Timeline:
    """The whole of it, in seven queries however much there is."""
    files = Prefetch("attachments", Attachment.objects.all(), to_attr="files")
    messages = list(service_request.messages.visible_to(by).select_related("author").prefetch_related(files))
    changes = list(service_request.status_changes.select_related("by"))
    extensions = list(service_request.extensions.select_related("by"))
    assignments = list(service_request.assignment_changes.select_related("by", "to", "was"))
    papers = service_request.issued_documents.select_related("issued_by")
    entries = [
        *told(changes, service_request),
        *told(messages, service_request),
        *told(extensions, service_request),
        *(_paper(document) for document in papers),
        *(_letter(letter) for letter in service_request.letters.all()),
        *(told(assignments, service_request) if assignments else _given_before(service_request, changes)),
    ]
    entries.sort(key=lambda entry: entry.at)
    return Timeline(entries, unseen.newest(messages, changes, extensions, assignments))


def told(rows: Iterable[unseen.News], service_request: ServiceRequest) -> Iterator[Entry]:
    """
    How messages, steps, extensions and assignments are told. Who has taken the request without being given it stands
    among the steps.
    """
    for row in rows:
        if isinstance(row, Message):
            yield _message(row, service_request)
        elif isinstance(row, AssignmentChange):
            yield Entry(at=row.at, mark="step", title=row.event, who=colleague(row.by) if row.by else "")
        else:
            yield Entry(at=row.at, mark="step", title=row.event, who=_who(row.by, service_request))


def _message(message: Message, service_request: ServiceRequest) -> Entry:
    is_staff = message.author_id != service_request.owner_id
    mark = "message message-staff" if is_staff else "message"
    return Entry(
        at=message.created_at,
        mark="message message-note" if message.audience == Audience.STAFF else mark,
        title=message.get_kind_display() if message.kind != MessageKind.MESSAGE else "",
        who=colleague(message.author) if is_staff else service_request.applicant_name,
        text=message.body,
        files=getattr(message, "files", ()),
    )


def _paper(document: IssuedDocument) -> Entry:
    title = f"Выдан документ: {document.title}"
    return Entry(at=document.issued_at, mark="paper", title=title, who=colleague(document.issued_by))


def _letter(letter: Letter) -> Entry:
    return Entry(at=letter.at, mark="letter", title=f"Письмо {letter.get_to_display()}: {letter.subject}")


def _given_before(service_request: ServiceRequest, changes: Iterable[StatusChange]) -> Iterator[Entry]:
    """The last one, of the time before each was kept."""
    assignee, at = service_request.assignee, service_request.assigned_at
    if assignee and at and not any(abs(change.at - at) < _SAME_MOMENT for change in changes):
        yield Entry(at=at, mark="step", title=f"Назначена, исполнитель {colleague(assignee)}")


def _who(user: User, service_request: ServiceRequest) -> str:
    """Nobody for what the consumer did: the event itself says so."""
    return "" if user.pk == service_request.owner_id else colleague(user)
