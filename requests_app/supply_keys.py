"""
How contract numbers, serial numbers and addresses are compared: people, forms and tables write the same one
differently. Pure functions; the keys are stored beside what they are made from and never shown. A key is cut to the
length of its column: one character may become several (the ligature «ﬃ» is three).
"""

import re
import unicodedata

# Latin letters that cannot be told from Russian ones on paper: «TП-2019/114» is typed with either.
_LOOKALIKES = str.maketrans("ABCEHKMOPTXY", "АВСЕНКМОРТХУ")
_MAX_CONTRACT, _MAX_SERIAL, _MAX_ADDRESS = 60, 40, 300
_DASHES = re.compile(r"[\N{HYPHEN}-\N{HORIZONTAL BAR}\N{MINUS SIGN}]")


def contract_key(number: str) -> str:
    """«№ тп–2019 / 114» and «ТП-2019/114» are one contract: no spaces, one kind of dash, capital Russian letters."""
    bare = re.sub(r"\s", "", unicodedata.normalize("NFKC", number.replace("№", "")))
    return _DASHES.sub("-", bare).upper().translate(_LOOKALIKES)[:_MAX_CONTRACT]


def serial_key(serial: str) -> str:
    """Letters and digits alone: the plate of a meter shows them with any spaces and dashes."""
    letters = unicodedata.normalize("NFKC", serial.replace("№", "")).upper().translate(_LOOKALIKES)
    return "".join(char for char in letters if char.isalnum())[:_MAX_SERIAL]


def address_key(address: str) -> str:
    """«г. Ростов-на-Дону, ул. Портовая, 71» with whatever commas, spaces, case and ё."""
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", address.replace("№", " ")).lower().replace("ё", "е"))
    return " ".join(words)[:_MAX_ADDRESS]
