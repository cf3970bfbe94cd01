"""Numbers of requests: «2026-000123», the year of Moscow and a sequence within it."""

import re
from datetime import date

from requests_app.models import NumberSequence

_TYPED = re.compile(r"(?:№|N|No\.?)?\s*([0-9]{4})\s*[-–—/]\s*([0-9]{1,9})", re.IGNORECASE)

_QUOTED = re.compile(r"(?<![\w/-])([0-9]{4})[-–—]([0-9]{6})(?![\w/-])", re.ASCII)


def next_number(*, on: date) -> str:
    """
    The next free number of the year. Must run inside a transaction: the year's row stays locked until its end, so no
    number is given twice, and one that was given is not given again after its request is gone.
    """
    sequence, _ = NumberSequence.objects.select_for_update().get_or_create(year=on.year)
    sequence.last += 1
    sequence.save(update_fields=["last"])
    return f"{on.year}-{sequence.last:06d}"


def parse(typed: str) -> str | None:
    """What a person typed → the number: «№ 2026-123» → «2026-000123»; None when it is no number."""
    found = _TYPED.fullmatch(typed.strip())
    return f"{found[1]}-{int(found[2]):06d}" if found else None


def quoted_in(text: str) -> str | None:
    """The whole number that a text holds, as in the subject of a letter: «Заявка № 2026-000123: взята в работу»."""
    found = _QUOTED.search(text)
    return f"{found[1]}-{found[2]}" if found else None
