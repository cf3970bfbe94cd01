"""Months and amounts as people type them."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from requests_app.amounts import AmountField, grouped
from requests_app.months import MonthField, last_day, month_in_words, months_between, period_in_words, read_month

OCTOBER = date(2026, 10, 1)


@pytest.mark.parametrize("typed", ["2026-10", "10.2026", " 10/2026 ", "2026.10", "10 2026"])
def test_a_month_is_read_however_it_is_written(typed):
    assert read_month(typed) == OCTOBER


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "октябрь",
        "2026",
        "13.2026",
        "2026-00",
        "10.26",
        "1999-12",
        "9999999-10",
        "2026-10-01",
        "٢٠٢٦-١٠",
        "1\x000.2026",
    ],
)
def test_anything_else_is_no_month(typed):
    assert read_month(typed) is None


def test_the_field_gives_the_first_day_or_says_how_to_write():
    field = MonthField(required=False)

    assert field.clean("10.2026") == OCTOBER
    assert field.clean("") is None
    assert field.prepare_value(OCTOBER) == "2026-10"
    assert field.prepare_value("мусор") == "мусор"
    with pytest.raises(ValidationError, match=r"10\.2026"):
        field.clean("мусор")


@pytest.mark.parametrize(("month", "day"), [(date(2024, 2, 1), 29), (date(2026, 2, 1), 28), (date(2026, 12, 1), 31)])
def test_a_month_ends_on_its_last_day(month, day):
    assert last_day(month) == month.replace(day=day)


def test_months_are_counted_with_both_ends():
    assert months_between(OCTOBER, OCTOBER) == 1
    assert months_between(date(2023, 11, 1), date(2026, 10, 31)) == 36


def test_periods_are_told_in_words():
    assert month_in_words(OCTOBER) == "октябрь\N{NO-BREAK SPACE}2026"
    assert period_in_words(OCTOBER, date(2026, 10, 31)) == "октябрь\N{NO-BREAK SPACE}2026"
    told = period_in_words(date(2025, 12, 1), date(2026, 10, 31))
    assert told == "декабрь\N{NO-BREAK SPACE}2025 – октябрь\N{NO-BREAK SPACE}2026"


@pytest.mark.parametrize("typed", ["192318.75", "192 318,75", "192\N{NO-BREAK SPACE}318,75", "192318,75 "])
def test_money_is_read_as_people_write_it(typed):
    assert AmountField(max_digits=12, decimal_places=2).clean(typed) == Decimal("192318.75")


@pytest.mark.parametrize("typed", ["-1", "1e5", "NaN", "Infinity", "١٢", "1,2,3", "сто", "1.234", "9" * 40, "\x00"])
def test_anything_else_is_no_money(typed):
    with pytest.raises(ValidationError):
        AmountField(max_digits=12, decimal_places=2).clean(typed)


@pytest.mark.parametrize("empty", ["", "  ", None])
def test_no_money_is_nothing(empty):
    assert AmountField(required=False).clean(empty) is None


def test_thousands_stand_apart():
    assert grouped(Decimal("1234567.5"), places=2) == "1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567,50"
    assert grouped(Decimal("1840.000")) == "1\N{NO-BREAK SPACE}840"
    assert grouped(Decimal("0.125")) == "0,125"
