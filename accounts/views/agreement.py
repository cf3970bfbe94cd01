"""The agreement before the cabinet, and the policy for everybody to read."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_safe

from accounts import consent
from accounts.forms import AgreementForm
from accounts.models import ConsentDocument, Purpose, User


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def agreement(request: HttpRequest) -> HttpResponse:
    """Asked before registration and login, and of who is logged in when a text in force is not accepted."""
    destination = _next_of(request)
    if isinstance(request.user, User) and not consent.is_due(request.user):
        return _lead_on(request, destination)
    form = AgreementForm(request.POST or None)
    if form.is_valid():
        _accept(request, consent.acceptance_of(request, news=form.cleaned_data["news"]))
        return _lead_on(request, destination)
    context = {"form": form, "next": destination, "is_withdrawn": _is_withdrawn(request)}
    return render(request, "legal/agreement.html", context)


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """The texts in force, and every version that ever was."""
    versions = ConsentDocument.objects.published(at=timezone.now()).order_by("-published_at")
    return render(request, "legal/privacy.html", {"documents": consent.documents(), "versions": versions})


def through_agreement(request: HttpRequest) -> HttpResponse:
    """To the agreement, which leads back to this very address."""
    return redirect(f"{reverse('accounts:consent')}?{urlencode({'next': request.get_full_path()})}")


def _accept(request: HttpRequest, acceptance: consent.Acceptance) -> None:
    """Record it for who is logged in; keep it for who is about to be."""
    if isinstance(request.user, User):
        consent.record(request.user, acceptance)
    else:
        consent.remember(request, acceptance)


def _lead_on(request: HttpRequest, destination: str) -> HttpResponse:
    request.session.pop(consent.DUE_KEY, None)
    response = redirect(destination)
    consent.mark_passed(response)
    return response


def _next_of(request: HttpRequest) -> str:
    """Where the agreement leads on to: an address of this site, else the login page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return reverse("requests:cabinet") if request.user.is_authenticated else reverse("accounts:login")


def _is_withdrawn(request: HttpRequest) -> bool:
    """Is it asked because its reader has withdrawn it?"""
    if not isinstance(request.user, User):
        return False
    state = consent.states(request.user).get(Purpose.REGISTRATION)
    return state is not None and state.is_withdrawn
