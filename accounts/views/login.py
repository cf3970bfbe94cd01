from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters

from accounts import consent, legal_forms
from accounts.forms import LoginForm
from accounts.models import User
from accounts.views.agreement import through_agreement


@method_decorator(sensitive_post_parameters(), name="dispatch")
class LoginView(auth_views.LoginView):
    """Login, for consumers once through the agreement on this browser; afterwards when it is outdated."""

    template_name = "accounts/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True
    extra_context = {"kinds": legal_forms.LEGAL_FORMS}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        wanted = self.get_redirect_url()
        if wanted.startswith(reverse("admin:index")):
            return auth_views.redirect_to_login(wanted, reverse("admin:login"))  # staff have a door of their own
        if not consent.has_passed(request):
            return through_agreement(request)
        return super().get(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        acceptance = consent.remembered(self.request)
        response = super().form_valid(form)
        self._agree(form.get_user(), acceptance)
        self._keep(long=form.cleaned_data["remember"])
        return response

    def get_default_redirect_url(self) -> str:
        user = self.request.user
        is_consumer = isinstance(user, User) and user.is_consumer
        return super().get_default_redirect_url() if is_consumer else reverse("admin:index")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        del context["site"]  # Django's own; it would hide ours, which every page draws
        return context

    def _agree(self, user: User, acceptance: consent.Acceptance | None) -> None:
        """Record what was accepted on the way here; mark the session when a text in force is still not accepted."""
        if acceptance and user.is_consumer:
            consent.record(user, acceptance)
        consent.forget(self.request)
        if consent.is_due(user):
            self.request.session[consent.DUE_KEY] = True

    def _keep(self, *, long: bool) -> None:
        """«Запомнить меня», else until the browser closes."""
        self.request.session.set_expiry(int(settings.REMEMBER_ME.total_seconds()) if long else 0)


@method_decorator(login_not_required, name="dispatch")
class LogoutView(auth_views.LogoutView):
    """POST only; open to everybody, so that a second click is no error."""
