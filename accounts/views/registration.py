from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth import authenticate, login
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import actions, consent, legal_forms
from accounts.captcha import captcha_csp
from accounts.legal_forms.base import RegistrationForm
from accounts.models import User
from accounts.views.agreement import through_agreement

REPEAT = timedelta(minutes=10)  # how long a form that comes again is taken for the same one


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@captcha_csp
@sensitive_post_parameters("password", "snils")
def register(request: HttpRequest, slug: str) -> HttpResponse:
    kind = legal_forms.get_or_404(slug)
    acceptance = consent.remembered(request)
    if request.user.is_authenticated:
        return redirect("requests:cabinet")
    if request.method != "POST" and acceptance is None:
        return through_agreement(request)
    form = kind.form_class(request.POST or None, request=request, agreed=acceptance is not None)
    user = _open_account(request, form, acceptance) if form.is_valid() else _repeated(request)
    if user:
        return _into_cabinet(request, user)
    return render(request, "accounts/register.html", {"form": form, "kind": kind, "kinds": legal_forms.LEGAL_FORMS})


def _open_account(request: HttpRequest, form: RegistrationForm, acceptance: consent.Acceptance | None) -> User | None:
    """The new account; None, with the error in `form`, when its e-mail was taken in the same second."""
    acceptance = acceptance or consent.acceptance_of(request, news=form.cleaned_data["news"])
    try:
        return actions.register(form=form, acceptance=acceptance)
    except IntegrityError:
        if not User.objects.filter(email=form.cleaned_data["email"]).exists():
            raise
        form.refuse_known_email()
        return None


def _repeated(request: HttpRequest) -> User | None:
    """
    The account that this form opened a moment ago: of a double click only the second answer reaches the browser, and
    it must be the cabinet. Proven like every login, by e-mail and password, and counted like one when it fails.
    """
    email = request.POST.get("email", "").replace("\0", "").strip().lower()  # PostgreSQL cannot look for a NUL
    opened_since = timezone.now() - REPEAT
    recent = User.objects.filter(email=email, date_joined__gte=opened_since, consumer__isnull=False)
    if not email or not recent.exists():
        return None
    user = authenticate(request, username=email, password=request.POST.get("password", ""))
    return user if isinstance(user, User) else None


def _into_cabinet(request: HttpRequest, user: User) -> HttpResponse:
    consent.forget(request)
    login(request, user, backend="accounts.backends.LoginBackend")
    request.session.set_expiry(0)  # until the browser closes: «Запомнить меня» is asked at login
    messages.success(
        request, "Кабинет открыт. Мы отправили письмо: откройте ссылку из него и подтвердите адрес электронной почты."
    )
    return redirect("requests:cabinet")
