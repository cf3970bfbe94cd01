"""
A question in words, for those whom the captcha's widget cannot serve: no JavaScript, a blocked script, an old browser.

It keeps out robots that were not written for this very portal. One that was can answer it, so answers are counted
(`limits.CAPTCHA_ANSWERS`). The form carries only a signed random seed, of which the secret key makes both question and
answer: the answer is nowhere in the page, and the server remembers nothing.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.core import signing
from django.utils.crypto import salted_hmac

_TO_TWENTY = (
    "ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать четырнадцать "
    "пятнадцать шестнадцать семнадцать восемнадцать девятнадцать"
).split()
_TENS = {2: "двадцать", 3: "тридцать"}

_signer = signing.TimestampSigner(salt="accounts.text_question")


@dataclass(frozen=True)
class TextQuestion:
    token: str
    text: str
    answer: int

    @classmethod
    def ask(cls) -> "TextQuestion":
        """A new question."""
        seed = secrets.token_urlsafe(9)
        return cls(_signer.sign(seed), *_question_of(seed))

    @classmethod
    def asked(cls, token: str, *, max_age: timedelta) -> "TextQuestion":
        """The question of a form that came back. Raises `signing.SignatureExpired` or `signing.BadSignature`."""
        return cls(token, *_question_of(_signer.unsign(token, max_age=max_age)))

    def is_answered_by(self, answer: str) -> bool:
        """Is it the number, in digits or in a word?"""
        words = " ".join(answer.lower().rstrip(".").split())
        return words in {str(self.answer), in_words(self.answer)}


def in_words(number: int) -> str:
    """A number of 0 to 39: «двадцать один»."""
    if number < len(_TO_TWENTY):
        return _TO_TWENTY[number]
    tens, units = divmod(number, 10)
    return f"{_TENS[tens]} {_TO_TWENTY[units]}" if units else _TENS[tens]


def _question_of(seed: str) -> tuple[str, int]:
    kind, first, second = salted_hmac("accounts.text_question", seed, algorithm="sha256").digest()[:3]
    small, other = 2 + first % 9, 2 + second % 18
    match kind % 4:
        case 0:
            return f"Сколько будет {in_words(other)} плюс {in_words(small)}?", other + small
        case 1:
            return f"Сколько будет {in_words(other + small)} минус {in_words(small)}?", other
        case 2:
            return f"Какое число больше: {in_words(other)} или {in_words(other + small)}?", other + small
        case _:
            return f"Какое число идёт сразу после числа {in_words(other + small)}?", other + small + 1
