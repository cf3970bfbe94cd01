"""What the consumer sees of a request's way: the breakers on a line, the date of the answer, a line in a list."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from requests_app.dates import day_in_words, days_left, moment_in_words, term_in_words, weekday
from requests_app.lifecycle import FINAL_STATUSES, Status
from requests_app.models import AssignmentChange, ServiceRequest, StatusChange, TermExtension


@dataclass(frozen=True)
class Step:
    """One breaker. `is_current` is the live one: somebody has still to act there."""

    title: str
    note: str
    is_done: bool = False
    is_current: bool = False


@dataclass(frozen=True)
class Due:
    """The date that matters now: of the answer to come, of the one that was given, or of the end."""

    title: str
    day: date
    note: str
    term: str = ""  # how the day was counted; while the answer is awaited
    is_late: bool = False
    extension: str = ""  # that the day was moved, from when and why


def events(
    changes: Iterable[StatusChange],
    extensions: Iterable[TermExtension],
    assignments: Iterable[AssignmentChange] = (),
) -> list[StatusChange | TermExtension | AssignmentChange]:
    """The history of all, in order of time; who handles it is for staff."""
    return sorted([*changes, *extensions, *assignments], key=lambda event: event.at)


def first_day(service_request: ServiceRequest) -> date:
    """The day that was promised at the beginning of the term, whatever it was extended to."""
    first = service_request.extensions.filter(disputes=service_request.disputes).first()
    return first.from_day if first else service_request.due_on


def steps(service_request: ServiceRequest, history: Iterable[StatusChange], *, today: date) -> list[Step]:
    """The steps done, the one that the request is at, and the answer with its date. `history` in order of time."""
    status, life = Status(service_request.status), service_request.kind.life
    reached = {
        change.to_status: moment_in_words(change.at, today=today)
        for change in history
        if change.to_status != change.from_status
    }
    is_new = status == Status.REGISTERED
    line = [Step(life.opening, reached.get(Status.REGISTERED, ""), is_done=not is_new, is_current=is_new)]
    if is_new and life.promises_answer:
        line.append(Step(life.label(Status.IN_PROGRESS), "скоро"))
    elif Status.IN_PROGRESS in reached:
        at_work = status == Status.IN_PROGRESS
        note = reached[Status.IN_PROGRESS]
        line.append(Step(life.label(Status.IN_PROGRESS), note, is_done=not at_work, is_current=at_work))
    if status == Status.AWAITING_CONSUMER:
        line.append(Step(life.label(status), reached.get(status, ""), is_current=True))
    if status == Status.ANSWERED or (status == Status.CLOSED and Status.ANSWERED in reached):
        is_read = status == Status.CLOSED
        note = reached.get(Status.ANSWERED, "")
        line.append(Step(life.label(Status.ANSWERED), note, is_done=is_read, is_current=not is_read))
    if status in FINAL_STATUSES:
        line.append(Step(life.label(status), reached.get(status, ""), is_done=True))
    elif status != Status.ANSWERED and life.promises_answer:
        is_late = service_request.is_overdue(on=today)
        deadline = f"до\N{NO-BREAK SPACE}{day_in_words(service_request.due_on, today=today)}"
        line.append(Step("Ответ", days_left(service_request.due_on, today=today) if is_late else deadline))
    elif life.ahead and status != Status.ANSWERED:
        line.append(Step(life.ahead, ""))
    return line


def due(service_request: ServiceRequest, extensions: Iterable[TermExtension] = (), *, today: date) -> Due | None:
    """The date for the page of one request; None while there is none to name. `extensions` in order of time."""
    life = service_request.kind.life
    if service_request.is_open:
        return _awaited(service_request, extensions, today) if life.promises_answer else None
    if service_request.answered_at and life.promises_answer:
        answered_on = _day(service_request.answered_at)
        deadline = day_in_words(service_request.due_on, today=today)
        note = f"{weekday(answered_on)}, срок был до\N{NO-BREAK SPACE}{deadline}"
        return Due("Ответили", answered_on, note)
    closed_on = _day(service_request.closed_at or service_request.submitted_at)
    return Due(life.label(service_request.status), closed_on, weekday(closed_on))


def summary(service_request: ServiceRequest, *, today: date) -> str:
    """The same in one line for lists: «ответим до 2 декабря, осталось 8 дней», «ответили 22 октября»; or nothing."""
    if service_request.is_open:
        if not service_request.kind.life.promises_answer:
            return ""
        promise = "срок был до" if service_request.is_overdue(on=today) else "ответим до"
        deadline = day_in_words(service_request.due_on, today=today)
        return f"{promise}\N{NO-BREAK SPACE}{deadline}, {days_left(service_request.due_on, today=today)}"
    if service_request.status == Status.ANSWERED and service_request.answered_at:
        answered_on = _day(service_request.answered_at)
        return f"ответили {day_in_words(answered_on, today=today)}, {weekday(answered_on)}"
    closed_on = _day(service_request.closed_at or service_request.submitted_at)
    return f"{day_in_words(closed_on, today=today)}, {weekday(closed_on)}"


def term(service_request: ServiceRequest) -> str:
    """How the day of the answer was counted: «15 календарных дней со дня, следующего за отправкой»."""
    length = term_in_words(service_request.term_days, service_request.term_day_kind)
    since = "вашим несогласием с\N{NO-BREAK SPACE}ответом" if service_request.disputes else "отправкой"
    return f"{length} со\N{NO-BREAK SPACE}дня, следующего за\N{NO-BREAK SPACE}{since}"


def _awaited(service_request: ServiceRequest, extensions: Iterable[TermExtension], today: date) -> Due:
    current = [extension for extension in extensions if extension.disputes == service_request.disputes]
    is_late = service_request.is_overdue(on=today)
    return Due(
        "Срок ответа прошёл" if is_late else "Ответим до",
        service_request.due_on,
        f"{weekday(service_request.due_on)}, {days_left(service_request.due_on, today=today)}",
        term=term(service_request),
        is_late=is_late,
        extension=_extended(current, today),
    )


def _extended(extensions: list[TermExtension], today: date) -> str:
    """«Срок продлён, был до 10 декабря. Причина: нужен выезд.»; the last reason, and the day before all of them."""
    if not extensions:
        return ""
    first = day_in_words(extensions[0].from_day, today=today)
    reason = extensions[-1].reason.rstrip(".")
    return f"Срок продлён, был до\N{NO-BREAK SPACE}{first}. Причина: {reason}."


def _day(moment: datetime) -> date:
    return timezone.localdate(moment)
