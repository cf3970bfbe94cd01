"""Russian grammar that texts need: the form of a noun after a number."""

_NEUTER = ["ноль", "одно", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять", "десять"]


def plural(count: int, one: str, few: str, many: str) -> str:
    """
    The noun that stands after `count`: 1 `one`, 2 `few`, 5 `many`.

    >>> plural(21, "заявка", "заявки", "заявок")
    'заявка'
    """
    tens, units = count % 100, count % 10
    if units == 1 and tens != 11:
        return one
    if 2 <= units <= 4 and not 12 <= tens <= 14:
        return few
    return many


def counted(count: int, one: str, few: str, many: str) -> str:
    """`count` and its noun, tied by a no-break space: «21 заявка»."""
    return f"{count}\N{NO-BREAK SPACE}{plural(count, one, few, many)}"


def neuter_in_words(count: int) -> str:
    """A number before a neuter noun: «одно», «два»; digits after ten."""
    return _NEUTER[count] if count < len(_NEUTER) else str(count)


def after_colon(sentence: str) -> str:
    """The sentence as it goes on after a colon: a small first letter, but «ИНН» and «Email» stay."""
    first_word = sentence.split(maxsplit=1)[0] if sentence.strip() else ""
    is_abbreviation = first_word.isascii() or (len(first_word) > 1 and not first_word[1:].islower())
    return sentence if is_abbreviation else sentence[0].lower() + sentence[1:]


def label_and_error(label: str, error: str) -> str:
    """
    An error under the name of its field; a question has its mark already.

    >>> label_and_error("Код", "Заполните это поле."), label_and_error("Помог ли ответ?", "Выберите оценку.")
    ('Код: заполните это поле.', 'Помог ли ответ? Выберите оценку.')
    """
    return f"{label} {error}" if label.endswith("?") else f"{label}: {after_colon(error)}"
