"""
What somebody sent after their session had ended: kept through the login, then put back into the form.

The text waits for half an hour in the session of the browser that sent it. Each form carries a signed mark of the
user to whom it was given; only this user, and only on the page of this form, gets the text back. Files cannot be
put back into a form: they must be chosen again.
"""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from accounts.models import User

MARK = "given_to"  # the name of the hidden field
LIFETIME = timedelta(minutes=30)
MAX_LENGTH = 100_000  # characters; 4000 letters take 24000 when they are encoded

_KEY = "unsent"
_SALT = "requests_app.unsent"


def mark(user: User) -> str:
    """The value of the hidden field: whose form this is."""
    return signing.dumps(user.pk, salt=_SALT)


def keep(request: HttpRequest, *, page: str) -> bool:
    """Keep what was sent until its writer is back on `page`; False when nobody knows whose it is, or it is too long."""
    try:
        writer = signing.loads(request.POST.get(MARK, ""), salt=_SALT)
    except signing.BadSignature:
        return False
    typed = request.POST.copy()
    typed.pop("csrfmiddlewaretoken", None)
    text = typed.urlencode()
    if len(text) > MAX_LENGTH:
        return False
    request.session[_KEY] = {"user": writer, "page": page, "text": text, "at": timezone.now().isoformat()}
    return True


def take(request: HttpRequest) -> QueryDict | None:
    """What was kept for this page, once; says so in a message. To be given to the form as its data, not to be sent."""
    kept = request.session.get(_KEY)
    if request.method != "GET" or not kept or kept["page"] != request.path or not _is_for(kept, request.user):
        return None
    del request.session[_KEY]
    messages.warning(
        request,
        "Вы снова вошли, и\N{NO-BREAK SPACE}текст на\N{NO-BREAK SPACE}месте. Он ещё не\N{NO-BREAK SPACE}отправлен: "
        "проверьте его и\N{NO-BREAK SPACE}отправьте. Файлы, если они были, выберите ещё раз.",
    )
    return QueryDict(kept["text"])


def forget_stale(request: HttpRequest) -> None:
    """Drop what was kept for too long, or for another person than the one who has logged in."""
    kept = request.session.get(_KEY)
    if kept and not _is_for(kept, request.user):
        del request.session[_KEY]


def _is_for(kept: dict[str, Any], user: Any) -> bool:
    is_fresh = timezone.now() - datetime.fromisoformat(kept["at"]) <= LIFETIME
    return is_fresh and bool(kept["user"] == user.pk)
