"""The kinds of questions that a survey may ask."""

from decimal import Decimal

from django.db.models import TextChoices


class Kind(TextChoices):
    SCALE = "scale", "Шкала от\N{NO-BREAK SPACE}1 до\N{NO-BREAK SPACE}5"
    POINTS = "points", "Шкала от\N{NO-BREAK SPACE}0 до\N{NO-BREAK SPACE}10"
    ONE = "one", "Один вариант из списка"
    SEVERAL = "several", "Несколько вариантов из списка"
    YES_NO = "yes_no", "Да или нет"
    NUMBER = "number", "Число"
    TEXT = "text", "Текст"


# Sorted, since they stand in constraints.
WITH_OPTIONS = [Kind.ONE, Kind.SEVERAL]
WITH_ENDS = [Kind.POINTS, Kind.SCALE]

# The answers that are counted one by one, as numbers: what is stored → what is shown.
MARKS: dict[str, dict[int, str]] = {
    Kind.SCALE: {mark: str(mark) for mark in range(1, 6)},
    Kind.POINTS: {mark: str(mark) for mark in range(11)},
    Kind.YES_NO: {1: "Да", 0: "Нет"},
}

# «Would you recommend us»: the marks fall into three groups, and the index is the share of the last less the first.
POINT_GROUPS = {"0–6, не\N{NO-BREAK SPACE}советуют": range(7), "7–8": range(7, 9), "9–10, советуют": range(9, 11)}

MAX_TEXT = 2000  # characters of an answer


def in_digits(number: Decimal) -> str:
    """«10», «2,5»: without zeros that say nothing, with the Russian comma."""
    return f"{number.normalize():f}".replace(".", ",")
