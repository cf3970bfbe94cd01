"""What the consumer may answer to a question about a value, in words."""

from __future__ import annotations

from requests_app.reading_rules import Answer, Checked, Question
from requests_app.services.meter_readings.fields import spaced

AGAIN = "again"  # typed anew: nothing is recorded
MEANT = "meant"  # the value that was proposed

_KWH = "\N{NO-BREAK SPACE}кВт·ч"

_WORDS = {
    Question.LOWER: "Меньше прошлого показания",
    Question.IMPOSSIBLE: "Больше, чем позволяет мощность объекта",
    Question.JUMP: "Расход больше обычного",
}


def asking(checked: Checked) -> str:
    """What is strange about the value, and what to do."""
    first = next(question for question in _WORDS if question in checked.questions)
    return f"{_WORDS[first]}. Выберите, что верно."


def choices_for(checked: Checked) -> list[tuple[str, str]]:
    """Answer → how it reads; those that keep the value as it is are looked at by staff."""
    if Question.LOWER in checked.questions:
        rolled = "Счётчик дошёл до\N{NO-BREAK SPACE}девяток и\N{NO-BREAK SPACE}начал с\N{NO-BREAK SPACE}нуля"
        if checked.rolled_over is not None:
            rolled += f": расход {spaced(checked.rolled_over)}{_KWH}"
        return [
            (AGAIN, "Опечатка, введу заново"),
            (Answer.ROLLOVER, rolled),
            (Answer.REPLACED, "Счётчик заменили, это показание нового"),
        ]
    choices = [(AGAIN, "Опечатка, введу заново"), (Answer.RIGHT.value, f"Всё верно: {spaced(checked.value)}")]
    if checked.meant is not None:
        choices.insert(0, (MEANT, f"Лишняя цифра в\N{NO-BREAK SPACE}конце: {spaced(checked.meant)}"))
    return choices
