"""
The agreement: what is shown, what a visitor accepted before having an account, and the record of it.

A visitor's acceptance waits in the session until there is an account to record it for; nobody who leaves without
registering is recorded. A signed cookie remembers on this browser that the page was passed, so that it is shown once
before logging in; what each account agreed to is judged by its events alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.limits import client_ip
from accounts.models import ConsentAction, ConsentDocument, ConsentEvent, Purpose, User

SESSION_KEY = "agreement"
DUE_KEY = "consent_due"
COOKIE = "agreement"
COOKIE_AGE = 60 * 60 * 24 * 365

# What the agreement page records. The policy is made known, not agreed to: 152-FZ, art. 18.1, part 2.
_REQUIRED = {Purpose.POLICY: ConsentAction.ACKNOWLEDGED, Purpose.REGISTRATION: ConsentAction.GIVEN}


# -- The texts ------------------------------------------------------------------------------------------------------


def documents() -> dict[str, ConsentDocument]:
    """The texts in force by purpose; one that was never published is absent."""
    in_force: dict[str, ConsentDocument] = {}
    for document in ConsentDocument.objects.published(at=timezone.now()).order_by("version"):
        in_force[document.purpose] = document
    return in_force


def mark_of(shown: Mapping[str, ConsentDocument]) -> str:
    """
    Which texts a page shows, for its form to say so when it comes back: what is recorded must be what was read, also
    when a new version comes out meanwhile.
    """
    return "-".join(str(shown[purpose].pk) for purpose in Purpose if purpose in shown)


# -- Before there is an account -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Acceptance:
    """What was accepted, when and from where; the texts are named by their primary keys."""

    document_ids: list[int]
    at: datetime
    ip: str | None
    user_agent: str


def acceptance_of(request: HttpRequest, *, news: bool) -> Acceptance:
    """What the visitor accepts by sending the agreement now."""
    current = documents()
    purposes = [*_REQUIRED, *([Purpose.NEWS] if news else [])]
    ids = [current[purpose].pk for purpose in purposes if purpose in current]
    return Acceptance(document_ids=ids, at=timezone.now(), ip=client_ip(request), user_agent=_user_agent(request))


def remember(request: HttpRequest, acceptance: Acceptance) -> None:
    """Keep an acceptance in the session until the visitor registers or logs in."""
    request.session[SESSION_KEY] = {
        "documents": acceptance.document_ids,
        "at": acceptance.at.isoformat(),
        "ip": acceptance.ip,
        "user_agent": acceptance.user_agent,
    }


def remembered(request: HttpRequest) -> Acceptance | None:
    """The acceptance kept in the session, as long as its texts are still in force."""
    kept = request.session.get(SESSION_KEY)
    if not kept or not _required_ids() <= set(kept["documents"]):
        return None
    return Acceptance(kept["documents"], datetime.fromisoformat(kept["at"]), kept["ip"], kept["user_agent"])


def forget(request: HttpRequest) -> None:
    request.session.pop(SESSION_KEY, None)


def has_passed(request: HttpRequest) -> bool:
    """Has this browser passed the agreement page in its present version?"""
    version = request.get_signed_cookie(COOKIE, default="", max_age=COOKIE_AGE)
    return version == _version()


def mark_passed(response: HttpResponse) -> None:
    response.set_signed_cookie(
        COOKIE, _version(), max_age=COOKIE_AGE, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )


# -- Of an account --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class State:
    """Where an account stands with one purpose: the text in force, and the last word on this text or an older one."""

    document: ConsentDocument
    latest: ConsentEvent | None

    @property
    def is_withdrawn(self) -> bool:
        return self.latest is not None and self.latest.action == ConsentAction.WITHDRAWN

    @property
    def is_given(self) -> bool:
        """To this version or an older one."""
        return self.latest is not None and not self.is_withdrawn

    @property
    def is_current(self) -> bool:
        """Given, and to the version in force."""
        return self.is_given and self.latest is not None and self.latest.document_id == self.document.pk


def states(user: User) -> dict[Purpose, State]:
    """How `user` stands with every text in force, in the order of `Purpose`."""
    current, latest = documents(), ConsentEvent.objects.last_words(user)
    return {purpose: State(current[purpose], latest.get(purpose)) for purpose in Purpose if purpose in current}


def is_due(user: User) -> bool:
    """Must this consumer be asked (again), because there is a text in force that they have not accepted?"""
    return user.is_consumer and any(
        not state.is_current for purpose, state in states(user).items() if purpose in _REQUIRED
    )


def record(user: User, acceptance: Acceptance) -> None:
    """Write the events of an acceptance, one per text that this account has not accepted already."""
    latest = ConsentEvent.objects.last_words(user)
    for document in ConsentDocument.objects.filter(pk__in=acceptance.document_ids):
        purpose = Purpose(document.purpose)
        if not State(document, latest.get(purpose)).is_current:
            action = _REQUIRED.get(purpose, ConsentAction.GIVEN)
            _write(user, document, action, at=acceptance.at, ip=acceptance.ip, user_agent=acceptance.user_agent)


def set_purpose(request: HttpRequest, user: User, purpose: Purpose, *, given: bool) -> None:
    """Give the consent in force, or withdraw the one that was given; what is so already stays without a new event."""
    state = states(user).get(purpose)
    if state is None:
        return
    write = partial(_write, user, at=timezone.now(), ip=client_ip(request), user_agent=_user_agent(request))
    if given and not state.is_current:
        write(state.document, ConsentAction.GIVEN)
    elif not given and state.is_given and state.latest:
        write(state.latest.document, ConsentAction.WITHDRAWN)


# -- Inside ---------------------------------------------------------------------------------------------------------


def _version() -> str:
    return "-".join(str(pk) for pk in sorted(_required_ids()))


def _required_ids() -> set[int]:
    return {document.pk for purpose, document in documents().items() if purpose in _REQUIRED}


def _user_agent(request: HttpRequest) -> str:
    return request.headers.get("User-Agent", "").replace("\0", "")[:300]


def _write(
    user: User, document: ConsentDocument, action: ConsentAction, *, at: datetime, ip: str | None, user_agent: str
) -> None:
    ConsentEvent.objects.create(
        user=user, document=document, action=action, sha256=document.sha256, at=at, ip=ip, user_agent=user_agent
    )
