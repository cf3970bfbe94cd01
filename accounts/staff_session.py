"""Sessions of staff end after STAFF_IDLE without a request; every request but those of `background` begins the time anew."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from accounts.models import User

_SEEN = "staff_seen_at"
_PRECISION = 60  # seconds: the session is not written more often


def is_over(request: HttpRequest) -> bool:
    """Has this colleague been away for too long? Up to a minute less than STAFF_IDLE is taken for too long as well."""
    seen = request.session.get(_SEEN)
    return seen is not None and time.time() - seen >= settings.STAFF_IDLE.total_seconds()


def background(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Mark a view that scripts of an open page ask by themselves: nobody need be at work."""

    @wraps(view)
    def marked(*args: Any, **kwargs: Any) -> HttpResponse:
        return view(*args, **kwargs)

    marked.is_background = True  # type: ignore[attr-defined]
    return marked


def note(request: HttpRequest) -> None:
    """The colleague is at work."""
    now = int(time.time())
    if not 0 <= now - request.session.get(_SEEN, 0) < _PRECISION:
        request.session[_SEEN] = now


@receiver(user_logged_in)
def begin(*, request: HttpRequest, user: User, **signal: Any) -> None:
    if user.is_staff:
        request.session[_SEEN] = int(time.time())
