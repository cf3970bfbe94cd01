"""Each rule that the database itself keeps, broken once."""

import uuid
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from requests_app.codes import Outcome
from requests_app.deadlines import DayKind
from requests_app.lifecycle import Status
from requests_app.models import (
    Attachment,
    Audience,
    CalendarDay,
    GrantStatus,
    Message,
    MessageKind,
    NumberSequence,
    ReplyChannel,
    ReporterReveal,
    ReportRun,
    ServiceRequest,
    ServiceTerm,
    StatusChange,
    SupplyImport,
    ZoneLabel,
)
from requests_app.services import complaint, consultation, inquiry, violation_report
from tests import broken_papers
from tests.appointment_constraints import APPOINTMENT_BREAKS
from tests.assignment_constraints import ASSIGNMENT_BREAKS
from tests.desk_constraints import DESK_BREAKS
from tests.export_constraints import EXPORT_BREAKS
from tests.factories import (
    AccessGrantFactory,
    AttachmentFactory,
    MessageFactory,
    MeterFactory,
    ServiceRequestFactory,
    StaffFactory,
    SupplyPointFactory,
    submitted,
)
from tests.quality_constraints import QUALITY_BREAKS
from tests.reading_desk_constraints import READING_DESK
from tests.term_constraints import TERM_BREAKS

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def changed(row, **values):
    """Write `values` past every rule of Python's."""
    type(row)._default_manager.filter(pk=row.pk).update(**values)


def request_in(status, /, **values):
    return lambda: changed(ServiceRequestFactory(status=status), **values)


def second_request(**same):
    def make():
        first = ServiceRequestFactory()
        ServiceRequestFactory(owner=first.owner, **{name: getattr(first, name) for name in same})

    return make


def message_of(**values):
    return lambda: changed(MessageFactory(), **values)


def attachment_of(**values):
    return lambda: changed(AttachmentFactory(), **values)


def detail_of(service, **values):
    return lambda: changed(submitted(service).detail, **values)


def report_of(**values):
    return detail_of(violation_report.SERVICE, **values)


def same_sign_twice():
    report = submitted(violation_report.SERVICE).detail
    report.signs.create(sign=report.signs.get().sign)


def anonymous_with(**values):
    sent = partial(submitted, violation_report.SERVICE, reporter="anonymous")
    return lambda: changed(sent(), **values)


def reveal_without_reason():
    ReporterReveal(service_request=ServiceRequestFactory(), by=StaffFactory(), reason="").save()


def two_messages():
    first = MessageFactory()
    MessageFactory(service_request=first.service_request, submission_key=first.submission_key)


def two_changes():
    change = ServiceRequestFactory().status_changes.get()
    change.service_request.status_changes.create(
        to_status=Status.REGISTERED, by=change.by, submission_key=change.submission_key
    )


def change_without_a_source():
    service_request = ServiceRequestFactory()
    service_request.status_changes.create(transition="take", to_status=Status.IN_PROGRESS, by=service_request.owner)


def draft_in_a_message():
    message = MessageFactory()
    AttachmentFactory(service_request=None, draft_key=uuid.uuid4(), message=message, uploader=message.author)


def term_of(**values):
    return lambda: ServiceTerm.objects.create(
        **{
            "service": "inquiry",
            "days": 15,
            "day_kind": DayKind.WORKING,
            "legal_basis": "Приказ",
            "valid_from": "2027-01-01",
            **values,
        }
    )


def same_term_twice():
    term_of()()
    term_of()()


def same_day_twice():
    for is_working in (True, False):
        CalendarDay.objects.create(date="2027-01-11", is_working=is_working)


def point_of(**values):
    return lambda: changed(SupplyPointFactory(), **values)


def meter_of(**values):
    return lambda: changed(MeterFactory(installed_on="2020-03-01"), **values)


def zone_of(**values):
    return lambda: changed(ZoneLabel.objects.get(zones=2, number=2), **values)


def grant_in(status, /, **values):
    return lambda: changed(AccessGrantFactory(status=status), **values)


def second_grant(status, /, **same):
    def make():
        first = AccessGrantFactory(status=status)
        AccessGrantFactory(status=status, user=first.user, **{name: getattr(first, name) for name in same})

    return make


