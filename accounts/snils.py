"""
SNILS at rest: encrypted, with a keyed hash beside it for look-up.

`SNILS_KEYS` is a list, newest first. The newest encrypts, every one decrypts, and the oldest makes the hash: so a key
is added in front and the last one is never removed.
"""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def encrypt(snils: str) -> str:
    """Eleven digits → the token that is stored."""
    return _fernet().encrypt(snils.encode()).decode()


def decrypt(token: str) -> str:
    """The stored token → eleven digits. Raises `cryptography.fernet.InvalidToken` when no key fits."""
    return _fernet().decrypt(token.encode()).decode()


def lookup_hash(snils: str) -> str:
    """Eleven digits → 64 hex digits, the same each time; without the key it cannot be made from a list of all SNILS."""
    return hmac.new(_derive(settings.SNILS_KEYS[-1], b"lookup"), snils.encode(), hashlib.sha256).hexdigest()


def _fernet() -> MultiFernet:
    keys = [base64.urlsafe_b64encode(_derive(key, b"encryption")) for key in settings.SNILS_KEYS]
    return MultiFernet([Fernet(key) for key in keys])


def _derive(key: str, purpose: bytes) -> bytes:
    return hmac.new(key.encode(), b"snils " + purpose, hashlib.sha256).digest()
