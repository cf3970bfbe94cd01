"""
Finding requests by whatever a colleague has at hand. The shape of the term says what it is: a number, an e-mail or an
identifier is then one look-up in an index, and only a name is compared row by row.
"""

from __future__ import annotations

import re

from django.db.models import Q, QuerySet

from accounts import snils
from accounts.identifiers import normalise
from accounts.models import Consumer, User
from requests_app import numbers
from requests_app.models import NumberSequence, ServiceRequest

HELP_TEXT = (
    "Номер заявки («2026-000123» или «123»), email, ИНН, ОГРН, ОГРНИП, СНИЛС целиком или начало имени либо названия"
)

_LONGEST_TAIL = 9  # digits: an ИНН, the shortest of the identifiers, has ten
_NAME_OF_NUMBER = re.compile(r"^(?:№|N|ИНН|ОГРНИП|ОГРН|СНИЛС)\s*:?\s*(?=[0-9])", re.IGNORECASE)
_LEGAL_FORM = "(?:(?:ИП|ООО|[ОПЗН]?АО|ТСЖ|ТСН|СНТ|МУП|ГУП)\\s+)?"
_QUOTES = '«»"“”„'


def find(service_requests: QuerySet[ServiceRequest], typed: str) -> QuerySet[ServiceRequest]:
    """
    Those of `service_requests` that the term means: the number of a request or its last part, an e-mail, an
    identifier with any separators, or else the beginning of the applicant's name.
    """
    term = " ".join(typed.split())
    if "@" in term:
        return _by_email(service_requests, term.lower())
    number = numbers.parse(term)
    digits = normalise(_NAME_OF_NUMBER.sub("", term))
    if number or (digits.isascii() and digits.isdigit()):
        # both at once, since «2014-000060» may be either; two look-ups, since a condition over a join uses no index
        meant = [number] if number else _numbers_with(digits)
        return service_requests.filter(Q(number__in=meant) | _owned_openly_by(_holders(digits)))
    return _by_name(service_requests, term)


def _by_email(service_requests: QuerySet[ServiceRequest], email: str) -> QuerySet[ServiceRequest]:
    """The address in the request, or the one of today."""
    owners = list(User.objects.filter(email=email).values_list("pk", flat=True))
    return service_requests.filter(Q(applicant_email=email) | _owned_openly_by(owners))


def _owned_openly_by(owners: list[int]) -> Q:
    """Theirs, but no anonymous ones: a search that finds them would tell whose they are."""
    return Q(owner__in=owners, is_anonymous=False)


def _numbers_with(digits: str) -> list[str]:
    """The numbers of all years that end in this part, typed with or without its zeros."""
    if len(digits) > _LONGEST_TAIL:
        return []
    return [f"{year}-{int(digits):06d}" for year in NumberSequence.objects.values_list("year", flat=True)]


def _holders(digits: str) -> list[int]:
    """Who holds the identifier; its length tells which one it is."""
    match len(digits):
        case 10 | 12:
            holders = Consumer.objects.filter(inn=digits)
        case 11:
            holders = Consumer.objects.filter(snils_hash=snils.lookup_hash(digits))
        case 13:
            holders = Consumer.objects.filter(ogrn=digits)
        case 15:
            holders = Consumer.objects.filter(ogrnip=digits)
        case _:
            return []
    return list(holders.values_list("pk", flat=True))


def _by_name(service_requests: QuerySet[ServiceRequest], term: str) -> QuerySet[ServiceRequest]:
    """«вега» and «ООО Вега» find «ООО «Вега»», «семенов» finds «Семёнов»."""
    words = [re.escape(word) for word in re.findall(f"[^\\s{_QUOTES}]+", term)]
    if not words:
        return service_requests.none()
    name = f"[\\s{_QUOTES}]+".join(re.sub("[её]", "[её]", word, flags=re.IGNORECASE) for word in words)
    # a regular expression, because SQLite compares Cyrillic letters with their case in every other look-up
    return service_requests.filter(applicant_name__iregex=f"^{_LEGAL_FORM}[{_QUOTES}]?{name}")
