"""How dates of a request are said: requests_app.dates and requests_app.progress."""

from datetime import UTC, date, datetime

import pytest

from requests_app import dates, progress
from requests_app.lifecycle import Status
from requests_app.models import ServiceRequest, StatusChange

TODAY = date(2026, 11, 24)


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def moment(month, day, hour=6):
    return datetime(2026, month, day, hour, 5, tzinfo=UTC)


@pytest.mark.parametrize(("day", "words"), [(date(2026, 12, 2), "2 декабря"), (date(2025, 12, 2), "2 декабря 2025")])
def test_the_year_is_told_when_it_is_another(day, words):
    assert plain(dates.day_in_words(day, today=TODAY)) == words


def test_a_day_is_never_broken_over_lines():
    assert " " not in dates.day_in_words(date(2025, 12, 2), today=TODAY)


def test_a_moment_is_that_of_moscow():
    assert (
        plain(dates.moment_in_words(datetime(2026, 11, 23, 21, 5, tzinfo=UTC), today=TODAY))
        == "вторник, 24 ноября, 0:05"
    )


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (date(2026, 12, 2), "осталось 8 дней"),
        (date(2026, 12, 15), "остался 21 день"),
        (date(2026, 11, 26), "осталось 2 дня"),
        (date(2026, 11, 25), "остался 1 день"),
        (date(2026, 11, 24), "сегодня последний день"),
        (date(2026, 11, 23), "опаздываем на 1 день"),
        (date(2026, 11, 19), "опаздываем на 5 дней"),
    ],
)
def test_days_left(due, words):
    assert plain(dates.days_left(due, today=TODAY)) == words


@pytest.mark.parametrize(
    ("days", "kind", "words"),
    [(15, "calendar", "15 календарных дней"), (1, "working", "1 рабочий день"), (3, "working", "3 рабочих дня")],
)
def test_a_term(days, kind, words):
    assert plain(dates.term_in_words(days, kind)) == words


# -- Steps, due date, summary ---------------------------------------------------------------------------------------


def request(status, **fields):
    answered_at = moment(11, 20) if status in (Status.ANSWERED, Status.CLOSED) else None
    closed_at = moment(11, 21) if status in (Status.CLOSED, Status.REFUSED, Status.WITHDRAWN) else None
    known = {"due_on": date(2026, 12, 2), "term_days": 15, "term_day_kind": "calendar"}
    return ServiceRequest(
        service="inquiry", status=status, answered_at=answered_at, closed_at=closed_at, **{**known, **fields}
    )


def history(*statuses):
    return [StatusChange(to_status=status, at=moment(11, 17 + number)) for number, status in enumerate(statuses)]


def line(status, *before, **fields):
    """The breakers: «+» done, «>» live, «-» ahead, each with its title."""
    steps = progress.steps(request(status, **fields), history(*before, status), today=TODAY)
    return [("+" if step.is_done else ">" if step.is_current else "-") + step.title for step in steps]


@pytest.mark.parametrize(
    ("statuses", "breakers"),
    [
        (["registered"], [">Зарегистрирована", "-В работе", "-Ответ"]),
        (["registered", "in_progress"], ["+Зарегистрирована", ">В работе", "-Ответ"]),
        (
            ["registered", "in_progress", "awaiting_consumer"],
            ["+Зарегистрирована", "+В работе", ">Ждём ваш ответ", "-Ответ"],
        ),
        (["registered", "in_progress", "answered"], ["+Зарегистрирована", "+В работе", ">Ответ готов"]),
        (
            ["registered", "in_progress", "answered", "closed"],
            ["+Зарегистрирована", "+В работе", "+Ответ готов", "+Закрыта"],
        ),
        (["registered", "in_progress", "answered", "in_progress"], ["+Зарегистрирована", ">В работе", "-Ответ"]),
        (["registered", "refused"], ["+Зарегистрирована", "+Отказано"]),
        (["registered", "withdrawn"], ["+Зарегистрирована", "+Отозвана"]),
    ],
)
def test_the_line_of_steps(statuses, breakers):
    *before, status = [Status(status) for status in statuses]

    assert line(status, *before) == breakers


@pytest.mark.parametrize(
    ("status", "due_on", "words"),
    [
        (Status.REGISTERED, date(2026, 12, 2), "ответим до 2 декабря, осталось 8 дней"),
        (Status.AWAITING_CONSUMER, date(2026, 11, 20), "срок был до 20 ноября, опаздываем на 4 дня"),
        (Status.ANSWERED, date(2026, 12, 2), "ответили 20 ноября, пятница"),
        (Status.CLOSED, date(2026, 12, 2), "21 ноября, суббота"),
        (Status.REFUSED, date(2026, 12, 2), "21 ноября, суббота"),
        (Status.WITHDRAWN, date(2026, 12, 2), "21 ноября, суббота"),
    ],
)
def test_the_line_in_lists(status, due_on, words):
    assert plain(progress.summary(request(status, due_on=due_on), today=TODAY)) == words


@pytest.mark.parametrize(
    ("status", "title", "day"),
    [
        (Status.IN_PROGRESS, "Ответим до", date(2026, 12, 2)),
        (Status.ANSWERED, "Ответили", date(2026, 11, 20)),
        (Status.CLOSED, "Ответили", date(2026, 11, 20)),
        (Status.REFUSED, "Отказано", date(2026, 11, 21)),
        (Status.WITHDRAWN, "Отозвана", date(2026, 11, 21)),
    ],
)
def test_the_date_that_matters(status, title, day):
    due = progress.due(request(status), today=TODAY)

    assert (due.title, due.day) == (title, day)


def test_a_term_that_began_anew_says_from_when():
    assert plain(progress.term(request(Status.IN_PROGRESS))).endswith("следующего за отправкой")
    assert plain(progress.term(request(Status.IN_PROGRESS, disputes=1))).endswith("вашим несогласием с ответом")
