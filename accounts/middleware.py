from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts import consent, second_factor, staff_session
from rsmportal.russian import counted

# Open between the password and the code: the step itself and the way out.
_SECOND_STEP = {"accounts:second_factor", "accounts:second_factor_device", "admin:logout"}


class ConsentMiddleware:
    """Leads a consumer whose agreement is due (marked at login) to it, from every page that asks for a login."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        is_private = getattr(view, "login_required", True)  # the mark of LoginRequiredMiddleware
        if is_private and request.user.is_authenticated and request.session.get(consent.DUE_KEY):
            # what was about to be sent is not repeated by itself, and many such addresses cannot be opened
            back = request.get_full_path() if request.method in {"GET", "HEAD"} else reverse("requests:cabinet")
            return redirect(f"{reverse('accounts:consent')}?{urlencode({'next': back})}")
        return None


class StaffSessionMiddleware:
    """
    Sessions of staff: ended after too long without work, and closed until the second step of the login.

    Stands behind UnsentTextMiddleware, which keeps what was sent when the session had just ended here, and before
    LoginRequiredMiddleware, which leads to the login.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.has_just_ended = False  # type: ignore[attr-defined]
        if request.user.is_authenticated and request.user.is_staff and staff_session.is_over(request):
            logout(request)
            request.has_just_ended = True  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        match = request.resolver_match
        if request.user.is_authenticated and request.user.is_staff and not getattr(view, "is_background", False):
            staff_session.note(request)
        if not getattr(view, "login_required", True):  # the mark of LoginRequiredMiddleware
            return None
        if request.has_just_ended:  # type: ignore[attr-defined]
            idle = counted(int(settings.STAFF_IDLE.total_seconds() // 60), "минуты", "минут", "минут")
            messages.warning(
                request, f"Больше {idle} вы ничего не\N{NO-BREAK SPACE}делали, и вход завершён. Войдите снова."
            )
        elif second_factor.is_wanted(request) and match and match.view_name not in _SECOND_STEP:
            # what was about to be sent is not repeated by itself
            back = request.get_full_path() if request.method in {"GET", "HEAD"} else reverse("admin:index")
            return redirect(f"{reverse('accounts:second_factor')}?{urlencode({'next': back})}")
        return None
