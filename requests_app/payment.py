"""
The payment code of an invoice: a line by ГОСТ Р 56042-2014 that every bank's application reads.
Pure: no database, no settings.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from rsmportal.payee import Payee

_SEPARATORS = "|~^#*;"  # the standard lets the sender choose: the first that no value holds
_MAX_PURPOSE = 210  # characters, as in a payment order


def payment_line(payee: Payee, *, amount: Decimal, purpose: str) -> str:
    """
    «ST00012|Name=…|PersonalAcc=…|…»: version 0001, encoding 2 (UTF-8), obligatory fields in their order, then sum in
    kopecks and purpose. `amount` is in roubles. Raises ValueError for an amount that is not above zero.
    """
    if amount <= 0:
        raise ValueError("amount")
    values = {
        "Name": payee.name,
        "PersonalAcc": payee.account,
        "BankName": payee.bank,
        "BIC": payee.bic,
        "CorrespAcc": payee.corr_account,
        "Sum": str(int(amount * 100)),
        "Purpose": _one_line(purpose)[:_MAX_PURPOSE],
        "PayeeINN": payee.inn,
        "KPP": payee.kpp,
    }
    separator = _separator(values.values())
    if not separator:
        values = {name: value.replace("|", "/") for name, value in values.items()}
        separator = "|"
    return f"ST00012{separator}" + separator.join(f"{name}={value}" for name, value in values.items())


def _separator(values: Iterable[str]) -> str:
    text = "".join(values)
    return next((sign for sign in _SEPARATORS if sign not in text), "")


def _one_line(text: str) -> str:
    """Without line ends and signs that no bank's form takes."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
