"""What may not be published in the words of staff: an address of mail, a telephone or the number of a document."""

import re

_HIDDEN = "[скрыто]"
_REQUEST = r"(?<!\d)20\d\d-\d{6,10}(?!\d)"  # the number of a request, 2026-000123: it leads to nobody
_MAIL = r"[^\s@]+@[^\s@]+\.\w+"
_DIGITS = r"(?<!\d)\+?\d(?:[ ()\-\u00a0]{0,2}\d){9,}"  # ten and more, written together or apart
_PERSONAL = re.compile(f"({_REQUEST})|{_MAIL}|{_DIGITS}")


def names_somebody(text: str) -> bool:
    return any(not found[1] for found in _PERSONAL.finditer(text))


def without_personal(text: str) -> str:
    return _PERSONAL.sub(lambda found: found[1] or _HIDDEN, text)
