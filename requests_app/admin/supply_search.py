"""Finding supply points, and grants of access to them, by contract, meter, address or identifier."""

from __future__ import annotations

import re

from django.db.models import Q, QuerySet

from accounts import snils
from accounts.identifiers import normalise
from accounts.models import Consumer
from requests_app.models import AccessGrant, Meter, SupplyPoint
from requests_app.supply_keys import contract_key, serial_key

HELP_TEXT = "Начало номера договора, номер счётчика, часть адреса или названия, ИНН, ОГРН, ОГРНИП или СНИЛС целиком"
GRANT_HELP_TEXT = f"{HELP_TEXT}; email потребителя"


def find_points(points: QuerySet[SupplyPoint], typed: str) -> QuerySet[SupplyPoint]:
    """Those of `points` that the term means. Numbers are looked up in indexes, a part of an address row by row."""
    if "\0" in typed:
        return points.none()
    contract, serial, pattern = contract_key(typed), serial_key(typed), _pattern(typed)
    found = Q(address__iregex=pattern) | Q(consumer_name__iregex=pattern) | _identifier(typed)
    if contract:
        found |= Q(contract_key__startswith=contract)
    if serial:
        found |= Q(pk__in=Meter.objects.filter(serial_key=serial).values("point"))
    return points.filter(found)


def find_grants(grants: QuerySet[AccessGrant], typed: str) -> QuerySet[AccessGrant]:
    """Those that the term means by what was typed, by the point that was confirmed, or by whose they are."""
    if "\0" in typed:
        return grants.none()
    term = typed.strip().lower()
    if "@" in term:
        return grants.filter(user__email=term)
    contract, serial = contract_key(typed), serial_key(typed)
    found = Q(point__in=find_points(SupplyPoint.objects.all(), typed)) | Q(address__iregex=_pattern(typed))
    found |= Q(user__in=Consumer.objects.filter(_identifier(typed)).values("pk"))
    if contract:
        found |= Q(contract_key__startswith=contract)
    if serial:
        found |= Q(serial_key=serial)
    return grants.filter(found)


def _identifier(typed: str) -> Q:
    """By a whole identifier, the same in contracts and cabinets; a СНИЛС by its hash."""
    digits = normalise(typed)
    if not (digits.isascii() and digits.isdigit()):
        return Q(pk__in=[])
    match len(digits):
        case 10 | 12:
            return Q(inn=digits)
        case 11:
            return Q(snils_hash=snils.lookup_hash(digits))
        case 13:
            return Q(ogrn=digits)
        case 15:
            return Q(ogrnip=digits)
    return Q(pk__in=[])


def _pattern(typed: str) -> str:
    """A regular expression, because SQLite compares Cyrillic letters with their case in every other look-up."""
    words = [re.sub("[её]", "[её]", re.escape(word), flags=re.IGNORECASE) for word in re.findall(r"\w+", typed)]
    return r"\W+".join(words) if words else re.escape(typed)
