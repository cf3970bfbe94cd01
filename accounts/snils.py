"""SNILS at rest: encrypted, with a keyed hash beside it for look-up; see `sealed` for the keys."""

from accounts.sealed import Seal

_SEAL = Seal("snils")


def encrypt(snils: str) -> str:
    """Eleven digits → the token that is stored."""
    return _SEAL.encrypt(snils)


def decrypt(token: str) -> str:
    """The stored token → eleven digits. Raises `cryptography.fernet.InvalidToken` when no key fits."""
    return _SEAL.decrypt(token)


def lookup_hash(snils: str) -> str:
    """Eleven digits → 64 hex digits, the same each time; without the key it cannot be made from a list of all SNILS."""
    return _SEAL.lookup_hash(snils)