def same_point_twice():
    first = SupplyPointFactory(address="ул. Портовая, 71")
    SupplyPointFactory(contract_number=f"№ {first.contract_number.lower()}", address="Ул Портовая 71")


def same_meter_twice():
    first = MeterFactory(serial="0110-76148")
    MeterFactory(point=first.point, serial="0110 76148")


def attachment_of_a_request_and_a_grant():
    changed(AttachmentFactory(), access_grant=AccessGrantFactory())


def import_of(**fields):
    draft = {"file": "imports/a", "file_name": "Точки.csv"}
    return lambda: SupplyImport.objects.create(**{**draft, "by": StaffFactory(), **fields})


BREAKS = {
    **APPOINTMENT_BREAKS,
    "supply_point_once": [same_point_twice],
    "supply_point_named": [point_of(contract_key=""), point_of(address_key=""), point_of(consumer_name="")],
    "supply_point_identifiers": [
        point_of(inn="61660"),
        point_of(ogrn="10261000000"),
        point_of(ogrnip="104500116000157"),
        point_of(snils_hash="11223344595"),
    ],
    "supply_point_one_legal_form": [point_of(ogrn="1026100000080", ogrnip="304500116000157")],
    "supply_point_power": [point_of(max_power_kw=0)],
    "meter_once": [same_meter_twice],
    "meter_has_serial": [meter_of(serial_key="")],
    "meter_digits": [meter_of(digits_before=3), meter_of(digits_before=10), meter_of(digits_after=4)],
    "meter_zones": [meter_of(zones=0), meter_of(zones=4)],
    "meter_ratio": [meter_of(ratio=0)],
    "meter_removed_after_installed": [meter_of(removed_on="2020-02-29")],
    "supply_import_file_until_applied": [
        import_of(by=None),
        import_of(file=""),
        import_of(applied_at=NOW),
    ],
    "zone_label_once": [zone_of(number=1)],
    "zone_label_number": [zone_of(number=3), zone_of(number=0), zone_of(zones=4)],
    "zone_label_named": [zone_of(label="")],
    "access_grant_sent_once": [second_grant(GrantStatus.REFUSED, submission_key=True)],
    "access_grant_one_per_point": [second_grant(GrantStatus.CONFIRMED, point=True)],
    "access_grant_asked_once": [second_grant(GrantStatus.ASKED, contract_number=True, meter_serial=True)],
    "access_grant_status_known": [grant_in(GrantStatus.ASKED, status="lost")],
    "access_grant_says_what": [
        grant_in(GrantStatus.ASKED, contract_key=""),
        grant_in(GrantStatus.ASKED, serial_key=""),
    ],
    "access_grant_point_when_confirmed": [
        grant_in(GrantStatus.CONFIRMED, point=None),
        grant_in(GrantStatus.REVOKED, point=None),
        lambda: changed(AccessGrantFactory(), point=SupplyPointFactory()),
    ],
    "access_grant_decided_in_pairs": [
        grant_in(GrantStatus.ASKED, decided_at=NOW),
        grant_in(GrantStatus.ASKED, reason="Так"),
        grant_in(GrantStatus.CONFIRMED, decided_by=None),
        grant_in(GrantStatus.REFUSED, decided_at=None),
    ],
    "access_grant_refused_with_reason": [grant_in(GrantStatus.REFUSED, reason="")],
    "access_grant_revoked_in_pairs": [
        grant_in(GrantStatus.CONFIRMED, revoked_at=NOW),
        grant_in(GrantStatus.REVOKED, revoked_by=None),
        grant_in(GrantStatus.REVOKED, revocation_reason=""),
    ],
    "access_grant_withdrawn_in_pairs": [
        grant_in(GrantStatus.WITHDRAWN, withdrawn_at=None),
        grant_in(GrantStatus.ASKED, withdrawn_at=NOW),
    ],
    "request_submission_once": [second_request(submission_key=True)],
    "request_status_known": [request_in(Status.REGISTERED, status="lost")],
    "request_closed_at_when_final": [
        request_in(Status.REGISTERED, closed_at=NOW),
        request_in(Status.ANSWERED, closed_at=NOW),
        request_in(Status.WITHDRAWN, closed_at=None),
    ],
    "request_answered_at_when_answered": [
        request_in(Status.IN_PROGRESS, answered_at=NOW, outcome=Outcome.LATE),
        request_in(Status.CLOSED, answered_at=None, outcome=""),
    ],
    "request_outcome_when_answered": [
        request_in(Status.ANSWERED, outcome=""),
        request_in(Status.ANSWERED, outcome=Outcome.NO_ANSWER),
        request_in(Status.IN_PROGRESS, outcome=Outcome.IN_TIME),
    ],
    "request_assigned_in_pairs": [
        request_in(Status.REGISTERED, assigned_at=NOW),
        lambda: changed(ServiceRequestFactory(), assignee=StaffFactory()),
    ],
    "request_refused_with_reason": [
        request_in(Status.REFUSED, refusal_reason=""),
        request_in(Status.REGISTERED, refusal_reason="other"),
    ],
    "request_post_has_address": [request_in(Status.REGISTERED, reply_channel=ReplyChannel.POST)],
    "request_number_form": [
        request_in(Status.REGISTERED, number="2026-123"),
        request_in(Status.REGISTERED, number="26-000123"),
        request_in(Status.REGISTERED, number="2026-00012a"),
        request_in(Status.REGISTERED, number=""),
    ],
    "message_once": [two_messages],
    "message_not_empty": [message_of(body="")],
    "message_note_is_for_staff": [
        message_of(kind=MessageKind.NOTE),
        message_of(audience=Audience.STAFF),
        message_of(kind=MessageKind.ANSWER, audience=Audience.STAFF),
    ],
    "attachment_sent_or_draft": [
        attachment_of(draft_key=uuid.uuid4()),
        attachment_of(service_request=None),
        attachment_of_a_request_and_a_grant,
    ],
    "attachment_message_has_request": [draft_in_a_message],
    "attachment_not_empty": [attachment_of(size=0)],
    "status_change_once": [two_changes],
    "status_change_from_in_pairs": [change_without_a_source],
    "service_term_unique": [same_term_twice],
    "service_term_days": [term_of(days=0), term_of(days=366)],
    "complaint_ended_after_began": [
        detail_of(complaint.SERVICE, ended_at="2020-01-01T00:00+03:00"),
        detail_of(complaint.SERVICE, category="other", began_at=None, ended_at=NOW),
    ],
    "complaint_about_supply_is_full": [
        detail_of(complaint.SERVICE, demands=""),
        detail_of(complaint.SERVICE, began_at=None),
    ],
    "consultation_call_has_phone": [
        detail_of(consultation.SERVICE, call_phone=""),
        detail_of(consultation.SERVICE, call_time=""),
        detail_of(consultation.SERVICE, way="written"),
    ],
    "violation_report_kind_known": [report_of(kind="rumour")],
    "violation_report_coordinates_in_pairs": [
        report_of(latitude=None),
        report_of(longitude=None),
        report_of(latitude=91),
        report_of(longitude=-181),
    ],
    "violation_report_contact_to_show_place": [report_of(contact="8 863"), report_of(may_show_place=True)],
    "violation_sign_once": [same_sign_twice],
    "violation_sign_known": [lambda: submitted(violation_report.SERVICE).detail.signs.update(sign="smell")],
    "reporter_reveal_has_reason": [reveal_without_reason],
    "request_anonymous_names_nobody": [
        anonymous_with(applicant_name="Самойлов"),
        anonymous_with(applicant_legal_form="person"),
        anonymous_with(applicant_identifier="***-***-123 45"),
        anonymous_with(applicant_email="a@example.org"),
        anonymous_with(applicant_phone="8 863"),
        anonymous_with(postal_address="344000, Ростов"),
        anonymous_with(is_anonymous=False),
    ],
    **broken_papers.BREAKS,
}
BREAKS |= READING_DESK
BREAKS |= TERM_BREAKS
BREAKS |= QUALITY_BREAKS


