from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch, reverse

from requests_app import unsent

_FORMS = {
    "requests:submit",
    "requests:message",
    "requests:transition",
    "requests:grade",
    "requests:object_new",
    "requests:survey",
    "requests:meters",
    "requests:meter",
    "requests:unknown_meter",
    "admin:requests_app_servicerequest_transition",
    "admin:requests_app_servicerequest_message",
    "admin:requests_app_servicerequest_note",
}


class UnsentTextMiddleware:
    """
    A form that was sent after the session had ended leads to the login, and its text is kept: see `unsent`.

    Stands behind CsrfViewMiddleware, which has refused what other sites send, and before LoginRequiredMiddleware, which
    would lead to the login without the text.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if request.user.is_authenticated:
            unsent.forget_stale(request)
            return None
        match = request.resolver_match
        if request.method != "POST" or match is None or match.view_name not in _FORMS:
            return None
        page = _page_of_form(request, match)
        if unsent.keep(request, page=page):
            messages.warning(
                request,
                "Пока вы писали, время входа истекло. Войдите снова: текст сохранён на\N{NO-BREAK SPACE}полчаса.",
            )
        return redirect_to_login(page)


def _page_of_form(request: HttpRequest, match: ResolverMatch) -> str:
    """Where the form stands; a message and a grade are sent to another address than their form's."""
    is_elsewhere = match.view_name in ("requests:message", "requests:grade")
    return reverse("requests:detail", kwargs=match.kwargs) if is_elsewhere else request.path
