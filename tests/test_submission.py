"""Sending a request: what is stored, and what is left when something fails; actions.submit and actions.keep_files."""

import dataclasses
import re
from datetime import date

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection
from django.utils import timezone
from post_office.models import Email

from accounts.models import LegalForm
from requests_app import actions
from requests_app.actions import submission
from requests_app.codes import Category
from requests_app.lifecycle import Status
from requests_app.models import Attachment, ReplyChannel, ServiceRequest, StatusChange
from requests_app.services import complaint, consultation, inquiry
from tests.factories import ConsumerFactory, ServiceRequestFactory, filled, submitted
from tests.files import empty_storage, fill_disk, pdf, stored_files, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return ConsumerFactory().user


@pytest.fixture(autouse=True)
def _empty_storage():
    empty_storage()


# -- What is stored -------------------------------------------------------------------------------------------------


@time_machine.travel("2026-11-24T20:30:00Z", tick=False)  # 23:30 in Moscow
def test_a_request_is_registered_with_its_detail_term_and_history(owner):
    service_request = submitted(inquiry.SERVICE, owner=owner)

    service_request.refresh_from_db()
    assert service_request.number == "2026-000001"
    assert service_request.status == Status.REGISTERED
    assert service_request.owner == owner
    assert service_request.submitted_at == timezone.now()
    assert service_request.due_on == date(2026, 12, 9)  # 15 calendar days from the day after
    assert (service_request.term_days, service_request.term_day_kind) == (15, "calendar")
    assert service_request.title == "Справка: учёт электроэнергии"
    assert service_request.category == Category.APPEAL_METERING
    assert service_request.detail.question == inquiry.SERVICE.example["question"]
    assert service_request.object_address == inquiry.SERVICE.example["object_address"]
    (change,) = service_request.status_changes.all()
    assert (change.event, change.to_status, change.by) == ("Зарегистрирована", Status.REGISTERED, owner)


@pytest.mark.parametrize(
    ("legal_form", "name"),
    [
        (LegalForm.PERSON, "Самойлов Николай Петрович"),
        (LegalForm.SOLE_TRADER, "ИП Гринько Тамара Ильинична"),
        (LegalForm.COMPANY, "ООО «Вега»"),
    ],
)
def test_the_applicant_is_written_down_as_they_are_now(legal_form, name):
    consumer = ConsumerFactory(legal_form=legal_form)
    identifier, phone = consumer.masked_identifier, consumer.phone.as_national

    service_request = submitted(inquiry.SERVICE, owner=consumer.user)
    consumer.last_name = consumer.organisation = "Другая"
    consumer.phone = "+7 928 000-00-00"
    consumer.save()

    service_request.refresh_from_db()
    assert service_request.applicant_name == name
    assert service_request.applicant_legal_form == legal_form
    assert service_request.applicant_identifier == identifier
    assert service_request.applicant_email == consumer.user.email
    assert service_request.applicant_phone == phone


def test_a_snils_is_written_down_masked():
    consumer = ConsumerFactory()

    service_request = submitted(inquiry.SERVICE, owner=consumer.user)

    assert consumer.snils[:6] not in re.sub(r"\D", "", service_request.applicant_identifier)


def test_an_extension_of_the_phone_is_kept_in_russian():
    consumer = ConsumerFactory(phone="+7 863 250-31-02;ext=15")

    service_request = submitted(inquiry.SERVICE, owner=consumer.user)

    assert service_request.applicant_phone.endswith("доб. 15")


def test_a_company_that_told_nothing_of_itself_may_send():
    consumer = ConsumerFactory(legal_form=LegalForm.COMPANY, organisation="", contact_name="", phone="")

    service_request = submitted(inquiry.SERVICE, owner=consumer.user)

    assert (service_request.applicant_name, service_request.applicant_phone) == ("Организация без названия", "")


def test_files_belong_to_the_request(owner):
    service_request = submitted(inquiry.SERVICE, owner=owner, files=[upload("Акт 1.pdf"), upload("Акт 2.pdf", pdf(2))])

    attachments = service_request.attachments.all()
    assert [attachment.original_name for attachment in attachments] == ["Акт 1.pdf", "Акт 2.pdf"]
    assert {attachment.uploader for attachment in attachments} == {owner}
    assert sorted(path.read_bytes() for path in stored_files()) == sorted([pdf(4), pdf(2)])
    assert {path.name for path in stored_files()}.isdisjoint({"Акт 1.pdf", "Акт 2.pdf"})
    assert not any(attachment.message for attachment in attachments)


def test_stored_files_are_for_the_portal_alone(owner):
    submitted(inquiry.SERVICE, owner=owner, files=[upload()])

    (path,) = stored_files()
    assert path.stat().st_mode & 0o077 == 0


