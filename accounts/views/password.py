from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_http_methods

from accounts import actions
from accounts.forms import NewPasswordForm, PasswordChangeForm, PasswordResetForm
from accounts.limits import PASSWORD_RESETS, PASSWORD_RESETS_OF_ADDRESS, client_network


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def password_reset(request: HttpRequest) -> HttpResponse:
    """The answer is the same whether the address is known, unknown or asked for too often."""
    form = PasswordResetForm(request.POST or None)
    if form.is_valid():
        email = form.cleaned_data["email"].lower()
        if PASSWORD_RESETS.hit(client_network(request)) and PASSWORD_RESETS_OF_ADDRESS.hit(email):
            actions.send_password_reset(email)
        return redirect("accounts:password_reset_done")
    return render(request, "accounts/password_reset.html", {"form": form})


class PasswordResetDoneView(auth_views.PasswordResetDoneView):
    template_name = "accounts/password_reset_done.html"


class PasswordResetConfirmView(auth_views.PasswordResetConfirmView):
    """Opening the link, as a mail scanner does, uses nothing up; the new password does, and ends every session."""

    template_name = "accounts/password_reset_confirm.html"
    form_class = NewPasswordForm  # type: ignore[assignment]  # the view asks for a user and save() only
    success_url = reverse_lazy("accounts:password_reset_complete")

    def form_valid(self, form: Any) -> HttpResponse:
        actions.confirm_email(form.user)  # the link came in a letter to this address
        return super().form_valid(form)


class PasswordResetCompleteView(auth_views.PasswordResetCompleteView):
    template_name = "accounts/password_reset_complete.html"


class PasswordChangeView(auth_views.PasswordChangeView):
    template_name = "accounts/password_change.html"
    form_class = PasswordChangeForm  # type: ignore[assignment]  # the view asks for a user and save() only
    success_url = reverse_lazy("accounts:profile")

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, "Пароль изменён. На других устройствах нужно войти заново.")
        return super().form_valid(form)
