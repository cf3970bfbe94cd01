"""For which month readings count: by the days of Moscow, at the ends of months, over the turn of the year."""

from datetime import UTC, date, datetime

import pytest

from requests_app.reading_windows import WindowRule, moscow_day, next_month, usual_day, window_at, window_of

PERSON = WindowRule(from_day=15, to_day=25, advised_from=23)
BUSINESS = WindowRule(from_day=25, to_day=3, ends_next_month=True, as_of_next_first=True)
LAST_DAYS = WindowRule(from_day=29, to_day=31)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 25, 20, 59, 59, tzinfo=UTC), date(2026, 11, 25)),  # 23:59:59 in Moscow
        (datetime(2026, 11, 25, 21, 0, 0, tzinfo=UTC), date(2026, 11, 26)),
        (datetime(2026, 12, 31, 21, 0, 0, tzinfo=UTC), date(2027, 1, 1)),
        (datetime(2028, 2, 28, 21, 0, 0, tzinfo=UTC), date(2028, 2, 29)),
        (datetime(2028, 2, 29, 21, 0, 0, tzinfo=UTC), date(2028, 3, 1)),
    ],
)
def test_a_day_is_that_of_moscow(moment, day):
    assert moscow_day(moment) == day


@pytest.mark.parametrize(
    ("month", "rule", "opens", "closes"),
    [
        (date(2026, 11, 1), PERSON, date(2026, 11, 15), date(2026, 11, 25)),
        (date(2026, 11, 1), BUSINESS, date(2026, 11, 25), date(2026, 12, 3)),
        (date(2026, 12, 1), BUSINESS, date(2026, 12, 25), date(2027, 1, 3)),
        (date(2028, 2, 1), LAST_DAYS, date(2028, 2, 29), date(2028, 2, 29)),
        (date(2027, 2, 1), LAST_DAYS, date(2027, 2, 28), date(2027, 2, 28)),
        (date(2026, 4, 1), LAST_DAYS, date(2026, 4, 29), date(2026, 4, 30)),
    ],
)
def test_the_window_of_a_month(month, rule, opens, closes):
    window = window_of(month, rule)

    assert (window.opens, window.closes) == (opens, closes)


@pytest.mark.parametrize(
    ("day", "rule", "month", "is_open"),
    [
        (date(2026, 11, 1), PERSON, date(2026, 11, 1), False),  # early: still this month
        (date(2026, 11, 15), PERSON, date(2026, 11, 1), True),
        (date(2026, 11, 25), PERSON, date(2026, 11, 1), True),
        (date(2026, 11, 26), PERSON, date(2026, 12, 1), False),
        (date(2026, 12, 31), PERSON, date(2027, 1, 1), False),
        (date(2026, 11, 10), BUSINESS, date(2026, 11, 1), False),
        (date(2026, 11, 30), BUSINESS, date(2026, 11, 1), True),
        (date(2026, 12, 3), BUSINESS, date(2026, 11, 1), True),
        (date(2026, 12, 4), BUSINESS, date(2026, 12, 1), False),
        (date(2027, 1, 3), BUSINESS, date(2026, 12, 1), True),
        (date(2028, 2, 29), LAST_DAYS, date(2028, 2, 1), True),
        (date(2027, 2, 28), LAST_DAYS, date(2027, 2, 1), True),
        (date(2027, 3, 1), LAST_DAYS, date(2027, 3, 1), False),
    ],
)
def test_for_which_month_a_day_counts(day, rule, month, is_open):
    window = window_at(day, rule)

    assert (window.month, window.is_open(day)) == (month, is_open)


@pytest.mark.parametrize(
    ("rule", "since"),
    [(PERSON, date(2026, 12, 1)), (BUSINESS, date(2026, 12, 25))],  # the end of the month is meant: from the window on
)
def test_from_which_day_readings_tell_of_the_month(rule, since):
    assert window_of(date(2026, 12, 1), rule).in_time_from == since


def test_a_closed_month_is_passed_over():
    closed = frozenset({date(2026, 11, 1), date(2026, 12, 1)})

    assert window_at(date(2026, 11, 20), PERSON, closed=closed).month == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 11, 30), date(2026, 11, 30)),
        (date(2026, 12, 1), date(2026, 12, 1)),
        (date(2026, 12, 3), date(2026, 12, 1)),
        (date(2026, 12, 10), date(2026, 12, 10)),
    ],
)
def test_readings_of_a_business_are_those_of_the_first(day, expected):
    assert usual_day(day, window_at(day, BUSINESS)) == expected


def test_every_day_of_ten_years_counts_for_the_month_before_or_one_that_has_not_ended():
    for rule in (PERSON, BUSINESS, LAST_DAYS):
        for ordinal in range(date(2020, 1, 1).toordinal(), date(2030, 1, 1).toordinal()):
            day = date.fromordinal(ordinal)
            window = window_at(day, rule)
            assert day <= window.closes
            assert window_of(next_month(window.month, -1), rule).closes < day
