"""Access to supply points: asked for by consumers, decided by staff."""

from __future__ import annotations

import uuid

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from requests_app import notifications
from requests_app.access_forms import AccessForm
from requests_app.actions.files import attach_to_grant, transaction_of_files, write_files
from requests_app.models import AccessGrant, GrantBasis, GrantStatus, SupplyPoint
from requests_app.models.access import AccessGrantQuerySet
from requests_app.supply_keys import address_key, contract_key, serial_key

# Our rule: more than this nobody asks for at once, and the queue of staff is not flooded by one account.
MAX_WAITING = 30


class AccessNotChanged(Exception):
    """It cannot be done: decided already, or not by this person. The text says why."""


def ask_access(*, form: AccessForm, by: User) -> AccessGrant:
    """
    Ask for what the valid `form` says and return the grant. Nothing is looked up: the answer is the same, and takes as
    long, whether there is such a contract and meter or not.

    The same sending again, and the same contract and meter again, return the grant that waits or is confirmed already;
    new documents are added to what waits. Raises `AccessNotChanged` when too many wait, or another point of the
    contract that is not told apart by a meter; `FilesNotStored` when the disk is full.
    """
    with transaction_of_files() as stored:
        # One asking of a consumer at a time: what the next line looks for cannot appear behind it.
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        grant = _asked_before(form, by)
        if grant and (grant.status != GrantStatus.ASKED or not (form.good_files or form.kept_files)):
            return grant
        written = write_files(_without_known_files(form, grant), by=by, stored=stored)
        grant = grant or _asked_now(form, by)
        attach_to_grant(form, written, grant, by=by)
        if grant.attachments.exists():
            grant.basis = GrantBasis.DOCUMENT
            grant.save(update_fields=["basis"])
    return grant


def withdraw_access(grant: AccessGrant, *, by: User) -> None:
    """
    The consumer does not want it any more; twice is once. Raises `AccessNotChanged` when staff have decided meanwhile
    and `PermissionDenied` when it is not theirs.
    """
    if grant.user_id != by.pk:
        raise PermissionDenied("Only who asked may withdraw")
    with transaction.atomic():
        locked = AccessGrant.objects.locked().get(pk=grant.pk)
        if locked.status == GrantStatus.WITHDRAWN:
            return
        _check_status(locked, GrantStatus.ASKED)
        locked.status, locked.withdrawn_at = GrantStatus.WITHDRAWN, timezone.now()
        locked.save(update_fields=["status", "withdrawn_at"])


def confirm_access(grant: AccessGrant, *, point: SupplyPoint, by: User) -> None:
    """
    Let the consumer see `point`, and send the letter. Raises `AccessNotChanged` when it is decided already or the
    consumer has this point, `PermissionDenied` for whoever may not decide.
    """
    _check_permission("decide", by)
    with transaction.atomic():
        # before the grant, in the order of `ask_access`: two grants of one consumer are confirmed one after another
        User.objects.select_for_update(no_key=True).get(pk=grant.user_id)
        locked = AccessGrant.objects.locked().get(pk=grant.pk)
        _check_status(locked, GrantStatus.ASKED)
        if AccessGrant.objects.confirmed_for(grant.user_id).filter(point=point).exists():
            raise AccessNotChanged("У потребителя уже есть доступ к этой точке. Откажите: просьба повторная.")
        locked.point = point
        _decide(locked, GrantStatus.CONFIRMED, reason="", by=by)


def refuse_access(grant: AccessGrant, *, reason: str, by: User) -> None:
    """
    Refuse, with a `reason` that the consumer reads, and send the letter. Raises `AccessNotChanged` when it is decided
    already or there is no reason, `PermissionDenied` for whoever may not decide.
    """
    _check_permission("decide", by)
    _check_reason(reason)
    with transaction.atomic():
        locked = AccessGrant.objects.locked().get(pk=grant.pk)
        _check_status(locked, GrantStatus.ASKED)
        _decide(locked, GrantStatus.REFUSED, reason=reason, by=by)


