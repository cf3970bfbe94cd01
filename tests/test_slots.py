"""When an office can receive: hours, breaks, days off, lead time, horizon, windows. No database."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from requests_app.deadlines import standard_working_day
from requests_app.services.appointment.slots import Busy, Hours, Schedule, nearest_free

WEDNESDAY = date(2026, 11, 25)
FULL_DAY = Hours(opens=time(9), closes=time(17), break_starts=time(12), break_ends=time(13))


def moscow(day, hour, minute=0):
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


def schedule(**changes):
    given = {
        "hours": dict.fromkeys(range(5), FULL_DAY),
        "ends": {},
        "is_working": standard_working_day,
        "length": timedelta(minutes=20),
        "windows": 1,
        "lead": timedelta(hours=1),
        "horizon_days": 30,
    }
    return Schedule(**{**given, **changes})


def clock(moments):
    return [f"{timezone.localtime(moment):%H:%M}" for moment in moments]


def free(schedule, *, now, busy=()):
    """Day → the free times, days without any left out."""
    days = schedule.slots(now=now, busy=busy)
    return {day: clock(slot.starts_at for slot in slots if slot.is_free) for day, slots in days.items() if slots}


# -- One day --------------------------------------------------------------------------------------------------------


def test_visits_follow_one_another_and_stop_for_the_break():
    starts = clock(schedule(length=timedelta(minutes=60)).starts(WEDNESDAY))

    assert starts == ["09:00", "10:00", "11:00", "13:00", "14:00", "15:00", "16:00"]


def test_no_visit_runs_into_the_break_or_past_the_closing_time():
    starts = clock(schedule(length=timedelta(minutes=50)).starts(WEDNESDAY))

    assert starts == ["09:00", "09:50", "10:40", "13:00", "13:50", "14:40", "15:30"]  # 16:20 would end at 17:10


def test_a_visit_longer_than_the_hours_is_never_offered():
    assert schedule(length=timedelta(hours=5)).starts(WEDNESDAY) == []


@given(
    length=st.integers(5, 240),
    opens=st.integers(0, 600),
    morning=st.integers(1, 400),
    pause=st.integers(1, 120),
    evening=st.integers(1, 300),
)
def test_whatever_the_hours_every_visit_fits_between_them(length, opens, morning, pause, evening):
    marks = [opens, opens + morning, opens + morning + pause, opens + morning + pause + evening]
    hours = [time(mark // 60, mark % 60) for mark in marks]
    day = Hours(opens=hours[0], break_starts=hours[1], break_ends=hours[2], closes=hours[3])
    rules = schedule(hours={2: day}, length=timedelta(minutes=length))

    starts = rules.starts(WEDNESDAY)

    first, break_starts, break_ends, last = (moscow(WEDNESDAY, hour.hour, hour.minute) for hour in hours)
    for start in starts:
        end = start + rules.length
        assert (first <= start and end <= break_starts) or (break_ends <= start and end <= last)
    assert all(after - before >= rules.length for before, after in pairwise(starts))


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 11, 28), "Saturday without hours"),
        (date(2026, 11, 4), "a holiday on a Wednesday"),
        (date(2026, 11, 26), "closed by staff"),
    ],
)
def test_a_day_off_has_no_visits(day, why):
    assert schedule(ends={date(2026, 11, 26): None}).starts(day) == [], why


@pytest.mark.parametrize(
    ("until", "last"),
    [
        (time(15), "14:40"),
        (time(14, 59), "14:20"),  # a visit at 14:40 would end too late
        (time(13, 20), "13:00"),
        (time(13, 19), "11:40"),
        (time(12, 30), "11:40"),  # in the break
        (time(9, 20), "09:00"),
        (time(23), "16:40"),  # later than usual is no longer day
    ],
)
def test_a_short_day_ends_earlier(until, last):
    rules = schedule(ends={WEDNESDAY: until})

    assert clock(rules.starts(WEDNESDAY))[-1] == last
    assert rules.starts(date(2026, 11, 26)) == schedule().starts(date(2026, 11, 26))


@pytest.mark.parametrize("until", [time(9), time(9, 19), time(8)])
def test_a_day_too_short_for_a_visit_has_none(until):
    assert schedule(ends={WEDNESDAY: until}).starts(WEDNESDAY) == []


def test_a_short_day_receives_those_who_are_gone_by_then():
    rules = schedule(ends={WEDNESDAY: time(15)})

    assert rules.receives(busy(14, 40))
    assert not rules.receives(busy(14, 41))


def test_the_lead_time_stands_still_after_a_short_day():
    rules = schedule(ends={WEDNESDAY: time(15)})

    assert rules.earliest(moscow(WEDNESDAY, 14, 30)) == moscow(date(2026, 11, 26), 9, 30)


def test_a_short_day_off_stays_a_day_off():
    assert schedule(ends={date(2026, 11, 4): time(15)}).starts(date(2026, 11, 4)) == []


def test_a_working_day_of_the_calendar_without_hours_is_no_day_of_reception():
    assert schedule(is_working=lambda day: True).starts(date(2026, 11, 28)) == []


# -- Windows --------------------------------------------------------------------------------------------------------


def busy(hour, minute=0, *, window=1, minutes=20):
    start = moscow(WEDNESDAY, hour, minute)
    return Busy(window=window, starts_at=start, ends_at=start + timedelta(minutes=minutes))


def windows_at(rules, taken, hour, minute=0):
    slots = rules.slots(now=moscow(date(2026, 11, 24), 9), busy=taken)[WEDNESDAY]
    return next(slot.free_windows for slot in slots if slot.starts_at == moscow(WEDNESDAY, hour, minute))


def test_each_window_receives_one_visitor_at_a_time():
    taken = [busy(10, window=1)]

    assert windows_at(schedule(windows=2), taken, 10) == (2,)
    assert windows_at(schedule(windows=1), taken, 10) == ()
    assert windows_at(schedule(windows=1), taken, 10, 20) == (1,)


def test_a_visit_booked_by_an_earlier_length_keeps_its_window_to_its_end():
    taken = [busy(10, 10, minutes=30)]

    assert windows_at(schedule(), taken, 10) == ()
    assert windows_at(schedule(), taken, 10, 20) == ()
    assert windows_at(schedule(), taken, 10, 40) == (1,)


# -- Lead time and horizon ------------------------------------------------------------------------------------------


def test_the_lead_time_runs_while_the_office_is_open():
    times = free(schedule(), now=moscow(WEDNESDAY, 9, 25))

    assert times[WEDNESDAY][0] == "10:40"


def test_the_lead_time_does_not_run_in_the_break():
    times = free(schedule(), now=moscow(WEDNESDAY, 11, 30))

    assert times[WEDNESDAY][0] == "13:40"  # half an hour before the break, half an hour after


@pytest.mark.parametrize(
    ("now", "first_day", "first_time"),
    [
        (moscow(date(2026, 11, 27), 16, 30), date(2026, 11, 30), "09:40"),  # Friday evening: half an hour is left
        (moscow(date(2026, 11, 29), 23), date(2026, 11, 30), "10:00"),  # Sunday night
        (moscow(date(2026, 11, 27), 16), date(2026, 11, 30), "09:00"),  # the hour is over at closing time
    ],
)
def test_a_booking_at_night_is_seen_before_the_first_visitor(now, first_day, first_time):
    times = free(schedule(), now=now)

    day = next(day for day, clock_times in times.items() if clock_times)
    assert (day, times[day][0]) == (first_day, first_time)


def test_without_lead_time_the_next_visit_is_offered():
    times = free(schedule(lead=timedelta(0)), now=moscow(WEDNESDAY, 9, 20))

    assert times[WEDNESDAY][0] == "09:20"


def test_the_last_day_is_the_last_of_the_horizon():
    days = list(schedule(horizon_days=7).slots(now=moscow(WEDNESDAY, 8), busy=()))

    assert (days[0], days[-1]) == (WEDNESDAY, date(2026, 12, 2))


def test_a_lead_time_longer_than_the_horizon_offers_nothing():
    assert free(schedule(lead=timedelta(hours=40), horizon_days=3), now=moscow(WEDNESDAY, 8)) == {}


def test_days_are_those_of_moscow():
    """At half past nine in the evening of UTC it is the next day in Moscow already."""
    now = datetime(2026, 11, 24, 21, 30, tzinfo=timezone.get_fixed_timezone(0))

    assert next(iter(schedule().slots(now=now, busy=()))) == WEDNESDAY


# -- What was booked before the rules changed -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "is_received"),
    [
        ({}, True),
        ({"length": timedelta(minutes=45)}, True),
        ({"ends": {WEDNESDAY: None}}, False),
        ({"is_working": lambda day: False}, False),
        ({"hours": {2: Hours(opens=time(9), closes=time(10, 10))}}, False),
        ({"hours": {2: Hours(opens=time(9), closes=time(10, 20))}}, True),
        ({"hours": {2: Hours(opens=time(9), closes=time(17), break_starts=time(10, 10), break_ends=time(11))}}, False),
        ({"hours": {}}, False),
    ],
)
def test_a_booked_visit_is_received_while_the_office_is_open_for_all_of_it(changes, is_received):
    assert schedule(**changes).receives(busy(10)) is is_received


def test_a_visit_at_a_window_that_was_taken_away_is_not_received():
    assert not schedule(windows=1).receives(busy(10, window=2))


def test_the_nearest_free_times_stand_in_order():
    rules = schedule(length=timedelta(minutes=60))
    slots = rules.slots(now=moscow(date(2026, 11, 24), 9), busy=[busy(10, minutes=60)])

    found = clock(slot.starts_at for slot in nearest_free(slots, moscow(WEDNESDAY, 10), count=3))

    assert found == ["09:00", "11:00", "13:00"]
