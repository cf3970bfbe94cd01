"""What the log of exports says of a list: by what it was narrowed, in words, and without whom was searched for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, time
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext

_FOR_THE_PAGE = {"p", "e", "o", "all", "_facets", "_popup", "_to_field"}  # of the address, but narrow nothing
_SEARCH = "q"
_MOST = 200  # characters of one term that are kept

_COMPARED = {"gte": "с", "gt": "после", "lte": "по", "lt": "до", "year": "год", "month": "месяц", "day": "день"}

_EMAIL = re.compile(r"[^\s@]*@\S*")
_REQUEST_NUMBER = re.compile(r"\d{4}-\d{6,}", re.ASCII)
_DIGITS_OF_IDENTIFIER = 7  # a telephone without the code of its town has as many


def masked(term: str) -> str:
    """
    A term of a search as it may stay in a log: e-mails and whatever has as many digits as a telephone, an ИНН or
    a СНИЛС are masked but for the last two digits. The number of a request is nobody's and stays.
    """
    term = _EMAIL.sub("•••@•••", " ".join(term.replace("\0", "").split()))[:_MOST]
    digits = sum(letter.isdigit() for letter in term)
    if digits < _DIGITS_OF_IDENTIFIER or _REQUEST_NUMBER.fullmatch(term):
        return term
    kept = digits - 2
    shown = []
    for letter in term:
        shown.append("•" if letter.isdigit() and kept > 0 else letter)
        kept -= letter.isdigit()
    return "".join(shown)


def narrowed_by(listing: ChangeList) -> str:
    """«статус: Открытые; поиск: Вега»; empty for the whole list."""
    return "; ".join([*_filters(listing), *_dates(listing), *_search(listing)])


def query_of(listing: ChangeList) -> str:
    """The same as it stood in the address, with the search masked."""
    kept = [
        (name, masked(value) if name == _SEARCH else value[:_MOST])
        for name, values in listing.filter_params.items()
        if name not in _FOR_THE_PAGE
        for value in values
    ]
    return urlencode(kept)


def _filters(listing: ChangeList) -> Iterator[str]:
    """What is chosen in each filter, also where the list is narrowed without being asked; «all» is nothing to tell."""
    for spec in listing.filter_specs:
        chosen = [str(choice["display"]) for choice in spec.choices(listing) if choice["selected"]]
        words = ", ".join(choice for choice in chosen if choice not in (gettext("All"), gettext("Any date")))
        if words:
            yield f"{spec.title}: {words}"


def _dates(listing: ChangeList) -> Iterator[str]:
    """The links of the date hierarchy, and comparisons that an address makes with its field or a filter's."""
    known = {name for spec in listing.filter_specs for name in spec.expected_parameters()}
    for name, value in listing.params.items():
        if name in known or name in _FOR_THE_PAGE or name == _SEARCH:
            continue
        field, _, lookup = name.partition("__")
        words = [_COMPARED.get(lookup, lookup), _moment(value[:_MOST])]
        yield f"{_title(listing, field)}: {' '.join(filter(None, words))}"


def _moment(value: str) -> str:
    """A day or a moment as people write it, anything else as it stands."""
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return value
    return f"{at:%d.%m.%Y}" if at.time() == time.min else f"{at:%d.%m.%Y %H:%M}"


def _title(listing: ChangeList, name: str) -> str:
    try:
        return str(getattr(listing.opts.get_field(name), "verbose_name", name))
    except FieldDoesNotExist:
        return name


def _search(listing: ChangeList) -> Iterator[str]:
    term: Any = listing.query
    if term.strip():
        yield f"поиск: {masked(term)}"
