"""Terms in days. The working calendar is compared with what the Government published for 2024–2026."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.deadlines import DayKind, due_date, standard_working_day

DAYS = st.dates(date(2023, 1, 1), date(2029, 12, 31))
TERMS = st.integers(1, 90)


def due(start: str, days: int, kind: DayKind = DayKind.CALENDAR) -> str:
    return str(due_date(start=date.fromisoformat(start), days=days, kind=kind, is_working=standard_working_day))


@pytest.mark.parametrize(("year", "working_days"), [(2024, 248), (2025, 247), (2026, 247)])
def test_year_has_the_published_number_of_working_days(year, working_days):
    length = (date(year + 1, 1, 1) - date(year, 1, 1)).days

    days = [date(year, 1, 1) + timedelta(days=number) for number in range(length)]

    assert sum(map(standard_working_day, days)) == working_days


@pytest.mark.parametrize(
    ("day", "is_working"),
    [
        ("2024-04-27", True),  # Saturday, worked for Monday 29 April
        ("2024-04-29", False),
        ("2024-11-02", True),
        ("2024-12-28", True),
        ("2024-12-30", False),
        ("2025-05-02", False),  # Friday, transferred from Saturday 4 January
        ("2025-05-08", False),
        ("2025-06-13", False),
        ("2025-11-01", True),
        ("2025-11-03", False),
        ("2025-12-31", False),
        ("2026-01-08", False),
        ("2026-01-09", False),
        ("2026-01-12", True),
        ("2026-02-23", False),
        ("2026-03-09", False),  # Monday after a holiday that fell on a Sunday
        ("2026-05-11", False),
        ("2026-12-31", False),
        ("2026-11-24", True),
    ],
)
def test_transferred_days_are_known(day, is_working):
    assert standard_working_day(date.fromisoformat(day)) is is_working


def test_year_not_published_yet_has_its_week_ends_and_fixed_holidays():
    assert not standard_working_day(date(2041, 1, 8))
    assert not standard_working_day(date(2041, 6, 12))
    assert not standard_working_day(date(2041, 6, 15))  # a Saturday
    assert standard_working_day(date(2041, 6, 13))


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        ("2026-11-24", 1, "2026-11-25"),  # the day of the event is not counted
        ("2026-11-24", 30, "2026-12-24"),
        ("2026-11-13", 15, "2026-11-30"),  # 28 November is a Saturday
        ("2026-01-31", 30, "2026-03-02"),
        ("2024-01-30", 30, "2024-02-29"),  # a leap year
        ("2025-01-30", 30, "2025-03-03"),  # 1 March 2025 is a Saturday
        ("2026-02-28", 1, "2026-03-02"),
        ("2025-12-20", 12, "2026-01-12"),  # over the whole New Year holiday
        ("2024-04-26", 1, "2024-04-27"),  # a Saturday that is worked
        ("2024-10-31", 2, "2024-11-02"),
    ],
)
def test_calendar_term_ends_on_the_next_working_day(start, days, expected):
    assert due(start, days) == expected


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        ("2026-11-24", 1, "2026-11-25"),
        ("2026-11-27", 1, "2026-11-30"),  # from a Friday
        ("2026-11-28", 1, "2026-11-30"),  # from a Saturday
        ("2025-12-30", 1, "2026-01-12"),
        ("2024-12-27", 2, "2025-01-09"),  # 28 December 2024 is worked
        ("2024-02-28", 1, "2024-02-29"),
        ("2026-11-24", 10, "2026-12-08"),
        ("2026-11-24", 30, "2027-01-14"),
    ],
)
def test_working_term_counts_working_days(start, days, expected):
    assert due(start, days, DayKind.WORKING) == expected


@pytest.mark.parametrize("kind", DayKind)
@pytest.mark.parametrize("days", [0, -1])
def test_term_is_at_least_one_day(kind, days):
    with pytest.raises(ValueError, match="at least one day"):
        due("2026-11-24", days, kind)


@given(start=DAYS, days=TERMS)
def test_due_date_is_working_and_not_before_the_term_ends(start, days):
    calendar = due_date(start=start, days=days, kind=DayKind.CALENDAR, is_working=standard_working_day)
    working = due_date(start=start, days=days, kind=DayKind.WORKING, is_working=standard_working_day)

    assert standard_working_day(calendar)
    assert standard_working_day(working)
    assert start + timedelta(days=days) <= calendar <= working + timedelta(days=12)


def test_calendar_of_staff_is_asked_instead_of_the_standard_one():
    day_off = date(2026, 11, 25)

    moved = due_date(
        start=date(2026, 11, 24),
        days=1,
        kind=DayKind.CALENDAR,
        is_working=lambda day: day != day_off and standard_working_day(day),
    )

    assert moved == date(2026, 11, 26)
