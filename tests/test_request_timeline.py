"""The course of a request on the desk: everything said and done, oldest first, at a flat cost."""

from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from requests_app import actions, migrations
from requests_app.admin.timeline import timeline_of
from requests_app.lifecycle import Status
from requests_app.models import Audience, CannedReply, Letter, MessageKind, PlaceKey
from requests_app.services import inquiry, meter_readings, violation_report
from tests.factories import (
    AttachmentFactory,
    IssuedDocumentFactory,
    MessageFactory,
    ServiceRequestFactory,
    StaffFactory,
    said,
    step_form,
    submitted,
)
from tests.files import upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator():
    return StaffFactory(group="operator", name="Марина Олеговна")


def told(service_request, by):
    return [(entry.title or entry.text, entry.who) for entry in timeline_of(service_request, by=by).entries]


def test_everything_is_told_in_order(operator):
    service_request = submitted(inquiry.SERVICE)
    owner, supervisor = service_request.owner, StaffFactory(group="supervisor", name="Руководитель")
    number = service_request.number
    actions.transition(service_request, "take", by=operator)
    actions.post_message(service_request, form=said("Когда?", by=owner, files=[upload("Акт.pdf")]), by=owner)
    actions.write_note(service_request, form=said("Спросить мастера.", by=operator), by=operator)
    day = timezone.localdate() + timedelta(days=21)
    service_request.extensions.create(
        disputes=0, from_day=service_request.due_on, until=day, reason="Нужен выезд.", by=supervisor
    )
    service_request.refresh_from_db()
    actions.transition(service_request, "answer", by=operator, form=step_form("answer", by=operator, comment="Завтра."))

    events = told(service_request, operator)

    assert [event for event, _ in events if not event.startswith("Срок ответа продлён")] == [
        "Зарегистрирована",
        f"Письмо заявителю: Заявка № {number} зарегистрирована",
        "Взята в работу",
        f"Письмо заявителю: Заявка № {number}: взята в работу",
        "Когда?",
        "Заметка",
        "Дан ответ",
        "Ответ",
        f"Письмо заявителю: Заявка № {number}: ответ готов",
    ]
    assert dict(events)["Взята в работу"] == "Марина Олеговна"
    assert dict(events)["Зарегистрирована"] == ""
    assert [who for event, who in events if event.startswith("Срок ответа продлён")] == ["Руководитель"]
    assert [
        file.original_name for entry in timeline_of(service_request, by=operator).entries for file in entry.files
    ] == ["Акт.pdf"]


def test_papers_and_who_it_was_given_to_are_told(operator):
    document = IssuedDocumentFactory(issued_by=operator)
    service_request = document.service_request
    service_request.assignee = StaffFactory(name="Иванова А.")
    service_request.assigned_at = timezone.now() + timedelta(minutes=5)

    events = told(service_request, operator)

    assert ("Выдан документ: Акт сверки расчётов", "Марина Олеговна") in events
    assert events[-1] == ("Назначена, исполнитель Иванова А.", "")


def test_taking_is_told_once(operator):
    service_request = submitted(inquiry.SERVICE)
    taken = actions.transition(service_request, "take", by=operator)

    assert not [event for event, _ in told(taken, operator) if event.startswith("Назначена")]


def test_letters_about_an_anonymous_report_tell_no_address():
    report = submitted(violation_report.SERVICE, reporter="anonymous")
    supervisor = StaffFactory(group="supervisor")

    [letter] = report.letters.all()

    assert letter.subject == "Новости в личном кабинете"
    assert report.owner.email not in str(told(report, supervisor))
    assert {field.name for field in Letter._meta.fields} == {"id", "service_request", "to", "subject", "at"}


def test_a_letter_that_was_rolled_back_is_not_told():
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)
    operator = StaffFactory(group="operator")

    with transaction.atomic():
        actions.transition(service_request, "answer", by=operator, form=step_form("answer", by=operator))
        transaction.set_rollback(True)

    assert not Letter.objects.exists()


def test_what_is_for_staff_alone_is_marked(client, operator):
    note = MessageFactory(author=operator, audience=Audience.STAFF, kind=MessageKind.NOTE)
    client.force_login(operator)

    html = client.get(
        reverse("admin:requests_app_servicerequest_change", args=[note.service_request_id])
    ).content.decode()

    assert html.count("Видят только сотрудники") == 1
    assert '<article class="message message-note">' in html


@pytest.mark.parametrize("many", [1, 15])
def test_the_cost_is_flat(operator, many, django_assert_num_queries):
    service_request = ServiceRequestFactory()
    for _ in range(many):
        message = MessageFactory(service_request=service_request, author=StaffFactory())
        AttachmentFactory(service_request=service_request, message=message)
        service_request.status_changes.create(to_status=Status.REGISTERED, by=StaffFactory())
        Letter.objects.create(service_request=service_request, to="consumer", subject="Письмо")
    operator.has_perm("requests_app.view_servicerequest")  # as any page has asked by then

    with django_assert_num_queries(7):  # messages, their files, steps, extensions, papers, letters, assignments
        timeline_of(service_request, by=operator)


def test_letters_by_constraint():
    with pytest.raises(IntegrityError), transaction.atomic():
        Letter.objects.create(service_request=ServiceRequestFactory(), to="nobody", subject="Да")
    with pytest.raises(IntegrityError), transaction.atomic():
        CannedReply.objects.create(title="Пустой", text="")
    with pytest.raises(ValidationError):
        CannedReply(title="а" * 101, text="Да").full_clean()


def test_requests_from_before_are_about_something_too():
    """What the migration notes is what `PlaceKey.objects.note` does."""
    submitted(inquiry.SERVICE, object_address="ул. Портовая, 71", contract_number="ТП-2019/114")
    submitted(meter_readings.SERVICE)
    submitted(violation_report.SERVICE, reporter="anonymous", place="Пустырь за домом 71")
    rows = set(PlaceKey.objects.values_list("service_request", "kind", "key"))
    PlaceKey.objects.all().delete()
    [name] = (path.stem for path in Path(migrations.__path__[0]).glob("*_one_page_groups.py"))
    migration = import_module(f"requests_app.migrations.{name}")

    for _ in range(2):
        migration.note_places(apps, "default")

    assert set(PlaceKey.objects.values_list("service_request", "kind", "key")) == rows
    assert {kind for _, kind, _ in rows} == {"address", "contract", "serial"}