def report_run(**values):
    row = {"table": "4.1", "first_day": date(2025, 1, 1), "last_day": date(2025, 12, 31), "rows": 0, **values}
    return lambda: ReportRun.objects.create(by=StaffFactory(), **row)


BREAKS |= {
    "report_run_days_in_order": [report_run(last_day=date(2024, 12, 31))],
    "report_run_table_known": [report_run(table="4.2")],
}
BREAKS |= EXPORT_BREAKS
BREAKS |= ASSIGNMENT_BREAKS
BREAKS |= DESK_BREAKS


@pytest.mark.parametrize(
    ("name", "break_it"),
    [(name, break_it) for name, ways in BREAKS.items() for break_it in ways],
    ids=[f"{name}-{number}" for name, ways in BREAKS.items() for number, _ in enumerate(ways, start=1)],
)
def test_the_database_refuses(name, break_it):
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        break_it()

    told = str(caught.value)
    assert name in told or told.startswith("UNIQUE constraint failed")  # SQLite names the columns instead


def test_every_constraint_is_broken_somewhere():
    """Here, or in the file of the service that owns the table: by its name."""
    written = "".join(path.read_text() for path in Path(__file__).parent.glob("*.py"))
    named = {
        constraint.name
        for model in apps.get_app_config("requests_app").get_models()
        for constraint in model._meta.constraints
    }

    assert set(BREAKS) <= named
    assert {name for name in named if f'"{name}"' not in written} == set()


