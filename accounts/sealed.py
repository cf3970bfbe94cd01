"""
Secrets at rest: encrypted, with a keyed hash for what is looked up.

`SNILS_KEYS` is a list, newest first. The newest encrypts, every one decrypts, and the oldest makes the hash: so a key
is added in front and the last one is never removed.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


@dataclass(frozen=True)
class Seal:
    """Of one kind of secret. Each `kind` has keys of its own: what one has sealed no other can open."""

    kind: str

    def encrypt(self, text: str) -> str:
        """The text → the token that is stored; another one each time."""
        return self._fernet().encrypt(text.encode()).decode()

    def decrypt(self, token: str) -> str:
        """The stored token → the text. Raises `cryptography.fernet.InvalidToken` when no key fits."""
        return self._fernet().decrypt(token.encode()).decode()

    def lookup_hash(self, text: str) -> str:
        """The text → 64 hex digits, the same each time; without the key no list of all texts helps."""
        return hmac.new(self._derive(settings.SNILS_KEYS[-1], "lookup"), text.encode(), hashlib.sha256).hexdigest()

    def _fernet(self) -> MultiFernet:
        keys = [base64.urlsafe_b64encode(self._derive(key, "encryption")) for key in settings.SNILS_KEYS]
        return MultiFernet([Fernet(key) for key in keys])

    def _derive(self, key: str, purpose: str) -> bytes:
        return hmac.new(key.encode(), f"{self.kind} {purpose}".encode(), hashlib.sha256).digest()