def revoke_access(grant: AccessGrant, *, reason: str, by: User) -> None:
    """
    End a confirmed access, with a `reason` that the consumer reads, and send the letter. Raises `AccessNotChanged` when
    it is not confirmed (any more) or there is no reason, `PermissionDenied` for whoever may not revoke.
    """
    _check_permission("revoke", by)
    _check_reason(reason)
    with transaction.atomic():
        locked = AccessGrant.objects.locked().get(pk=grant.pk)
        _check_status(locked, GrantStatus.CONFIRMED)
        locked.status = GrantStatus.REVOKED
        locked.revoked_by, locked.revoked_at, locked.revocation_reason = by, timezone.now(), reason
        locked.save(update_fields=["status", "revoked_by", "revoked_at", "revocation_reason"])
        notifications.access_changed(locked)


def _asked_before(form: AccessForm, by: User) -> AccessGrant | None:
    """
    The grant for the same contract and meter that waits or is confirmed. A contract may have several points: without
    the number of a meter it is the address that tells which.
    """
    open_ones = _same(form, by).filter(status__in=[GrantStatus.ASKED, GrantStatus.CONFIRMED])
    place = address_key(form.cleaned_data["address"])
    return next((grant for grant in open_ones if grant.serial_key or address_key(grant.address) == place), None)


def _same(form: AccessForm, by: User) -> AccessGrantQuerySet:
    contract, serial = form.cleaned_data["contract_number"], form.cleaned_data["meter_serial"]
    return AccessGrant.objects.of(by).filter(contract_key=contract_key(contract), serial_key=serial_key(serial))


def _without_known_files(form: AccessForm, grant: AccessGrant | None) -> AccessForm:
    """The form without the files that the grant has already: a refreshed page sends them again."""
    if grant:
        known = set(grant.attachments.values_list("sha256", flat=True))
        form.good_files = [file for file in form.good_files if file.sha256 not in known]
    return form


def _asked_now(form: AccessForm, by: User) -> AccessGrant:
    mine = AccessGrant.objects.of(by)
    if mine.waiting().count() >= MAX_WAITING:
        raise AccessNotChanged(
            f"На\N{NO-BREAK SPACE}проверке уже {MAX_WAITING} ваших объектов. Дождитесь решения, потом добавьте следующие."
        )
    if _same(form, by).waiting().exists():
        raise AccessNotChanged(
            "По\N{NO-BREAK SPACE}этому договору уже проверяем объект без номера счётчика. Напишите номер счётчика или "
            "дождитесь решения."
        )
    # after «Back», an edit and another sending the key of the form is taken
    is_used = mine.filter(submission_key=form.key).exists()
    basis = GrantBasis.METER if form.cleaned_data["meter_serial"] else GrantBasis.DOCUMENT
    typed = {name: form.cleaned_data[name] for name in ("contract_number", "meter_serial", "address")}
    key = uuid.uuid4() if is_used else form.key
    return AccessGrant.objects.create(user=by, submission_key=key, basis=basis, **typed)


def _check_permission(what: str, by: User) -> None:
    if not by.has_perm(f"requests_app.{what}_accessgrant"):
        raise PermissionDenied(f"This one may not {what} access")


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise AccessNotChanged("Напишите причину: её прочтёт потребитель.")


def _check_status(grant: AccessGrant, expected: GrantStatus) -> None:
    if grant.status != expected:
        raise AccessNotChanged(f"Состояние уже другое: «{grant.get_status_display()}».")


def _decide(grant: AccessGrant, status: GrantStatus, *, reason: str, by: User) -> None:
    grant.status, grant.reason = status, reason
    grant.decided_by, grant.decided_at = by, timezone.now()
    grant.save(update_fields=["status", "point", "reason", "decided_by", "decided_at"])
    notifications.access_changed(grant)
