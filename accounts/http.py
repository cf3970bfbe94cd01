"""The request of somebody who is logged in as a consumer or as one of the staff, and the decorators that make sure of it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from accounts.models import User


class ConsumerRequest(HttpRequest):
    """An HTTP request whose user is a real consumer; what views behind `consumer_required` get."""

    user: User


def consumer_required(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Staff have no cabinet: they are led to their work desk. (Strangers were stopped by LoginRequiredMiddleware.)"""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if isinstance(request.user, User) and request.user.is_consumer:
            return view(request, *args, **kwargs)
        return redirect("admin:index")

    return checked


class StaffRequest(HttpRequest):
    """An HTTP request whose user is one of the staff; what views behind `staff_required` get."""

    user: User


def staff_required(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For everybody else there is nothing here: 404. (Strangers were stopped by LoginRequiredMiddleware.)"""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if isinstance(request.user, User) and request.user.is_staff:
            return view(request, *args, **kwargs)
        raise Http404

    return checked
