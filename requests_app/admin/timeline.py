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
    Attachment,
    Audience,
    IssuedDocument,
    Letter,
    Message,
    MessageKind,
    ServiceRequest,
    StatusChange,
    TermExtension,
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
    papers = service_request.issued_documents.select_related("issued_by")
    entries = [
        *told(changes, service_request),
        *told(messages, service_request),
        *told(extensions, service_request),
        *(_paper(document) for document in papers),
        *(_letter(letter) for letter in service_request.letters.all()),
        *_assignments(service_request, changes),
    ]
    entries.sort(key=lambda entry: entry.at)
    return Timeline(entries, unseen.newest(messages, changes, extensions))


def told(rows: Iterable[Message | StatusChange | TermExtension], service_request: ServiceRequest) -> Iterator[Entry]:
    """How messages, steps and extensions are told."""
    for row in rows:
        if isinstance(row, Message):
            yield _message(row, service_request)
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


def _assignments(service_request: ServiceRequest, changes: Iterable[StatusChange]) -> Iterator[Entry]:
    """To whom it was given by hand, by rule, for an absence. Who took it themselves stands among the steps."""
    given = list(service_request.assignment_changes.select_related("by", "to", "was"))
    for change in given:
        yield Entry(at=change.at, mark="step", title=change.event, who=colleague(change.by) if change.by else "")
    if not given:
        yield from _given_before(service_request, changes)


def _given_before(service_request: ServiceRequest, changes: Iterable[StatusChange]) -> Iterator[Entry]:
    """The last one, of the time before each was kept."""
    assignee, at = service_request.assignee, service_request.assigned_at
    if assignee and at and not any(abs(change.at - at) < _SAME_MOMENT for change in changes):
        yield Entry(at=at, mark="step", title=f"Назначена, исполнитель {colleague(assignee)}")


def _who(user: User, service_request: ServiceRequest) -> str:
    """Nobody for what the consumer did: the event itself says so."""
    return "" if user.pk == service_request.owner_id else colleague(user)
