"""Table 4.9: one line for each appeal, as 31 columns of marks. Nothing in it names a person."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count

from requests_app.codes import AppealForm, Category, Outcome
from requests_app.lifecycle import Status
from requests_app.models.request_queryset import ServiceRequestQuerySet
from requests_app.reading_windows import MOSCOW
from requests_app.reports.personal import without_personal
from requests_app.tables import Value

_WITHDRAWN = "Обращение отозвано потребителем"
_FIELDS = [
    "number",
    "submitted_at",
    "appeal_form",
    "category",
    "outcome",
    "measures_done",
    "measures_planned",
    "is_anonymous",
    "status",
]
_FIRST_MARK = 4  # how many columns stand before the marks
_MARKS = {str(code): place for place, code in enumerate([*AppealForm, *Category, *Outcome])}
# «other» is a form alone: categories and outcomes have names of their own


def count_outcomes(appeals: ServiceRequestQuerySet) -> dict[str, int]:
    """The sums of columns 27–29, outcome → appeals; under "" those that wait for an answer and have no mark there."""
    found = appeals.order_by().values_list("outcome").annotate(count=Count("pk"))
    return dict.fromkeys(["", *Outcome], 0) | dict(found)


def appeal_rows(appeals: ServiceRequestQuerySet) -> Iterator[list[Value]]:
    """The rows in the order of sending, read as a stream. The marks are ones; times are of Moscow."""
    found = appeals.order_by("submitted_at", "pk").values_list(*_FIELDS)
    for order, row in enumerate(found.iterator(chunk_size=2000), start=1):
        number, sent, form, category, outcome, done, planned, is_anonymous, status = row
        at = sent.astimezone(MOSCOW)
        line: list[Value] = [order, number, f"{at:%d.%m.%Y}", f"{at:%H:%M}"]
        line += [None] * (len(_MARKS) + 2)
        for code in (form, category, outcome):
            if code:
                line[_FIRST_MARK + _MARKS[code]] = 1
        if not is_anonymous:
            if status == Status.WITHDRAWN:
                done = done or _WITHDRAWN
            line[-2:] = [without_personal(done) or None, without_personal(planned) or None]
        yield line
