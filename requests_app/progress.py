"""How far a request has come, as the few breakers on a line that the consumer sees."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import date_format

from requests_app.lifecycle import Status
from requests_app.models import ServiceRequest, StatusChange


@dataclass(frozen=True)
class Step:
    title: str
    note: str
    is_done: bool = False
    is_current: bool = False


# How the last breaker is called: while the answer is awaited, and after each end.
_LAST = {
    Status.ANSWERED: "Ответ готов",
    Status.CLOSED: "Закрыта",
    Status.REFUSED: "Отказано",
    Status.WITHDRAWN: "Отозвана",
}


def steps(service_request: ServiceRequest, history: Iterable[StatusChange]) -> list[Step]:
    """The steps done, the one that the request is at, and the answer with its date. `history` in order of time."""
    status = Status(service_request.status)
    reached = {change.to_status: _moment(change) for change in history}
    is_new = status == Status.REGISTERED
    line = [Step("Зарегистрирована", reached.get(Status.REGISTERED, ""), is_done=not is_new, is_current=is_new)]
    if Status.IN_PROGRESS in reached or is_new:
        at_work = status == Status.IN_PROGRESS
        is_done = Status.IN_PROGRESS in reached and not at_work
        line.append(Step("В работе", reached.get(Status.IN_PROGRESS, "скоро"), is_done=is_done, is_current=at_work))
    if status == Status.AWAITING_CONSUMER:
        line.append(Step("Уточняем у вас", "сейчас", is_current=True))
    if status in _LAST:
        line.append(Step(_LAST[status], reached.get(status, ""), is_current=True))
    else:
        line.append(Step("Ответ", f"до {date_format(service_request.due_on, 'j E')}"))
    return line


def _moment(change: StatusChange) -> str:
    return date_format(timezone.localtime(change.at), "j E, H:i")
