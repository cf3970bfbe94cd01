"""Finding the consumer who calls, writes or stands at the desk: by whatever they can tell."""

from __future__ import annotations

import re

from django.db.models import Q, QuerySet
from phonenumber_field.phonenumber import PhoneNumber

from accounts import snils
from accounts.identifiers import normalise
from accounts.models import Consumer
from requests_app.models import AccessGrant, GrantStatus
from requests_app.supply_keys import contract_key

MOST_FOUND = 20
HELP_TEXT = "ИНН, ОГРН, ОГРНИП или СНИЛС целиком, телефон, email, номер договора, фамилия или название"

_NAME_OF_NUMBER = re.compile(r"^(?:№|N|ИНН|ОГРНИП|ОГРН|СНИЛС|тел\w*\.?)\s*:?\s*(?=[+0-9(])", re.IGNORECASE)
_LEGAL_FORM = re.compile(r"^(?:ИП|ООО|[ОПЗН]?АО|ТСЖ|ТСН|СНТ|МУП|ГУП)\s+", re.IGNORECASE)
_SHORTEST_NAME = 2  # letters


def find_consumers(typed: str) -> list[Consumer]:
    """At most `MOST_FOUND` of those who can log in, by name; nobody for an empty term."""
    term = " ".join(typed.replace("\0", " ").split())
    if not term:
        return []
    found = Consumer.objects.filter(user__is_active=True).filter(_meant_by(term)).select_related("user")
    return list(_by_name(found)[:MOST_FOUND])


def _by_name(found: QuerySet[Consumer]) -> QuerySet[Consumer]:
    return found.order_by("organisation", "last_name", "first_name", "pk")


def _meant_by(term: str) -> Q:
    if "@" in term:
        return Q(user__email=term.lower())
    contract = Q(user__in=_confirmed(term).values("user"))
    digits = re.sub(r"\D", "", normalise(_NAME_OF_NUMBER.sub("", term)))
    is_number = digits.isascii() and re.fullmatch(r"[\d\s()+./-]*", _NAME_OF_NUMBER.sub("", term)) is not None
    if digits and is_number:
        return contract | _by_digits(digits)
    return contract | _by_words(term)


def _confirmed(contract: str) -> QuerySet[AccessGrant]:
    """A contract that somebody has only typed proves nothing."""
    return AccessGrant.objects.filter(status=GrantStatus.CONFIRMED, contract_key=contract_key(contract))


def _stored_phone(national: str) -> str:
    """Ten digits as the column holds them, before an extension."""
    number = PhoneNumber(country_code=7, national_number=int(national))
    return str(number.as_rfc3966)


def _by_digits(digits: str) -> Q:
    """Its length tells what it may be; ten and eleven digits may be a telephone too."""
    match len(digits):
        case 10:
            return Q(inn=digits) | Q(phone__startswith=_stored_phone(digits))
        case 11:
            return Q(snils_hash=snils.lookup_hash(digits)) | Q(phone__startswith=_stored_phone(digits[1:]))
        case 12:
            return Q(inn=digits)
        case 13:
            return Q(ogrn=digits)
        case 15:
            return Q(ogrnip=digits)
    return Q(pk=None)


def _by_words(term: str) -> Q:
    words = re.findall(r"[\w-]+", _LEGAL_FORM.sub("", term))
    if not words or len(words[0]) < _SHORTEST_NAME:
        return Q(pk=None)
    # regular expressions, because SQLite compares Cyrillic letters with their case in every other look-up
    patterns = [re.sub("[её]", "[её]", re.escape(word), flags=re.IGNORECASE) for word in words]
    person = Q()
    for name, pattern in zip(("last_name", "first_name", "middle_name"), patterns, strict=False):
        person &= Q((f"{name}__iregex", f"^{pattern}"))
    separators = '[\\s«»"“”„.,-]+'
    company = Q(organisation__iregex=f'(^|[\\s«"“„]){separators.join(patterns)}')
    return company | (person if len(words) <= 3 else Q(pk=None))
