"""What changes accounts. One transaction each; letters are queued inside it."""

from __future__ import annotations

from urllib.parse import quote

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from accounts import consent
from accounts.consent import Acceptance
from accounts.legal_forms.base import RegistrationForm
from accounts.models import User
from rsmportal import mail

CONFIRMATION_AGE = 7 * 24 * 60 * 60  # seconds
_CONFIRMATION_SALT = "accounts.confirm_email"


def register(*, form: RegistrationForm, acceptance: Acceptance) -> User:
    """
    Open the account that the valid `form` describes, with the record of the agreement and the letter.

    Raises IntegrityError when the e-mail was taken at the same moment.
    """
    with transaction.atomic():
        user = User.objects.create_user(form.cleaned_data["email"], form.cleaned_data["password"])
        consumer = form.consumer()
        consumer.user = user
        consumer.save(force_insert=True)
        consent.record(user, acceptance)
        send_confirmation(user)
    return user


def send_confirmation(user: User) -> None:
    """Queue the letter with the link that confirms the address; the link is good for a week and for this address."""
    token = signing.dumps({"user": user.pk, "email": user.email}, salt=_CONFIRMATION_SALT)
    link = settings.SITE_URL + reverse("accounts:confirm_email", args=[token])
    mail.queue("confirm_email", to=user.email, subject="Подтвердите адрес электронной почты", context={"link": link})


def user_to_confirm(token: str) -> User | None:
    """Whose address the token confirms; None when it is broken, too old, or the address has changed since."""
    try:
        claim = signing.loads(token, salt=_CONFIRMATION_SALT, max_age=CONFIRMATION_AGE)
    except signing.BadSignature:
        return None
    return User.objects.filter(pk=claim["user"], email=claim["email"], is_active=True).first()


def confirm_email(user: User) -> None:
    """Mark the address as confirmed; a second time changes nothing."""
    User.objects.filter(pk=user.pk, email_confirmed_at=None).update(email_confirmed_at=timezone.now())


def send_password_reset(email: str) -> None:
    """Queue the letter for setting a new password, when an active account has this address; else nothing."""
    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if user is None:
        return
    uid, token = urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)
    link = settings.SITE_URL + reverse("accounts:password_reset_confirm", args=[quote(uid), token])
    mail.queue("password_reset", to=user.email, subject="Новый пароль для личного кабинета", context={"link": link})
