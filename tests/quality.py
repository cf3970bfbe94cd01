"""What the tests of quality begin with: answers, their grades and samples, made by the real actions."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import time_machine

from requests_app import actions
from requests_app.lifecycle import Status
from requests_app.models import AnswerSample
from requests_app.services import SERVICES
from tests.factories import ConsumerFactory, StaffFactory, step_form, submitted

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


def quality_rows():
    """The key of a row of each model."""
    owner = ConsumerFactory().user
    first = graded(owner=owner)
    again = submitted(INQUIRY, owner=owner, question="Почему мне так и не ответили?")
    answer_given = first.status_changes.last()
    sample = AnswerSample.objects.create(week=date(2026, 11, 16), answers=1)
    review = sample.reviews.create(answer=answer_given, answered_by=answer_given.by)
    return {"answergrade": answer_given.grade.pk, "answerreview": review.pk, "repetition": again.repetition.pk}


def moscow(*moment):
    return datetime(*moment, tzinfo=MOSCOW)


def at(*moment):
    """Inside: it is that moment in Moscow."""
    return time_machine.travel(moscow(*moment), tick=False)
