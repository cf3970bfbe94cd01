"""
Finding requests by whatever a colleague has at hand. The shape of the term says what it may be, and each of these is a
look-up in an index; nothing is compared row by row. What digits alone may mean several things, they mean all of them.
"""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from accounts import snils
from accounts.fields import ConsumerPhoneField, format_phone
from accounts.identifiers import normalise
from accounts.models import Consumer, User
from requests_app import numbers
from requests_app.models import Meter, NumberSequence, Reading, ServiceRequest
from requests_app.name_keys import name_key
from requests_app.services.meter_readings.detail import MeterReadings
from requests_app.supply_keys import contract_key, serial_key

HELP_TEXT = (
    "Номер заявки («2026-000123» или «123»), телефон, email, ИНН, ОГРН, ОГРНИП, СНИЛС целиком, номер счётчика, начало "
    "номера договора, имени или названия"
)

_LONGEST_TAIL = 9  # digits: an ИНН, the shortest of the identifiers, has ten
_BEGINNING_OF_CONTRACT = 5  # characters: with fewer, the last digits of a request would bring every contract of a year
_MOST_OF_A_METER = 500  # requests: a meter has about twelve a year
_NAME_OF_NUMBER = re.compile(
    r"^(?:№|#|N|ИНН|ОГРНИП|ОГРН|СНИЛС|(?:заявка|тел|телефон|договор|счётчик|счетчик)\.?)\s*[:№]?\s*(?=\S*[0-9])",
    re.IGNORECASE,
)


def find(service_requests: QuerySet[ServiceRequest], typed: str) -> QuerySet[ServiceRequest]:
    """
    Those of `service_requests` that the term means: the number of a request or its last part, a telephone, an e-mail, an
    identifier with any separators, a meter, the beginning of a contract's number or of the applicant's name.
    """
    term = " ".join(typed.split())
    if "@" in term:
        return service_requests.filter(_email(term.lower().removeprefix("mailto:").strip("<>,;. ")))
    bare = _NAME_OF_NUMBER.sub("", term).rstrip(",;:. ")
    if any(char.isdigit() for char in bare):
        meant = _number(term, bare) | _phone(bare) | _contract(bare) | _meter(bare)
        return service_requests.filter(meant | _name(term) if any(map(str.isalpha, bare)) else meant)
    return service_requests.filter(_name(term))


def _email(email: str) -> Q:
    """The address in the request, or the one of today."""
    owners = list(User.objects.filter(email=email).values_list("pk", flat=True))
    return Q(applicant_email=email) | _owned_openly_by(owners)


def _owned_openly_by(owners: list[int]) -> Q:
    """Theirs, but no anonymous ones: a search that finds them would tell whose they are."""
    return Q(owner__in=owners, is_anonymous=False)


def _number(term: str, bare: str) -> Q:
    """
    A number of a request, or an identifier: «2014-000060» may be either. Whose the identifier is, is looked up by
    itself, since a condition over a join uses no index.
    """
    number, digits = numbers.parse(bare) or numbers.quoted_in(term), normalise(bare)
    is_bare = digits.isascii() and digits.isdigit()
    meant = [number] if number else _numbers_with(digits) if is_bare else []
    return Q(number__in=meant) | _owned_openly_by(_holders(digits) if is_bare else [])


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


def _phone(bare: str) -> Q:
    """As it stands in the request, with any extension unless one was typed."""
    try:
        phone = ConsumerPhoneField().clean(bare)
    except ValidationError:
        return Q(pk__in=[])
    return Q(applicant_phone__startswith=format_phone(phone))


def _contract(bare: str) -> Q:
    """Its number, or enough of its beginning. Of an anonymous request none: a contract is somebody's."""
    key = contract_key(bare)
    lookup = "startswith" if len(key) >= _BEGINNING_OF_CONTRACT else "exact"
    return Q(**{f"contract_key__{lookup}": key}, is_anonymous=False)


def _meter(bare: str) -> Q:
    """What was sent for the meter with this number: by its owner, by a table, or by somebody who only typed it."""
    key = serial_key(bare)
    meters = list(Meter.objects.filter(serial_key=key).values_list("pk", flat=True))
    sendings = MeterReadings.objects.filter(Q(meter__in=meters) | Q(typed_serial_key=key))
    by_table = Reading.objects.filter(meter__in=meters, service_request__isnull=False)
    found = {
        *sendings.order_by("-pk").values_list("pk", flat=True)[:_MOST_OF_A_METER],
        *by_table.order_by("-pk").values_list("service_request", flat=True)[:_MOST_OF_A_METER],
    }
    return Q(pk__in=found)


def _name(term: str) -> Q:
    """«вега» and «ООО Вега» find «ООО «Вега»», «семенов» finds «Семёнов»."""
    key = name_key(term)
    return Q(applicant_key__startswith=key) if key else Q(pk__in=[])
