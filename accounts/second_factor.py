"""
The second step of the login of staff: a code of an application on the phone (TOTP, RFC 6238), or a recovery code.

A code is good once: the step of the last one is stored, and a recovery code is marked as used. Both are taken by one
conditional UPDATE, so of any number of parallel tries one gets True.
"""

import base64
import secrets
import time
from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import quote, urlencode

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django_otp.oath import TOTP

from accounts.identifiers import normalise
from accounts.limits import Limit
from accounts.models import RecoveryCode, SecondFactor, User
from accounts.sealed import Seal

RECOVERY_CODES = 10
SECRET_LENGTH = 20  # bytes: RFC 4226, R6 recommends 160 bits
REPLACING = timedelta(minutes=10)  # from the password and the code of the old device to the code of the new one

# By person, wherever the tries come from, right ones too. The long one keeps the chance of a guess small: of a million
# codes three are good at a time, so somebody who knows the password guesses for a year with a chance of 3 in 100.
_TRIES = Limit(name="second factor", rate=10, period=timedelta(minutes=15))
_TRIES_OF_DAY = Limit(name="second factor in a day", rate=30, period=timedelta(days=1))

_STEP = 30  # seconds
_DIGITS = 6
_TOLERANCE = 1  # steps before and after: the clock of a phone is never quite right
_RECOVERY_DIGITS = 12  # only digits, so that the keyboard of digits of a phone does for both kinds of codes

_PASSED = "second_factor"
_TO_CONNECT = "second_factor_new"
_REPLACE_UNTIL = "second_factor_replace_until"

_SEAL = Seal("second factor")


class TooManyTries(Exception):
    """The limit is reached. `left`: until the next try."""

    def __init__(self, left: timedelta) -> None:
        super().__init__(left)
        self.left = left


# -- Codes ----------------------------------------------------------------------------------------------------------


def of(user: User) -> SecondFactor | None:
    return getattr(user, "second_factor", None)


def count_try(user: User) -> None:
    """Comes before every look at a code or password of the second step. Raises TooManyTries."""
    for limit in (_TRIES, _TRIES_OF_DAY):
        if not limit.hit(user.pk):
            raise TooManyTries(limit.time_left())


def use(factor: SecondFactor, typed: str) -> bool:
    """Take the code: of the application or for recovery, with or without spaces. False: wrong, or used before."""
    code = normalise(typed)
    if not (code.isascii() and code.isdigit()):
        return False
    if len(code) == _RECOVERY_DIGITS:
        return _use_recovery_code(factor, code)
    step = matching_step(_SEAL.decrypt(factor.secret), code, after=factor.last_step)
    unused = SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step or 0)
    return step is not None and unused.update(last_step=step) == 1


def matching_step(secret: str, code: str, *, after: int = 0) -> int | None:
    """The number of the half minute since 1970 whose code this is, if it is about now and later than `after`."""
    code = normalise(code)
    if len(code) != _DIGITS or not (code.isascii() and code.isdigit()):
        return None
    totp = TOTP(base64.b32decode(secret), step=_STEP, digits=_DIGITS)
    totp.time = time.time()  # stands still while the steps are compared
    fits: bool = totp.verify(int(code), tolerance=_TOLERANCE, min_t=after + 1)
    return int(totp.t()) if fits else None


def new_secret() -> str:
    """In Base32, as applications take it."""
    return base64.b32encode(secrets.token_bytes(SECRET_LENGTH)).decode()


def address_of(secret: str, user: User) -> str:
    """What the QR code says: otpauth://, by Google Authenticator's description of its format."""
    issuer = settings.OPERATOR_NAME
    query = urlencode({"secret": secret, "issuer": issuer, "period": _STEP, "digits": _DIGITS}, quote_via=quote)
    return f"otpauth://totp/{quote(issuer)}:{quote(user.email)}?{query}"


def seal(secret: str) -> str:
    """As it is stored."""
    return _SEAL.encrypt(secret)


def new_recovery_codes(factor: SecondFactor) -> list[str]:
    """Instead of those before, which are good no longer. In groups of four digits; they can never be read again."""
    codes: set[str] = set()
    while len(codes) < RECOVERY_CODES:
        codes.add(f"{secrets.randbelow(10**_RECOVERY_DIGITS):0{_RECOVERY_DIGITS}}")
    factor.recovery_codes.all().delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(factor=factor, code_hash=_hash(factor, code)) for code in codes)
    return [grouped(code) for code in codes]


def recovery_codes_left(factor: SecondFactor) -> int:
    return factor.recovery_codes.filter(used_at=None).count()


def grouped(text: str) -> str:
    """By four signs, as people read long numbers aloud."""
    return " ".join(_pieces(text))


def _pieces(text: str) -> Iterable[str]:
    return (text[start : start + 4] for start in range(0, len(text), 4))


def _use_recovery_code(factor: SecondFactor, code: str) -> bool:
    unused = factor.recovery_codes.filter(code_hash=_hash(factor, code), used_at=None)
    return unused.update(used_at=timezone.now()) == 1


def _hash(factor: SecondFactor, code: str) -> str:
    return _SEAL.lookup_hash(f"{factor.pk} {code}")


# -- The session ----------------------------------------------------------------------------------------------------


def is_wanted(request: HttpRequest) -> bool:
    """Is this a session of staff whose second step is still to come? Who has connected a device is asked in any case."""
    if not isinstance(request.user, User) or not request.user.is_staff:
        return False
    return (settings.STAFF_SECOND_FACTOR or of(request.user) is not None) and not has_passed(request)


def has_passed(request: HttpRequest) -> bool:
    """With the device of today: after another one was connected, or it was reset, the step is asked for again."""
    factor = of(request.user) if isinstance(request.user, User) else None
    return factor is not None and request.session.get(_PASSED) == factor.pk


def remember(request: HttpRequest, factor: SecondFactor) -> None:
    """Open the session. Its key changes: one that was known before the code is worth nothing."""
    for key in (_TO_CONNECT, _REPLACE_UNTIL):
        request.session.pop(key, None)
    request.session[_PASSED] = factor.pk
    request.session.cycle_key()


def secret_to_connect(request: HttpRequest) -> str:
    """The secret that is shown until its device is connected: the same on every look at the page."""
    token = request.session.get(_TO_CONNECT)
    if token is None:
        token = request.session[_TO_CONNECT] = seal(new_secret())
    return _SEAL.decrypt(token)


def allow_replacing(request: HttpRequest) -> None:
    request.session[_REPLACE_UNTIL] = time.time() + REPLACING.total_seconds()


def may_connect(request: HttpRequest) -> bool:
    """The first device, or another after the password and a code of the old one."""
    may_replace = request.session.get(_REPLACE_UNTIL, 0) > time.time()
    return of(request.user) is None or (has_passed(request) and may_replace)  # type: ignore[arg-type]  # staff alone
