from django.urls import path, register_converter

from accounts.captcha import captcha_challenge
from accounts.models import Purpose
from accounts.views import agreement, login, password, profile, registration, second_factor

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
    path("consent/", agreement.agreement, name="consent"),
    path("privacy/", agreement.privacy, name="privacy"),
    path("accounts/register/<slug:slug>/", registration.register, name="register"),
    path("accounts/captcha/", captcha_challenge, name="captcha_challenge"),
    path("accounts/login/", login.LoginView.as_view(), name="login"),
    path("accounts/logout/", login.LogoutView.as_view(), name="logout"),
    path("accounts/password-reset/", password.password_reset, name="password_reset"),
    path("accounts/password-reset/sent/", password.PasswordResetDoneView.as_view(), name="password_reset_done"),
    path(
        "accounts/password-reset/<uidb64>/<token>/",
        password.PasswordResetConfirmView.as_view(),
        name="password_reset_confirm",
    ),
    path("accounts/password-reset/done/", password.PasswordResetCompleteView.as_view(), name="password_reset_complete"),
    path("accounts/password/", password.PasswordChangeView.as_view(), name="password_change"),
    path("accounts/confirm-email/<str:token>/", profile.confirm_email, name="confirm_email"),
    path("accounts/confirm-email/", profile.resend_confirmation, name="resend_confirmation"),
    path("accounts/profile/", profile.profile, name="profile"),
    path("admin/second-factor/", second_factor.second_factor, name="second_factor"),
    path("admin/second-factor/device/", second_factor.device, name="second_factor_device"),
    path("admin/security/", second_factor.security, name="security"),
    path("accounts/consents/<purpose:purpose>/", profile.set_consent, name="set_consent"),
]
