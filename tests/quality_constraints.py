"""What the database refuses of grades, second readings and repeated appeals."""

from datetime import date

from django.utils import timezone

from requests_app.lifecycle import Status
from requests_app.models import AnswerGrade, AnswerReview, AnswerSample, QualityRule, Repetition
from tests.factories import ServiceRequestFactory, StaffFactory

MONDAY = date(2026, 11, 16)


def _answer():
    return ServiceRequestFactory(status=Status.ANSWERED).status_changes.last()


def _grade(value):
    return lambda: AnswerGrade.objects.create(answer=_answer(), grade=value)


def _review(**values):
    def create():
        sample = AnswerSample.objects.create(week=MONDAY, answers=1)
        author = StaffFactory()
        read = {"reader": StaffFactory(), "read_at": timezone.now(), "mark": 5}
        read |= dict.fromkeys(["to_the_point", "is_clear", "in_time", "is_polite"], True)
        row = {**read, **values}
        if row["reader"] == "author":
            row["reader"] = author
        AnswerReview.objects.create(sample=sample, answer=_answer(), answered_by=author, **row)

    return create


def _rule(**values):
    return lambda: QualityRule.objects.update(**values)


def _repetition(**values):
    service_request = ServiceRequestFactory()
    row = {"service_request": service_request, "earlier": ServiceRequestFactory(), "reason": "person", **values}
    if row["earlier"] is None:
        row["earlier"] = service_request
    Repetition.objects.create(**row)


QUALITY_BREAKS = {
    "answer_grade_range": [_grade(0), _grade(6)],
    "answer_review_mark_range": [_review(mark=0), _review(mark=6)],
    "answer_review_read_whole": [
        _review(reader=None),
        _review(read_at=None),
        _review(mark=None),
        _review(is_clear=None),
    ],
    "answer_review_not_own": [_review(reader="author")],
    "quality_rule_is_one": [lambda: QualityRule.objects.create(pk=2)],
    "quality_rule_sample": [_rule(sample_least=51), _rule(sample_percent=0), _rule(sample_percent=101)],
    "quality_rule_days": [_rule(repeat_days=0), _rule(repeat_days=366)],
    "repetition_of_another": [lambda: _repetition(earlier=None)],
    "repetition_reason_known": [lambda: _repetition(reason="guess")],
}
