"""What the database refuses of receptions, rules, absences and assignments."""

import uuid
from datetime import date

from django.utils import timezone

from requests_app.models import Absence, AssignmentChange, AssignmentRule, Reception, ServiceRequest
from tests.factories import ServiceRequestFactory, StaffFactory

DAY, BEFORE = date(2026, 12, 9), date(2026, 12, 8)


def _request_of_nobody(**values):
    def write():
        row = ServiceRequestFactory(applicant_email="")
        ServiceRequest.objects.filter(pk=row.pk).update(owner=None, **values)

    return write


def _anonymous_of_nobody():
    row = ServiceRequestFactory(
        is_anonymous=True,
        applicant_name="Заявитель скрыт",
        applicant_legal_form="",
        applicant_identifier="",
        applicant_email="",
    )
    ServiceRequest.objects.filter(pk=row.pk).update(owner=None)


def _reception(**values):
    row = {"by": StaffFactory(), "consent": "spoken", "consent_on": DAY, **values}
    return Reception.objects.create(service_request=ServiceRequestFactory(), **row)


def _two_receptions():
    by, key = StaffFactory(), uuid.uuid4()
    for _ in range(2):
        _reception(by=by, submission_key=key)


def _linked(**values):
    return lambda: _reception(
        **{"linked_by": StaffFactory(), "linked_at": timezone.now(), "link_reason": "Паспорт"} | values
    )


def _two_rules():
    for _ in range(2):
        AssignmentRule.objects.create(service="inquiry", topic="metering", order=1)


def _absence(**values):
    who = StaffFactory()
    return Absence.objects.create(**{"who": who, "entered_by": who, "from_day": DAY, "until": DAY} | values)


def _change(**values):
    return lambda: AssignmentChange.objects.create(service_request=ServiceRequestFactory(), **values)


ASSIGNMENT_BREAKS = {
    "request_somebody_to_answer": [
        _request_of_nobody(),
        _request_of_nobody(applicant_name="", applicant_phone="8 (928) 123-45-67"),
        _anonymous_of_nobody,
    ],
    "reception_once": [_two_receptions],
    "reception_has_consent": [lambda: _reception(consent=""), lambda: _reception(consent="no")],
    "reception_linked_with_reason": [
        _linked(linked_by=None),
        _linked(linked_at=None),
        _linked(link_reason=""),
        _linked(linked_by=None, linked_at=None),
    ],
    "assignment_rule_order": [_two_rules],
    "absence_has_days": [lambda: _absence(until=BEFORE)],
    "assignment_by_somebody_or_rule": [
        _change(cause="hand"),
        lambda: _change(cause="rule", by=StaffFactory())(),
    ],
    "assignment_of_absence": [
        lambda: _change(cause="absence", by=StaffFactory())(),
        lambda: _change(cause="hand", by=StaffFactory(), absence=_absence())(),
    ],
}