@pytest.mark.parametrize("break_it", [lambda: second_request(number=True)(), same_day_twice])
def test_numbers_and_days_are_unique(break_it):
    with pytest.raises(IntegrityError), transaction.atomic():
        break_it()


@pytest.mark.parametrize("name", ["applicant_name", "category", "due_on", "term_days", "term_basis"])
def test_what_every_request_has_is_never_null(name):
    with pytest.raises(IntegrityError), transaction.atomic():
        changed(ServiceRequestFactory(), **{name: None})


def test_a_request_has_one_detail_row():
    service_request = ServiceRequestFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        inquiry.Inquiry.objects.create(service_request=service_request, topic="other", question="Ещё один вопрос")


def test_the_history_is_not_rewritten():
    change = ServiceRequestFactory().status_changes.get()
    change.to_status = Status.CLOSED

    with pytest.raises(ValidationError) as caught:
        change.save()

    assert caught.value.code == "append_only"


@pytest.mark.parametrize("who", ["owner", "assignee", "author", "uploader"])
def test_people_of_the_register_are_not_deleted(who):
    service_request = ServiceRequestFactory(assignee=StaffFactory(), assigned_at=NOW)
    message = MessageFactory(service_request=service_request, author=StaffFactory())
    attachment = AttachmentFactory(service_request=service_request, uploader=StaffFactory())
    people = {
        "owner": service_request.owner,
        "assignee": service_request.assignee,
        "author": message.author,
        "uploader": attachment.uploader,
    }

    with pytest.raises(models.ProtectedError):
        people[who].delete()


def test_a_deleted_request_takes_everything_of_it_along():
    service_request = ServiceRequestFactory()
    AttachmentFactory(service_request=service_request, message=MessageFactory(service_request=service_request))

    service_request.delete()

    for model in (ServiceRequest, inquiry.Inquiry, StatusChange, Message, Attachment):
        assert not model.objects.exists()


def test_rows_tell_what_they_are():
    """For the admin, where all of these are listed."""
    service_request = ServiceRequestFactory(number="2026-000123")
    message = MessageFactory(service_request=service_request, created_at=datetime(2026, 11, 24, tzinfo=UTC))
    term = ServiceTerm(service="inquiry", days=15, valid_from=date(2026, 1, 1))
    day = CalendarDay(date=date(2026, 11, 4), is_working=False)

    assert str(service_request) == "№ 2026-000123"
    assert str(service_request.detail) == "№ 2026-000123"
    assert str(service_request.status_changes.get()) == "Зарегистрирована"
    assert str(message) == "Сообщение от 24.11.2026"
    assert str(term) == "Справка: 15, с 01.01.2026"
    assert str(day) == "04.11.2026: нерабочий"
    assert str(NumberSequence(year=2026, last=5)) == "2026: 5"
