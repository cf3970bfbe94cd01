"""The arithmetic of readings, as a table of cases: no database."""

from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.reading_rules import (
    Before,
    MeterKind,
    Question,
    ReadingRefused,
    Used,
    Usual,
    check,
    difference,
    parse,
    swapped,
    used,
    usual,
)

HOME = MeterKind(digits_before=6, digits_after=2)
OLD = MeterKind(digits_before=5, digits_after=1)
PLANT = MeterKind(digits_before=6, digits_after=2, zones=3, ratio=60)
OCTOBER, NOVEMBER = date(2026, 10, 24), date(2026, 11, 24)
MONTHLY = Usual(low=Decimal(90), high=Decimal(130), average=Decimal(105))


def before(value, usual=MONTHLY, day=OCTOBER):
    return Before(Decimal(value), day, usual)


def checked(value, *, last, kind=HOME, taken_on=NOVEMBER, usual=MONTHLY, **more):
    """One zone."""
    return check({1: Decimal(value)}, before={1: before(last, usual)}, kind=kind, taken_on=taken_on, **more)[1]


# -- What is typed --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind", "value", "was_cut"),
    [
        ("18646", HOME, "18646", False),
        ("018646", HOME, "18646", False),
        ("00000018646", HOME, "18646", False),
        (" 18 646 ", HOME, "18646", False),
        ("18\N{NO-BREAK SPACE}646", HOME, "18646", False),
        ("18\N{NARROW NO-BREAK SPACE}646\t", HOME, "18646", False),
        ("18646,4", HOME, "18646", True),
        ("18646.4", HOME, "18646", True),
        ("18646,00", HOME, "18646", False),
        ("18646,", HOME, "18646", False),
        ("0", HOME, "0", False),
        ("000000", HOME, "0", False),
        ("1234,56", PLANT, "1234.56", False),
        ("1234.567", PLANT, "1234.56", True),
        ("99999", OLD, "99999", False),
    ],
)
def test_a_value_is_read_as_people_type_it(text, kind, value, was_cut):
    typed = parse(text, kind)

    assert (typed.value, typed.was_cut) == (Decimal(value), was_cut)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "missing"),
        ("   ", "missing"),
        ("-5", "negative"),
        ("−5,2", "negative"),
        ("18646a", "invalid"),
        ("12e3", "invalid"),
        ("1,234.5", "invalid"),
        ("1..2", "invalid"),
        (".5", "invalid"),
        ("٣٤٥", "invalid"),
        ("1²", "invalid"),
        ("NaN", "invalid"),
        ("\0", "invalid"),
        ("😀", "invalid"),
        ("0" * 41, "invalid"),
        ("9" * 5000, "invalid"),
        ("1234567", "too_long"),
    ],
)
def test_what_is_no_value_is_refused_by_name(text, problem):
    with pytest.raises(ReadingRefused) as refused:
        parse(text, HOME)

    assert refused.value.problem == problem


def test_digits_of_the_red_frame_are_recognised():
    with pytest.raises(ReadingRefused, match="красной рамке"):
        parse("01864640".lstrip("0"), MeterKind(digits_before=6, digits_after=2))


@given(st.text(max_size=60))
def test_any_text_is_a_value_or_refused(text):
    with suppress(ReadingRefused):
        assert 0 <= parse(text, HOME).value < HOME.rolls_at


# -- What was used --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "now", "kind", "rolled_over", "kwh"),
    [
        (18432, 18646, HOME, False, 214),
        (18432, 18432, HOME, False, 0),
        (99950, 130, OLD, True, 180),
        (99999, 3, OLD, True, 4),
        (9999, 0, MeterKind(digits_before=4), True, 1),
        (1000, 1002, PLANT, False, 120),  # 300/5 is 60
        (999_950, 130, PLANT, True, 10_800),
    ],
)
def test_use_is_the_difference_times_the_ratio(last, now, kind, rolled_over, kwh):
    assert used(Decimal(now), Decimal(last), kind, rolled_over=rolled_over) == kwh


def test_a_fall_is_never_counted_by_itself():
    with pytest.raises(ValueError, match="fell"):
        difference(Decimal(130), Decimal(99950), OLD)


@given(st.integers(0, 99_999), st.integers(0, 99_999))
def test_the_drums_go_forward_by_less_than_one_turn(last, now):
    assert 0 <= difference(Decimal(now), Decimal(last), OLD, rolled_over=True) < OLD.rolls_at


@pytest.mark.parametrize(
    ("monthly", "expected"),
    [
        ([], None),
        ([100, 110], None),
        ([100, 110, 120], (100, 120, 110)),
        ([100] * 12 + [9000], (100, 100, 100)),  # a year back, no further
    ],
)
def test_three_to_twelve_months_make_an_average(monthly, expected):
    found = usual([Used(Decimal(kwh), 30) for kwh in monthly])

    assert (found and (found.low, found.high, found.average)) == expected


def test_a_reading_for_two_months_is_the_use_of_two():
    found = usual([Used(Decimal(200), 61), Used(Decimal(100), 30), Used(Decimal(100), 31)])

    assert 98 < found.average < 101


