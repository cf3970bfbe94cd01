"""
How names are compared: «вега», «ООО Вега» and «ООО «Вега»» begin alike, «Семёнов» is «семенов». Pure functions; the key is
stored beside the name and never shown.
"""

import re
import unicodedata

LONGEST = 100  # characters: nobody types more of a name
_LEGAL_FORM = re.compile(r"^(?:ИП|ООО|[ОПЗН]?АО|ТСЖ|ТСН|СНТ|МУП|ГУП) ")
_QUOTES = str.maketrans(dict.fromkeys('«»"“”„', " "))


def name_key(name: str) -> str:
    """Capital letters without quotes, ё and the legal form, one space between words; cut to `LONGEST`."""
    plain = unicodedata.normalize("NFC", name).translate(_QUOTES).upper().replace("Ё", "Е")
    return _LEGAL_FORM.sub("", " ".join(plain.split()))[:LONGEST]
