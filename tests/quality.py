"""What the tests of quality begin with: answers, their grades and samples, made by the real actions."""

from datetime import datetime
from zoneinfo import ZoneInfo

import time_machine

from requests_app import actions
from requests_app.lifecycle import Status
from requests_app.services import SERVICES
from tests.factories import StaffFactory, step_form, submitted

MOSCOW = ZoneInfo("Europe/Moscow")
INQUIRY = SERVICES[0]


def answered(service=INQUIRY, *, by=None, owner=None, **answers):
    """A request that `by` (an operator) has answered."""
    by = by or StaffFactory(group="operator")
    service_request = submitted(service, owner=owner, **answers)
    actions.transition(service_request, "take", by=by)
    return answer(service_request, by=by)


def answer(service_request, *, by):
    """The answer to a request that is being worked on."""
    form = step_form("answer", by=by, comment="Приедем в среду.", life=service_request.kind.life)
    answered_request = actions.transition(service_request, "answer", by=by, form=form)
    assert answered_request.status == Status.ANSWERED
    return answered_request


def graded(grade=5, comment="", **how):
    """An answered request with the grade of its consumer."""
    service_request = answered(**how)
    actions.grade_answer(service_request, grade=grade, comment=comment, by=service_request.owner)
    return service_request


def moscow(*moment):
    return datetime(*moment, tzinfo=MOSCOW)


def at(*moment):
    """Inside: it is that moment in Moscow."""
    return time_machine.travel(moscow(*moment), tick=False)
