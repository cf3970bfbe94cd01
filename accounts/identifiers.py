"""
Numbers by which the state knows a consumer: ИНН, ОГРН, ОГРНИП, СНИЛС. Pure functions, digits in strings.

`parse_…` takes what a person typed and returns the bare digits, or raises `IdentifierError` with a message that says
how to put it right. Strings, never integers: leading zeros are real (ИНН 0323054892).

The structure of an ИНН is set by order ED-7-14/559@ of the Federal Tax Service of 29.06.2020, of ОГРН and ОГРНИП by
order 165n of the Ministry of Finance of 30.10.2017. The check sums are those the registrars publish; the tests hold
public numbers of every kind against them.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from rsmportal.russian import plural

_DIGITS = frozenset("0123456789")  # str.isdigit() would let «²» and Arabic digits through
_MINUS = "\N{MINUS SIGN}"

# СНИЛС up to this number were given out without check digits.
_LAST_UNCHECKED_SNILS = 1_001_998


class IdentifierError(ValueError):
    """
    A number that cannot be taken.

    `code` is one of `not_digits`, `length`, `wrong_kind`, `same_digits`, `first_digit`, `year`, `check_digit`;
    `message` is Russian, for the person who typed it. The number itself is in neither.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def normalise(raw: str) -> str:
    """
    What was typed, without the separators people put into numbers: spaces of every width, dashes of every kind, dots,
    invisible marks that come along from a PDF. Nothing else is touched, so a wrong letter stays to be complained of.
    """
    return "".join(char for char in raw if not _is_separator(char))


def looks_like_identifier(raw: str) -> Literal["snils", "inn", "ogrnip"] | None:
    """By which identifier somebody is logging in, judged by its length alone; None for an e-mail and the rest."""
    digits = normalise(raw)
    if not _DIGITS.issuperset(digits):
        return None
    lengths: dict[int, Literal["snils", "inn", "ogrnip"]] = {10: "inn", 11: "snils", 12: "inn", 15: "ogrnip"}
    return lengths.get(len(digits))


# -- Reading what was typed -----------------------------------------------------------------------------------------


def parse_company_inn(raw: str) -> str:
    """The ten digits of a company's ИНН, or IdentifierError."""
    return _checked(_digits_of(raw, _COMPANY_INN), _COMPANY_INN)


def parse_sole_trader_inn(raw: str) -> str:
    """The twelve digits of the ИНН of a sole trader, or of any person, or IdentifierError."""
    return _checked(_digits_of(raw, _PERSON_INN), _PERSON_INN)


def parse_ogrn(raw: str) -> str:
    """The thirteen digits of a company's ОГРН, or IdentifierError. 0 begins no number, 3 begins only an ОГРНИП."""
    digits = _digits_of(raw, _OGRN)
    if digits[0] in "03":
        raise IdentifierError("first_digit", f"ОГРН не начинается с {digits[0]}. Сверьте номер с выпиской из ЕГРЮЛ.")
    return _checked(digits, _OGRN)


def parse_ogrnip(raw: str) -> str:
    """The fifteen digits of a sole trader's ОГРНИП, or IdentifierError. Digits 2–3 are the year of registration."""
    digits = _digits_of(raw, _OGRNIP)
    if digits[0] != "3":
        raise IdentifierError("first_digit", "ОГРНИП начинается с цифры 3. Сверьте номер с выпиской из ЕГРИП.")
    if int(digits[1:3]) > datetime.now(UTC).year % 100:
        raise IdentifierError(
            "year", f"Вторая и третья цифры ОГРНИП — год регистрации, 20{digits[1:3]} ещё не наступил. Сверьте номер."
        )
    return _checked(digits, _OGRNIP)


def parse_snils(raw: str) -> str:
    """The eleven digits of a СНИЛС, or IdentifierError."""
    digits = _digits_of(raw, _SNILS)
    if not int(digits[:9]):
        raise IdentifierError("same_digits", "СНИЛС не начинается с девяти нулей. Введите номер из документа.")
    return _checked(digits, _SNILS)


# -- Check digits ---------------------------------------------------------------------------------------------------


def company_inn_check_digit(first9: str) -> str:
    """The tenth digit of a company's ИНН from the nine before it."""
    return _inn_digit(first9, (2, 4, 10, 3, 5, 9, 4, 6, 8))


def person_inn_check_digits(first10: str) -> str:
    """The last two digits of a person's ИНН from the ten before them."""
    eleventh = _inn_digit(first10, (7, 2, 4, 10, 3, 5, 9, 4, 6, 8))
    return eleventh + _inn_digit(first10 + eleventh, (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8))


def ogrn_check_digit(first12: str) -> str:
    """The thirteenth digit of an ОГРН from the twelve before it."""
    return str(int(first12) % 11 % 10)


def ogrnip_check_digit(first14: str) -> str:
    """The fifteenth digit of an ОГРНИП from the fourteen before it. The rest may be 10, 11 or 12: its last digit counts."""
    return str(int(first14) % 13 % 10)


