"""The public pages around the cabinet, and the error pages."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_safe

from accounts.legal_forms import LEGAL_FORMS
from requests_app.models import ServiceTerm
from requests_app.services import SERVICES
from rsmportal.content.models import News
from rsmportal.display import COOKIE, Display, DisplayForm
from rsmportal.site import site_at

LATEST_NEWS = 3


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    context = {"news": News.objects.published()[:LATEST_NEWS], "kinds": LEGAL_FORMS}
    return render(request, "content/home.html", context)


@login_not_required
@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "content/about.html")


@login_not_required
@require_safe
def user_guide(request: HttpRequest) -> HttpResponse:
    return render(request, "content/help.html")


@login_not_required
@require_safe
def contacts(request: HttpRequest) -> HttpResponse:
    return render(request, "content/contacts.html")


@login_not_required
@require_safe
def services(request: HttpRequest) -> HttpResponse:
    """Every service with the term that is in force today."""
    terms = {term.service: term for term in ServiceTerm.objects.current(on=timezone.localdate())}
    catalogue = [(service, terms.get(service.slug)) for service in SERVICES]
    return render(request, "content/services.html", {"catalogue": catalogue})


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def display_settings(request: HttpRequest) -> HttpResponse:
    """«Версия для слабовидящих»: the choice goes into a cookie, and the reader back to where they were."""
    target = _safe_next(request)
    if request.method == "POST":
        form = DisplayForm(request.POST)
        if form.is_valid():
            response = redirect(target)
            form.display.remember(response)
            return response
    else:
        form = DisplayForm(initial=Display.from_cookie(request.COOKIES.get(COOKIE, "")).attributes)
    return render(request, "content/display_settings.html", {"form": form, "next": target})


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """For the monitor: 200 when the database answers, 503 when it does not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return HttpResponse("database is unavailable", content_type="text/plain", status=503)
    return HttpResponse("ok", content_type="text/plain")


# -- Error pages ----------------------------------------------------------------------------------------------------


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _error_page(request, 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _error_page(request, 403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _error_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return _error_page(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """
    The form's one-time mark did not fit: most often the page stood open through a login or a logout.

    Long texts are given back to be copied, but only when the browser says that the form was a page of ours: another
    site must not be able to write on this one.
    """
    own_form = request.headers.get("Sec-Fetch-Site") == "same-origin"
    long = [value for name, value in request.POST.items() if len(value) > 80 and "password" not in name]
    return _error_page(request, 403, "errors/csrf.html", {"texts": long if own_form else []})


def _error_page(
    request: HttpRequest, status: int, template: str = "", context: dict[str, Any] | None = None
) -> HttpResponse:
    """Drawn without request and context processors: an error page must not ask the database that may have failed."""
    around = {"site": site_at(""), "display": Display.from_cookie(request.COOKIES.get(COOKIE, ""))}
    html = render_to_string(template or f"errors/{status}.html", around | (context or {}))
    return HttpResponse(html, status=status)


def _safe_next(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next") or "/"
    allowed = url_has_allowed_host_and_scheme(target, allowed_hosts=None)
    return target if allowed else "/"
