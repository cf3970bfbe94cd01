"""
Whom invoices are paid to: the bank details of the operator, checked before the portal starts.

A wrong digit here would send the money of every consumer to somebody else, so each number is held against its check
digits: ИНН by its own, accounts by the key that ties them to the bank (Bank of Russia, order No. 515 of 08.09.1997).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields

from accounts.identifiers import IdentifierError, parse_company_inn

# Lengths that the payment code has room for: ГОСТ Р 56042, tables 2 and 3.
_MAX_NAME, _MAX_BANK = 160, 45
_WEIGHTS = (7, 1, 3)


@dataclass(frozen=True, kw_only=True)
class Payee:
    """All that a payment order needs of the one who is paid."""

    name: str
    inn: str
    kpp: str
    account: str
    bank: str
    bic: str
    corr_account: str

    def __post_init__(self) -> None:
        """Raises ValueError, which names the field."""
        _check("name", 0 < len(self.name) <= _MAX_NAME)
        _check("inn", _is_inn(self.inn))
        _check("kpp", re.fullmatch(r"[0-9]{4}[0-9A-Z]{2}[0-9]{3}", self.kpp))
        _check("bank", 0 < len(self.bank) <= _MAX_BANK)
        _check("bic", re.fullmatch(r"[0-9]{9}", self.bic))
        _check("account", _is_account(self.account, bank=self.bic[6:]))
        _check("corr_account", _is_account(self.corr_account, bank=f"0{self.bic[4:6]}"))


def read_payee(values: Mapping[str, str]) -> Payee | None:
    """
    The payee out of `values` by field names; None when none is given. Raises ValueError, whose first argument is the name
    of the wrong or missing field.
    """
    given = {name: " ".join(value.split()) for name, value in values.items()}
    if not any(given.values()):
        return None
    return Payee(**{field.name: given.get(field.name, "") for field in fields(Payee)})


def _check(name: str, is_right: object) -> None:
    if not is_right:
        raise ValueError(name)


def _is_inn(digits: str) -> bool:
    try:
        return parse_company_inn(digits) == digits
    except IdentifierError:
        return False


def _is_account(digits: str, *, bank: str) -> bool:
    """Twenty digits that fit the three of the bank: the sum of the last digits of the products ends in 0."""
    if not re.fullmatch(r"[0-9]{20}", digits):
        return False
    weighted = (int(digit) * _WEIGHTS[place % 3] for place, digit in enumerate(bank + digits))
    return sum(product % 10 for product in weighted) % 10 == 0