def snils_check_digits(first9: str) -> str:
    """The last two digits of a СНИЛС from the nine before them."""
    total = sum(int(digit) * weight for digit, weight in zip(first9, range(9, 0, -1), strict=True))
    return f"{total % 101 % 100:02}"


# -- Showing --------------------------------------------------------------------------------------------------------


def format_snils(digits: str) -> str:
    """
    >>> format_snils("11223344595")
    '112-233-445 95'
    """
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:9]} {digits[9:]}"


def mask_snils(digits: str) -> str:
    """
    How a СНИЛС is shown anywhere but in its owner's profile.

    >>> mask_snils("11223344595")
    '112-***-*** 95'
    """
    return format_snils(digits[:3] + "*" * 6 + digits[9:])


def mask_identifier(digits: str) -> str:
    """
    Any of the numbers with its middle hidden: enough to recognise one's own, too little to learn another's.

    >>> mask_identifier("500100732259")
    '500*******59'
    """
    return mask_snils(digits) if len(digits) == _SNILS.length else digits[:3] + "*" * (len(digits) - 5) + digits[-2:]


# -- Inside ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Kind:
    family: str
    whose: str
    length: int
    is_right: Callable[[str], bool]

    @property
    def full_name(self) -> str:
        return f"{self.family} {self.whose}".strip()


def _snils_is_right(digits: str) -> bool:
    return int(digits[:9]) <= _LAST_UNCHECKED_SNILS or digits[9:] == snils_check_digits(digits[:9])


_COMPANY_INN = _Kind(
    family="ИНН",
    whose="организации",
    length=10,
    is_right=lambda digits: digits[9:] == company_inn_check_digit(digits[:9]),
)
_PERSON_INN = _Kind(
    family="ИНН",
    whose="предпринимателя или физлица",
    length=12,
    is_right=lambda digits: digits[10:] == person_inn_check_digits(digits[:10]),
)
_OGRN = _Kind(
    family="ОГРН",
    whose="организации",
    length=13,
    is_right=lambda digits: digits[12:] == ogrn_check_digit(digits[:12]),
)
_OGRNIP = _Kind(
    family="ОГРНИП",
    whose="предпринимателя",
    length=15,
    is_right=lambda digits: digits[14:] == ogrnip_check_digit(digits[:14]),
)
_SNILS = _Kind(family="СНИЛС", whose="", length=11, is_right=_snils_is_right)

_BY_LENGTH = {kind.length: kind for kind in (_COMPANY_INN, _PERSON_INN, _OGRN, _OGRNIP, _SNILS)}
_SISTERS = [{_COMPANY_INN, _PERSON_INN}, {_OGRN, _OGRNIP}]


def _digits_of(raw: str, kind: _Kind) -> str:
    digits = normalise(raw)
    _refuse_strange_characters(digits, kind)
    if len(digits) != kind.length:
        raise _wrong_length(digits, kind)
    if len(set(digits)) == 1:
        raise IdentifierError("same_digits", f"{kind.family} из одинаковых цифр не бывает. Введите номер из документа.")
    return digits


def _checked(digits: str, kind: _Kind) -> str:
    if not kind.is_right(digits):
        raise IdentifierError(
            "check_digit", f"В номере ошибка: контрольные цифры не сходятся. Сверьте {kind.family} с документом."
        )
    return digits


def _refuse_strange_characters(digits: str, kind: _Kind) -> None:
    strange = next((char for char in digits if char not in _DIGITS), None)
    if strange is None:
        return
    if strange.isalpha():
        message = f"В номере {kind.family} только цифры. Уберите букву «{strange}»."
    else:
        message = f"В номере {kind.family} только цифры. Наберите его заново без других знаков."
    raise IdentifierError("not_digits", message)


def _wrong_length(digits: str, kind: _Kind) -> IdentifierError:
    other = _BY_LENGTH.get(len(digits))
    if other and ({kind, other} in _SISTERS or other.is_right(digits)):
        return IdentifierError(
            "wrong_kind", f"Это {other.full_name}. Здесь нужен {kind.full_name}: {_count_of_digits(kind.length)}."
        )
    entered = plural(len(digits), "Введена", "Введены", "Введено")
    advice = "не пропущена ли одна" if len(digits) < kind.length else "нет ли лишней"
    return IdentifierError(
        "length", f"{entered} {_count_of_digits(len(digits))}, нужно {kind.length}. Проверьте, {advice}."
    )


def _count_of_digits(count: int) -> str:
    return f"{count}\N{NO-BREAK SPACE}{plural(count, 'цифра', 'цифры', 'цифр')}"


def _inn_digit(digits: str, weights: tuple[int, ...]) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))
    return str(total % 11 % 10)


def _is_separator(char: str) -> bool:
    return char.isspace() or char in f".{_MINUS}" or unicodedata.category(char) in {"Pd", "Cf"}
