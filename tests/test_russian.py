import pytest
from django.template import Context, Template

from rsmportal.russian import after_colon, counted, label_and_error, neuter_in_words, plural


@pytest.mark.parametrize(
    ("count", "noun"),
    [
        (0, "дней"),
        (1, "день"),
        (2, "дня"),
        (4, "дня"),
        (5, "дней"),
        (11, "дней"),
        (12, "дней"),
        (14, "дней"),
        (21, "день"),
        (22, "дня"),
        (25, "дней"),
        (101, "день"),
        (111, "дней"),
        (112, "дней"),
        (1_000_021, "день"),
    ],
)
def test_noun_agrees_with_its_number(count, noun):
    assert plural(count, "день", "дня", "дней") == noun


def test_number_and_noun_stay_on_one_line():
    assert counted(2, "день", "дня", "дней") == "2\N{NO-BREAK SPACE}дня"


@pytest.mark.parametrize(("count", "words"), [(1, "одно"), (2, "два"), (10, "десять"), (11, "11")])
def test_small_numbers_are_words(count, words):
    assert neuter_in_words(count) == words


@pytest.mark.parametrize(
    ("sentence", "continuation"),
    [
        ("Введено 9 цифр.", "введено 9 цифр."),
        ("В номере 9 цифр.", "в номере 9 цифр."),
        ("ИНН состоит из 10 цифр.", "ИНН состоит из 10 цифр."),
        ("Email занят.", "Email занят."),
        ("10 цифр нужно.", "10 цифр нужно."),
        ("", ""),
    ],
)
def test_sentence_goes_on_after_a_colon(sentence, continuation):
    assert after_colon(sentence) == continuation


@pytest.mark.parametrize(
    ("label", "told"),
    [("Код", "Код: выберите оценку."), ("Помог ли ответ?", "Помог ли ответ? Выберите оценку.")],
)
def test_an_error_stands_under_the_name_of_its_field(label, told):
    assert label_and_error(label, "Выберите оценку.") == told


def test_template_counts():
    template = Template('{% load russian %}{{ count|counted:"заявка,заявки,заявок" }}')

    assert template.render(Context({"count": 23})) == "23\N{NO-BREAK SPACE}заявки"
