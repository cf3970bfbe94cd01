"""A desk on which something of everything waits, so that no number of the start page is zero for nothing."""

from datetime import date, timedelta

from django.utils import timezone
from post_office.models import STATUS, Email

from accounts.models import ConsentDocument, ConsentEvent, LegalForm
from requests_app.codes import Category, Outcome
from requests_app.lifecycle import Status
from requests_app.models import FileAccess, GrantStatus, ReporterReveal, ServiceRequest, SupplyImport
from requests_app.services import violation_report
from rsmportal.content.models import News
from tests.factories import (
    AccessGrantFactory,
    AttachmentFactory,
    ConsumerFactory,
    ServiceRequestFactory,
    StaffFactory,
    company_inn,
    submitted,
)
from tests.quality import graded, quality_rows
from tests.readings import confirmed_meter, reading
from tests.visits import booked, make_office

MONDAY = date(2026, 11, 23)


def fill_the_desk(me):
    """Rows for each figure, some of them of `me`; a different number of most, so that none stands for another."""
    colleague = StaffFactory(group="supervisor", name="Андрей Викторович, руководитель")
    left = StaffFactory(name="Бывший Оператор")
    _queue(me, colleague, left)
    _weeks()
    _visits()
    meter = confirmed_meter()
    reading(meter, 100, state="in_question", accepted_at=None)
    AccessGrantFactory.create_batch(2, status=GrantStatus.ASKED)
    for _ in range(2):
        ConsumerFactory(legal_form=LegalForm.COMPANY, inn=company_inn(77))
    _texts()
    _personal_data()
    for status, count in {STATUS.queued: 1, STATUS.requeued: 2, STATUS.failed: 3}.items():
        Email.objects.bulk_create(
            Email(from_email="a@example.org", to="b@example.org", subject="Письмо", message="Текст", status=status)
            for _ in range(count)
        )
    SupplyImport.objects.create(file_name="Точки.csv", applied_at=timezone.now())
    quality_rows()
    graded(1)


def _queue(me, colleague, left):
    today, now = timezone.localdate(), timezone.now()
    owner = ConsumerFactory().user
    for assignee, days in [(me, (-1, 0, 1, 9)), (colleague, (-2, -3, 0, 30)), (left, (5,)), (None, (-7, 2, 3, 4, 0))]:
        for number in days:
            ServiceRequestFactory(
                owner=owner,
                status=Status.IN_PROGRESS if assignee else Status.REGISTERED,
                assignee=assignee,
                assigned_at=now if assignee else None,
                due_on=today + timedelta(days=number),
            )
    for assignee in (me, colleague):
        ServiceRequestFactory(
            owner=owner,
            status=Status.AWAITING_CONSUMER,
            assignee=assignee,
            assigned_at=now,
            due_on=today + timedelta(days=6),
        )
    submitted(violation_report.SERVICE, reporter="anonymous")
    submitted(violation_report.SERVICE, reporter="anonymous", is_dangerous="on")


def _weeks():
    """Appeals of this and earlier weeks, answered in time and late."""
    now, owner = timezone.now(), ConsumerFactory().user
    for weeks_ago, outcome in [
        (1, Outcome.IN_TIME),
        (1, Outcome.LATE),
        (5, Outcome.IN_TIME),
        (11, Outcome.LATE),
        (12, Outcome.LATE),
    ]:
        service_request = ServiceRequestFactory(
            owner=owner, status=Status.CLOSED, outcome=outcome, category=Category.COMPLAINT_ENERGY
        )
        moment = now - timedelta(weeks=weeks_ago)
        ServiceRequest.objects.filter(pk=service_request.pk).update(submitted_at=moment, answered_at=moment)


def _visits():
    office = make_office()
    for _ in range(3):
        booked(office=office)
    make_office(name="Второй офис")


def _texts():
    day = timedelta(days=1)
    for number, published_at in enumerate([None, None, timezone.now() + day, *[timezone.now() - day] * 3]):
        News.objects.create(
            title="Работы", slug=f"raboty-{number}", summary="Коротко", body="Текст", published_at=published_at
        )


def _personal_data():
    ConsumerFactory(agreed=True)
    document = ConsentDocument.objects.get(purpose="news", version=1)
    for action in ("given", "withdrawn"):
        ConsentEvent.objects.create(user=ConsumerFactory().user, document=document, action=action, sha256="0" * 64)
    dpo = StaffFactory(group="dpo")
    report = ServiceRequest.objects.filter(is_anonymous=True).first()
    ReporterReveal(service_request=report, by=dpo, reason="Запрос полиции").save()
    FileAccess.objects.create(attachment=AttachmentFactory(service_request=ServiceRequestFactory()), by=dpo)
