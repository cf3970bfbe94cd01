"""
The words in braces of a canned reply: which there are, and what stands for each in a request. Pure functions.

A word that is not known is a mistake of whoever writes the reply, and refused there. A known one without a value in this
request stays in the text as it is, in sight of who answers, and a text that still holds one is not sent.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

# What a reply may hold, and what is told about it.
KNOWN = {
    "номер": "номер заявки",
    "имя": "имя и\N{NO-BREAK SPACE}отчество; у\N{NO-BREAK SPACE}организации их нет",
    "заявитель": "фамилия, имя и\N{NO-BREAK SPACE}отчество или название",
    "услуга": "например «Справка»",
    "предмет": "о\N{NO-BREAK SPACE}чём заявка",
    "срок": "день, до\N{NO-BREAK SPACE}которого мы ответим",
    "дата": "сегодняшний день",
    "договор": "номер договора",
    "адрес": "адрес объекта",
    "исполнитель": "кто ведёт заявку, иначе кто пишет",
}

_IN_BRACES = re.compile(r"\{\s*([^{}\n]*?)\s*\}")


@dataclass(frozen=True)
class Filled:
    """A text with its values; `missing` are the words that have none and still stand in it."""

    text: str
    missing: list[str]


def problem_of(text: str) -> str:
    """What is wrong with the text of a reply, for who writes it; empty when nothing is."""
    unknown = sorted({word for word in _IN_BRACES.findall(text) if word.lower() not in KNOWN})
    if unknown:
        known = ", ".join(f"{{{word}}}" for word in KNOWN)
        return (
            f"Таких слов в\N{NO-BREAK SPACE}скобках нет: {', '.join(f'{{{word}}}' for word in unknown)}. Есть {known}."
        )
    if re.search(r"[{}]", _IN_BRACES.sub("", text)):
        return "Скобка «{» или «}» стоит без пары. Закройте её или уберите."
    return ""


def fill(text: str, values: Mapping[str, str]) -> Filled:
    """Put the values in; `values`: word → what stands for it, empty when there is nothing."""
    missing: list[str] = []

    def value(found: re.Match[str]) -> str:
        word = found[1].lower()
        if values.get(word):
            return values[word]
        if word not in missing:
            missing.append(word)
        return f"{{{word}}}"

    return Filled(_IN_BRACES.sub(value, text), missing)


def left_in(text: str) -> list[str]:
    """The known words in braces that still stand in a text; what else is in braces is somebody's own."""
    return [word for word in dict.fromkeys(word.lower() for word in _IN_BRACES.findall(text)) if word in KNOWN]
