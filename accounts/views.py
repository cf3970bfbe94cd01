"""Agreement, registration, login, password and profile pages."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from accounts import actions, consent, legal_forms
from accounts.captcha import captcha_csp
from accounts.forms import AgreementForm, LoginForm, PasswordResetForm, ProfileForm
from accounts.http import ConsumerRequest, consumer_required
from accounts.limits import PASSWORD_RESETS, PASSWORD_RESETS_OF_ADDRESS, client_network
from accounts.models import ConsentEvent, Purpose, User

_BACKEND = "accounts.backends.LoginBackend"


# -- Agreement ------------------------------------------------------------------------------------------------------


@login_not_required
def agreement(request: HttpRequest) -> HttpResponse:
    form = AgreementForm(request.POST or None)
    destination = _next_of(request)
    if form.is_valid():
        acceptance = consent.acceptance_of(request, news=form.cleaned_data["news"])
        _accept(request, acceptance)
        response = redirect(destination)
        consent.mark_passed(response)
        return response
    context = {"form": form, "next": destination, "documents": consent.documents()}
    return render(request, "legal/agreement.html", context)


@login_not_required
@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "legal/privacy.html", {"documents": consent.documents()})


def _accept(request: HttpRequest, acceptance: consent.Acceptance) -> None:
    """Record it for who is logged in; keep it for who is about to be."""
    if isinstance(request.user, User) and request.user.is_consumer:
        consent.record(request.user, acceptance)
        request.session.pop(consent.DUE_KEY, None)
    else:
        consent.remember(request, acceptance)


def _next_of(request: HttpRequest) -> str:
    """Where the agreement leads on to: an address of this site, else the login page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return wanted
    return reverse("requests:cabinet") if request.user.is_authenticated else reverse("accounts:login")


def _through_agreement(request: HttpRequest) -> HttpResponse:
    return redirect(f"{reverse('accounts:consent')}?{urlencode({'next': request.get_full_path()})}")


# -- Registration ---------------------------------------------------------------------------------------------------


@login_not_required
@captcha_csp
@sensitive_post_parameters()
def register(request: HttpRequest, slug: str) -> HttpResponse:
    kind = legal_forms.get_or_404(slug)
    if request.user.is_authenticated:
        return redirect("requests:cabinet")
    acceptance = consent.remembered(request)
    if request.method != "POST" and acceptance is None:
        return _through_agreement(request)
    form = kind.form_class(request.POST or None, request=request, agreed=acceptance is not None)
    if form.is_valid():
        acceptance = acceptance or consent.acceptance_of(request, news=False)
        if _open_account(request, form, acceptance):
            return redirect("requests:cabinet")
    return render(request, "accounts/register.html", {"form": form, "kind": kind, "kinds": legal_forms.LEGAL_FORMS})


def _open_account(
    request: HttpRequest, form: legal_forms.base.RegistrationForm, acceptance: consent.Acceptance
) -> bool:
    try:
        user = actions.register(form=form, acceptance=acceptance)
    except IntegrityError:  # the same e-mail in the same second
        form.refuse_known_email()
        return False
    consent.forget(request)
    login(request, user, backend=_BACKEND)
    messages.success(request, "Кабинет открыт. Мы отправили письмо: подтвердите адрес, чтобы получать ответы.")
    return True


# -- Login ----------------------------------------------------------------------------------------------------------


@method_decorator(sensitive_post_parameters(), name="dispatch")
class LoginView(auth_views.LoginView):
    """Login, once through the agreement on this browser; afterwards an outdated agreement is asked for again."""

    template_name = "accounts/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not consent.has_passed(request):
            return _through_agreement(request)
        return super().get(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        acceptance = consent.remembered(self.request)
        response = super().form_valid(form)
        user = form.get_user()
        if acceptance and user.is_consumer:
            consent.record(user, acceptance)
        consent.forget(self.request)
        if consent.is_due(user):
            self.request.session[consent.DUE_KEY] = True
        seconds = int(settings.REMEMBER_ME.total_seconds()) if form.cleaned_data["remember"] else 0
        self.request.session.set_expiry(seconds)
        return response

    def get_default_redirect_url(self) -> str:
        if self.request.user.is_staff and not self.request.user.is_consumer:
            return reverse("admin:index")
        return super().get_default_redirect_url()


@method_decorator(login_not_required, name="dispatch")
class LogoutView(auth_views.LogoutView):
    """POST only; open to everybody, so that a second click is no error."""


# -- Password -------------------------------------------------------------------------------------------------------


@login_not_required
def password_reset(request: HttpRequest) -> HttpResponse:
    form = PasswordResetForm(request.POST or None)
    if form.is_valid():
        email = form.cleaned_data["email"].lower()
        if PASSWORD_RESETS.hit(client_network(request)) and PASSWORD_RESETS_OF_ADDRESS.hit(email):
            actions.send_password_reset(email)
        return redirect("accounts:password_reset_done")
    return render(request, "accounts/password_reset.html", {"form": form})


class PasswordResetConfirmView(auth_views.PasswordResetConfirmView):
    template_name = "accounts/password_reset_confirm.html"
    success_url = reverse_lazy("accounts:password_reset_complete")


class PasswordChangeView(auth_views.PasswordChangeView):
    template_name = "accounts/password_change.html"
    success_url = reverse_lazy("accounts:profile")

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, "Пароль изменён. На других устройствах нужно войти заново.")
        return super().form_valid(form)


# -- E-mail confirmation --------------------------------------------------------------------------------------------


@login_not_required
def confirm_email(request: HttpRequest, token: str) -> HttpResponse:
    """Opening the link changes nothing: mail scanners open links. The button confirms."""
    user = actions.user_to_confirm(token)
    if user and request.method == "POST":
        actions.confirm_email(user)
        messages.success(request, "Адрес подтверждён.")
        return redirect("requests:cabinet" if request.user.is_authenticated else "home")
    status = 200 if user else 404
    return render(request, "accounts/confirm_email.html", {"confirmed_user": user}, status=status)


@require_POST
@consumer_required
def resend_confirmation(request: ConsumerRequest) -> HttpResponse:
    if PASSWORD_RESETS_OF_ADDRESS.hit(request.user.email):
        actions.send_confirmation(request.user)
    messages.success(request, "Письмо отправлено. Если его нет, проверьте папку «Спам».")
    return redirect("accounts:profile")


# -- Profile --------------------------------------------------------------------------------------------------------


@consumer_required
def profile(request: ConsumerRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=request.user.consumer)
    if form.is_valid():
        form.save()
        messages.success(request, "Профиль сохранён.")
        return redirect("accounts:profile")
    purposes = [Purpose.REGISTRATION, Purpose.NEWS]
    documents = consent.documents()
    consents = [
        (documents[purpose], ConsentEvent.objects.in_force(request.user, documents[purpose]))
        for purpose in purposes
        if purpose in documents
    ]
    context = {"form": form, "consumer": request.user.consumer, "consents": consents}
    return render(request, "accounts/profile.html", context)


@require_POST
@consumer_required
def set_consent(request: ConsumerRequest, purpose: str) -> HttpResponse:
    """Give or withdraw one consent; without the registration consent the cabinet asks for it again."""
    given = request.POST.get("given") == "1"
    consent.set_purpose(request, request.user, Purpose(purpose), given=given)
    if purpose == Purpose.REGISTRATION and not given:
        request.session[consent.DUE_KEY] = True
    messages.success(request, "Согласие дано." if given else "Согласие отозвано.")
    return redirect("accounts:profile")