# -- What is asked --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "now", "questions"),
    [
        (7215, 7320, []),
        (7215, 7215, []),
        (7215, 7215 + 315, []),  # three times the average, exactly
        (7215, 7215 + 316, ["jump"]),
        (7215, 73204, ["jump"]),
        (7215, 7214, ["lower"]),
        (7215, 0, ["lower"]),
        (99950, 130, ["lower"]),
    ],
)
def test_a_strange_value_is_asked_about(last, now, questions):
    assert list(checked(now, last=last).questions) == questions


def test_twice_is_no_reason_to_ask():
    assert checked(7215 + 210, last=7215).questions == ()


@pytest.mark.parametrize(
    ("last", "now", "kind", "meant"),
    [
        (7215, 73204, HOME, 7320),  # one digit too many
        (7215, 732045, HOME, 7320),  # both of the red frame
        (7215, 100_000, HOME, None),  # nothing that makes sense
    ],
)
def test_a_tenfold_typo_is_recognised(last, now, kind, meant):
    assert checked(now, last=last, kind=kind).meant == meant


@pytest.mark.parametrize(
    ("kwh", "days", "is_usual"),
    [
        (105, 31, True),
        (1, 31, False),
        (44, 31, False),
        (45, 31, True),
        (195, 31, True),
        (196, 31, False),
        (30, 10, True),  # a third of a month
        (210, 62, True),  # two months
        (105, 124, False),
    ],
)
def test_as_usual_is_about_what_a_month_takes(kwh, days, is_usual):
    least, most = MONTHLY.span(days)

    assert (least <= kwh <= most) is is_usual


def test_two_months_may_take_twice_as_much():
    now = 7215 + 600

    assert checked(now, last=7215).questions == (Question.JUMP,)
    assert checked(now, last=7215, taken_on=date(2026, 12, 24)).questions == ()


def test_an_empty_flat_may_switch_a_lamp_on():
    nothing = Usual(low=Decimal(0), high=Decimal(0), average=Decimal(0))

    assert checked(1050, last=1000, usual=nothing).questions == ()
    assert checked(1060, last=1000, usual=nothing).questions == (Question.JUMP,)


def test_without_history_only_a_fall_is_asked_about():
    assert checked(99_000, last=1000, usual=None).questions == ()
    assert checked(999, last=1000, usual=None).questions == (Question.LOWER,)


def test_the_first_reading_asks_nothing():
    found = check({1: Decimal(5)}, before={}, kind=HOME, taken_on=NOVEMBER)[1]

    assert (found.used, found.questions) == (None, ())


@pytest.mark.parametrize(("now", "rolled_over"), [(130, 180), (50_000, None)])
def test_passing_zero_is_proposed_where_it_is_likely(now, rolled_over):
    assert checked(now, last=99950, kind=OLD).rolled_over == rolled_over


@pytest.mark.parametrize(("kwh", "is_asked"), [(15 * 24 * 32, False), (15 * 24 * 32 + 1, True)])
def test_more_than_the_power_allows_is_asked_about(kwh, is_asked):
    """31 days and the day of the reading, at 15 kW."""
    found = checked(kwh, last=0, usual=None, max_power_kw=Decimal(15))

    assert (Question.IMPOSSIBLE in found.questions) is is_asked


def test_the_power_is_that_of_all_zones():
    values = {1: Decimal(7000), 2: Decimal(6000)}
    found = check(
        values,
        before={1: before(0, None), 2: before(0, None)},
        kind=HOME,
        taken_on=NOVEMBER,
        max_power_kw=Decimal(15),
    )

    assert [found[zone].questions for zone in (1, 2)] == [(Question.IMPOSSIBLE,), ()]


def test_an_expired_verification_is_told():
    assert checked(7320, last=7215, is_verified=False).questions == (Question.UNVERIFIED,)


def test_swapped_day_and_night_are_recognised():
    last = {1: before(18432), 2: before(7215)}
    typed = {1: Decimal(7320), 2: Decimal(18646)}

    found = check(typed, before=last, kind=HOME, taken_on=NOVEMBER)

    assert swapped(typed, before=last, kind=HOME, taken_on=NOVEMBER) == {1: 18646, 2: 7320}
    assert Question.SWAPPED in found[1].questions


@pytest.mark.parametrize(
    "typed",
    [
        {1: Decimal(18646), 2: Decimal(7320)},  # right as they are
        {1: Decimal(1), 2: Decimal(2)},  # wrong either way
        {1: Decimal(7320)},
    ],
)
def test_nothing_else_is_called_swapped(typed):
    last = {1: before(18432), 2: before(7215)}

    assert swapped(typed, before=last, kind=HOME, taken_on=NOVEMBER) is None


def test_three_zones_in_the_wrong_order():
    last = {1: before(1000), 2: before(5000), 3: before(9000)}
    typed = {1: Decimal(9100), 2: Decimal(1100), 3: Decimal(5100)}

    assert swapped(typed, before=last, kind=HOME, taken_on=NOVEMBER) == {1: 1100, 2: 5100, 3: 9100}
