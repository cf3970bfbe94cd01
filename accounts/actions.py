"""What changes accounts. One transaction each; letters are queued inside it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from accounts import consent, second_factor
from accounts.consent import Acceptance
from accounts.legal_forms.base import RegistrationForm
from accounts.models import ConsentDocument, Consumer, DataView, Look, SecondFactor, User
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
    token = signing.dumps([user.pk, _mark_of(user.email)], salt=_CONFIRMATION_SALT)
    link = settings.SITE_URL + reverse("accounts:confirm_email", args=[token])
    mail.queue("confirm_email", to=user.email, subject="Подтвердите адрес электронной почты", context={"link": link})


def user_to_confirm(token: str) -> User | None:
    """Whose address the token confirms; None when it is broken, too old, or the address has changed since."""
    try:
        pk, mark = signing.loads(token, salt=_CONFIRMATION_SALT, max_age=CONFIRMATION_AGE)
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=pk, is_active=True).first()
    return user if user and _mark_of(user.email) == mark else None


def confirm_email(user: User) -> None:
    """Mark the address as confirmed; a second time changes nothing."""
    User.objects.filter(pk=user.pk, email_confirmed_at=None).update(email_confirmed_at=timezone.now())


def _mark_of(email: str) -> str:
    """Stands for the address in the link: links are written into logs."""
    return salted_hmac(_CONFIRMATION_SALT, email).hexdigest()[:16]


def draft_next_version(document: ConsentDocument) -> ConsentDocument:
    """A draft that follows the newest version of the text and begins with that of `document`; one there is, is kept."""
    newest = ConsentDocument.objects.filter(purpose=document.purpose).latest("version")
    if newest.published_at is None:
        return newest
    beginning = {"title": document.title, "summary": document.summary, "text": document.text}
    draft, _ = ConsentDocument.objects.get_or_create(
        purpose=document.purpose, version=newest.version + 1, defaults=beginning
    )
    return draft


def send_password_reset(email: str) -> None:
    """
    Queue the letter for setting a new password, when an active account has this address.

    For an unknown address the same is done and taken back: how long the answer takes must not tell them apart.
    """
    known = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    user = known or User(pk=0, email=email)
    uid, token = urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)
    link = settings.SITE_URL + reverse("accounts:password_reset_confirm", args=[uid, token])
    with transaction.atomic():
        mail.queue("password_reset", to=user.email, subject="Новый пароль для личного кабинета", context={"link": link})
        transaction.set_rollback(known is None)


# -- The second step of the login of staff --------------------------------------------------------------------------


class AlreadyConnected(Exception):
    """Meanwhile another window has connected a device."""


def connect_device(user: User, *, secret: str, step: int, instead_of: SecondFactor | None) -> list[str]:
    """
    Ask for codes of this secret from now on; returns the recovery codes, which can never be read again.

    `step`: that of the code which has confirmed it, see `second_factor.matching_step`. Raises AlreadyConnected when
    the device of today is not `instead_of`.
    """
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # two windows connect one after the other
        before = SecondFactor.objects.filter(user=user).first()
        if before != instead_of:
            raise AlreadyConnected
        if before:
            before.delete()
        factor = SecondFactor.objects.create(user=user, secret=second_factor.seal(secret), last_step=step)
        codes = second_factor.new_recovery_codes(factor)
        _tell_of_second_factor(user, "Подключено приложение с кодами для входа")
    return codes


def renew_recovery_codes(factor: SecondFactor) -> list[str]:
    """New recovery codes instead of those there are."""
    with transaction.atomic():
        SecondFactor.objects.select_for_update().get(
            pk=factor.pk
        )  # two windows one after the other: ten codes, not twenty
        codes = second_factor.new_recovery_codes(factor)
        _tell_of_second_factor(factor.user, "Выданы новые коды восстановления")
    return codes


def reset_second_factor(user: User) -> bool:
    """Forget the device and its recovery codes: the next login connects another. False: there was none."""
    with transaction.atomic():
        _, deleted = SecondFactor.objects.filter(user=user).delete()
        was_there = bool(deleted)
        if was_there:
            _tell_of_second_factor(user, "Приложение с кодами для входа отключено")
    return was_there


def _tell_of_second_factor(user: User, what: str) -> None:
    mail.queue("second_factor_changed", to=user.email, subject=what, context={"what": what})


# -- SNILS ----------------------------------------------------------------------------------------------------------

REVEAL_SNILS = "accounts.reveal_snils"


def reveal_snils(consumer: Consumer, *, reason: str, by: User) -> str:
    """
    Return the eleven digits, once it is written into the trail that `by` has looked and why. Each look is a row.

    Raises `PermissionDenied` for whoever may not, ValueError when there is no СНИЛС, and ValidationError when the
    `reason` is too short or too long.
    """
    if not by.has_perm(REVEAL_SNILS) or not by.has_perm("accounts.view_consumer"):
        raise PermissionDenied("This one may not see it")
    if not consumer.snils_encrypted:
        raise ValueError("There is nothing to show")
    look = DataView(by=by, kind=Look.REVEAL, page="СНИЛС", consumer_id=consumer.pk, reason=reason.strip())
    with transaction.atomic():
        look.full_clean()
        look.save()
    return consumer.snils