def test_extra_fields_of_the_post_are_ignored(owner):
    stranger = ConsumerFactory().user

    service_request = submitted(
        inquiry.SERVICE, owner=owner, status="closed", number="2026-999999", due_on="2030-01-01", category="other"
    )
    other = submitted(inquiry.SERVICE, owner=owner, question="Сколько стоит подключение?", assignee="1", disputes="5")

    service_request.refresh_from_db()
    assert service_request.status == Status.REGISTERED
    assert service_request.number != "2026-999999"
    assert (other.assignee, other.disputes) == (None, 0)
    assert service_request.owner != stranger


def test_an_address_hidden_by_the_chosen_channel_is_not_written(owner):
    service_request = submitted(
        inquiry.SERVICE, owner=owner, reply_channel=ReplyChannel.CABINET, postal_address="344000, ул. Портовая"
    )

    assert service_request.postal_address == ""


def test_a_repeated_complaint_points_to_the_first(owner):
    first = ServiceRequestFactory(owner=owner)

    service_request = submitted(complaint.SERVICE, owner=owner, repeats=first.pk)

    assert service_request.repeat_of == first


def test_a_request_of_another_cannot_be_repeated(owner):
    form = filled(complaint.SERVICE, owner=owner, repeats=ServiceRequestFactory().pk)

    assert list(form.errors) == ["repeats"]


def test_a_service_for_others_is_refused(owner, monkeypatch):
    form = filled(inquiry.SERVICE, owner=owner)
    form.is_valid()
    service = dataclasses.replace(inquiry.SERVICE, allowed_for=(LegalForm.COMPANY,))

    with pytest.raises(PermissionDenied):
        actions.submit(service=service, form=form, by=owner)

    assert not ServiceRequest.objects.exists()


# -- All or nothing -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "broken",
    [
        "requests_app.actions.submission._register",
        "requests_app.services.base.ServiceForm.save_detail",
        "requests_app.actions.submission.attach",
        "requests_app.actions.submission.notifications.request_registered",
    ],
)
def test_a_failure_at_any_point_leaves_nothing(owner, monkeypatch, broken):
    def fail(*args, **kwargs):
        raise IntegrityError("as if the database were gone")

    monkeypatch.setattr(broken, fail)
    form = filled(inquiry.SERVICE, owner=owner, files=[upload()])
    assert form.is_valid()

    with pytest.raises(IntegrityError):
        actions.submit(service=inquiry.SERVICE, form=form, by=owner)

    for model in (ServiceRequest, inquiry.Inquiry, StatusChange, Attachment, Email):
        assert not model.objects.exists()
    assert stored_files() == []


def test_a_full_disk_leaves_nothing_and_says_so(owner, monkeypatch):
    fill_disk(monkeypatch)
    form = filled(inquiry.SERVICE, owner=owner, files=[upload()])
    assert form.is_valid()

    with pytest.raises(actions.FilesNotStored):
        actions.submit(service=inquiry.SERVICE, form=form, by=owner)

    assert not ServiceRequest.objects.exists()
    assert stored_files() == []


@pytest.mark.django_db(transaction=True)
def test_files_stay_when_the_commit_itself_fails(owner, monkeypatch):
    """Nobody knows then whether it came through; what is left over, `cleanup_files` removes."""

    def fail():
        raise IntegrityError("the connection was lost")

    form = filled(inquiry.SERVICE, owner=owner, files=[upload()])
    assert form.is_valid()
    monkeypatch.setattr(connection, "commit", fail)

    with pytest.raises(IntegrityError):
        actions.submit(service=inquiry.SERVICE, form=form, by=owner)

    assert len(stored_files()) == 1


# -- The key --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["", "nonsense", "\0", "2026"])
def test_a_broken_key_is_replaced(owner, key):
    form = filled(inquiry.SERVICE, owner=owner, submission_key=key)

    assert form.is_valid()
    assert form.data["submission_key"] == str(form.key)


def test_a_new_page_carries_a_key(owner):
    first, second = inquiry.SERVICE.form_class(owner=owner), inquiry.SERVICE.form_class(owner=owner)

    assert str(first.key) in str(first["submission_key"])
    assert first.key != second.key


def test_the_window_of_duplicates_is_ten_minutes():
    assert submission.DUPLICATE_WINDOW.total_seconds() == 600


def test_a_long_question_is_counted_as_the_browser_counts_it(owner):
    """A line's end is one character in the browser's counter and two in what it sends."""
    question = "строка\r\n" * 571  # 3997 characters, without the last line's end; 4568 as they are sent

    form = filled(consultation.SERVICE, owner=owner, question=question)

    assert form.is_valid(), form.errors
    assert "\r" not in form.cleaned_data["question"]
