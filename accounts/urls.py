from django.contrib.auth import views as auth_views
from django.urls import path, register_converter

from accounts import views
from accounts.captcha import captcha_challenge
from accounts.models import Purpose

app_name = "accounts"


class PurposeConverter:
    """A consent that the consumer can give and withdraw alone."""

    regex = "|".join([Purpose.REGISTRATION, Purpose.NEWS])

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(PurposeConverter, "purpose")


urlpatterns = [
    path("consent/", views.agreement, name="consent"),
    path("privacy/", views.privacy, name="privacy"),
    path("accounts/register/<slug:slug>/", views.register, name="register"),
    path("accounts/captcha/", captcha_challenge, name="captcha_challenge"),
    path("accounts/login/", views.LoginView.as_view(), name="login"),
    path("accounts/logout/", views.LogoutView.as_view(), name="logout"),
    path("accounts/password-reset/", views.password_reset, name="password_reset"),
    path(
        "accounts/password-reset/sent/",
        auth_views.PasswordResetDoneView.as_view(template_name="accounts/password_reset_done.html"),
        name="password_reset_done",
    ),
    path(
        "accounts/password-reset/<uidb64>/<token>/",
        views.PasswordResetConfirmView.as_view(),
        name="password_reset_confirm",
    ),
    path(
        "accounts/password-reset/done/",
        auth_views.PasswordResetCompleteView.as_view(template_name="accounts/password_reset_complete.html"),
        name="password_reset_complete",
    ),
    path("accounts/password/", views.PasswordChangeView.as_view(), name="password_change"),
    path("accounts/confirm-email/<str:token>/", views.confirm_email, name="confirm_email"),
    path("accounts/confirm-email/", views.resend_confirmation, name="resend_confirmation"),
    path("accounts/profile/", views.profile, name="profile"),
    path("accounts/consents/<purpose:purpose>/", views.set_consent, name="set_consent"),
]
