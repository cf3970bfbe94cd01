"""
What has come to a request since a page of it was shown to a colleague.

The page carries the newest message, step, extension and assignment that stood on it. All are written under the lock of
the request, so within one request a later row has a greater key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Model

from accounts.models import User
from requests_app.models import AssignmentChange, Message, ServiceRequest, StatusChange, TermExtension

News = Message | StatusChange | TermExtension | AssignmentChange

_FORM = re.compile(r"([0-9]{1,18})\.([0-9]{1,18})\.([0-9]{1,18})\.([0-9]{1,18})")


@dataclass(frozen=True)
class Seen:
    """The keys of the newest rows on a page; 0 where there was none."""

    message: int
    change: int
    extension: int
    assignment: int

    def __str__(self) -> str:
        """For the hidden field of a form."""
        return f"{self.message}.{self.change}.{self.extension}.{self.assignment}"


def newest(
    messages: Iterable[Message],
    changes: Iterable[StatusChange],
    extensions: Iterable[TermExtension],
    assignments: Iterable[AssignmentChange],
) -> Seen:
    """What is shown on a page that lists these."""
    return Seen(_greatest(messages), _greatest(changes), _greatest(extensions), _greatest(assignments))


def read(sent: str) -> Seen | None:
    """What a form says was seen; None when it says nothing that can be read, and then nothing is compared."""
    found = _FORM.fullmatch(sent)
    return Seen(*map(int, found.groups())) if found else None


def since(service_request: ServiceRequest, seen: Seen, *, by: User) -> list[News]:
    """What others have added since, in order of time. What `by` did in another tab is no news to them."""
    messages = service_request.messages.visible_to(by).filter(pk__gt=seen.message).exclude(author=by)
    changes = service_request.status_changes.filter(pk__gt=seen.change).exclude(by=by)
    extensions = service_request.extensions.filter(pk__gt=seen.extension).exclude(by=by)
    assignments = service_request.assignment_changes.filter(pk__gt=seen.assignment).exclude(by=by)
    found: list[News] = [*changes, *messages, *extensions, *assignments.select_related("by", "to", "was")]
    return sorted(found, key=lambda row: row.created_at if isinstance(row, Message) else row.at)


def _greatest(rows: Iterable[Model]) -> int:
    return max((row.pk for row in rows), default=0)
