"""What may not be published in the words of staff: an address of mail, a telephone or the number of a document."""

import re

# Ten digits and more, written together or apart; the number of a request, 2026-000123, is none.
_PERSONAL = re.compile(r"[^\s@]+@[^\s@]+\.\w+|(?<!\d)(?!\d{4}-\d{6}(?!\d))\+?\d(?:[ ()\-\u00a0]{0,2}\d){9,}")
_HIDDEN = "[скрыто]"


def names_somebody(text: str) -> bool:
    return bool(_PERSONAL.search(text))


def without_personal(text: str) -> str:
    return _PERSONAL.sub(_HIDDEN, text)
