from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts import consent


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
