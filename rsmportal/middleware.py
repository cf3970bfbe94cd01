from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control

PRIVATE_NAMESPACES = {"accounts", "requests", "admin"}  # their forms carry personal data before login too


class NoStoreMiddleware:
    """
    Private pages leave no copy in the browser or in a proxy: after «Выйти» the Back button shows nothing.

    Private is everything a logged-in user gets, and every page of the namespaces above. Static files do not come here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if _is_private(request):
            patch_cache_control(response, no_store=True, private=True)
        return response


def _is_private(request: HttpRequest) -> bool:
    match = request.resolver_match
    if match is None:  # no view has run: the error page knows nothing of its reader
        return False
    return bool(PRIVATE_NAMESPACES.intersection(match.namespaces)) or request.user.is_authenticated
