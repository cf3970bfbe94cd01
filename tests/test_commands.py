"""The commands that look after the data: check_data and cleanup_files."""

import os
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from requests_app import actions
from requests_app.actions import remove_drafts
from requests_app.lifecycle import Status
from requests_app.management.commands import cleanup_files
from requests_app.models import Attachment, GrantBasis, IssuedDocument, ServiceRequest
from requests_app.models.attachment import private_storage
from requests_app.services import SERVICES, complaint, document_copies, inquiry
from requests_app.services.appointment.models import Appointment
from tests.factories import (
    AccessGrantFactory,
    AttachmentFactory,
    ConsumerFactory,
    IssuedDocumentFactory,
    MessageFactory,
    ServiceRequestFactory,
    StaffFactory,
    step_form,
    submitted,
)
from tests.files import empty_storage, fitting
from tests.visits import booked

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _empty_storage():
    empty_storage()


# -- check_data -----------------------------------------------------------------------------------------------------


def problems():
    """What check_data complains of, a line for each."""
    told = StringIO()
    with suppress(CommandError):
        call_command("check_data", stdout=StringIO(), stderr=told)
    return told.getvalue().splitlines()


def test_the_exit_code_tells():
    ServiceRequestFactory().status_changes.all().delete()

    with pytest.raises(CommandError, match="Problems found: 1"):
        call_command("check_data", stdout=StringIO(), stderr=StringIO())


def test_good_data_has_no_problems():
    for service in SERVICES:
        submitted(service, files=[fitting(service)])
    for status in Status:
        ServiceRequestFactory(status=status)

    assert problems() == []


def test_a_request_without_its_detail_is_found():
    service_request = ServiceRequestFactory()
    service_request.detail.delete()

    assert problems() == [f"{service_request.number}: no row in inquiry"]


def test_a_detail_of_another_service_is_found():
    service_request = ServiceRequestFactory()
    complaint.Complaint.objects.create(service_request=service_request, category="other", circumstances="Так вышло")

    assert problems() == [f"{service_request.number}: a row in complaint, which is not of its service"]


def test_an_unknown_service_is_found():
    service_request = ServiceRequestFactory()
    service_request.detail.delete()
    ServiceRequest.objects.update(service="telepathy")

    assert problems() == [f"{service_request.number}: unknown service"]


def test_a_request_without_its_registration_is_found():
    service_request = ServiceRequestFactory()
    service_request.status_changes.all().delete()

    assert problems() == [f"{service_request.number}: its registration is not in its history"]


def test_a_status_that_is_not_in_the_history_is_found():
    service_request = ServiceRequestFactory()
    ServiceRequest.objects.update(status=Status.IN_PROGRESS)

    assert problems() == [f"{service_request.number}: its status is not the last of its history"]


def test_a_lost_and_a_broken_file_are_found():
    lost, broken = AttachmentFactory(), AttachmentFactory()
    private_storage().delete(lost.file.name)
    Path(broken.file.path).write_bytes(b"half")

    assert set(problems()) == {f"attachment {lost.pk}: no file", f"attachment {broken.pk}: the file is not whole"}


def test_a_file_in_a_message_of_another_request_is_found():
    attachment = AttachmentFactory(message=MessageFactory())

    assert problems() == [f"attachment {attachment.pk}: its message is of another request"]


def test_access_on_a_document_without_its_document_is_found():
    lost = AccessGrantFactory(basis=GrantBasis.DOCUMENT)
    kept = AccessGrantFactory(basis=GrantBasis.DOCUMENT)
    AttachmentFactory(service_request=None, access_grant=kept, uploader=kept.user)
    AccessGrantFactory(basis=GrantBasis.METER)

    assert problems() == [f"access {lost.pk}: its document is missing"]


def test_an_answer_that_gave_nothing_out_is_found():
    operator = StaffFactory(group="operator")
    answered = submitted(document_copies.SERVICE)
    for step in ("take", "answer"):  # past the form of the desk, which asks for the file
        actions.transition(answered, step, by=operator, form=step_form(step, by=operator))

    assert problems() == [f"{answered.number}: answered without a paper"]


def test_a_paper_with_a_file_of_another_request_is_found():
    paper = IssuedDocumentFactory()
    IssuedDocument.objects.update(service_request=ServiceRequestFactory())

    assert problems() == [f"paper {paper.pk}: its file is of another request"]


# -- cleanup_files --------------------------------------------------------------------------------------------------


def cleaned(**options):
    told = StringIO()
    call_command("cleanup_files", stdout=told, **options)
    return told.getvalue().strip()


def draft(*, hours_old):
    attachment = AttachmentFactory(
        service_request=None,
        uploader=ConsumerFactory().user,
        draft_key=uuid.uuid4(),
        created_at=timezone.now() - timedelta(hours=hours_old),
    )
    age_file(attachment.file.path, hours_old)
    return attachment


def age_file(path, hours):
    moment = time.time() - hours * 3600
    os.utime(path, (moment, moment))


def orphan(name, *, hours_old):
    path = Path(private_storage().path(f"attachments/ab/{name}"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"left by a crash")
    age_file(path, hours_old)
    return path


@pytest.mark.django_db(transaction=True)
def test_uploads_that_were_never_sent_go_after_a_day():
    old, young = draft(hours_old=25), draft(hours_old=23)

    told = cleaned()

    assert told == "Drafts removed: 1; files without a row removed: 0"
    assert Attachment.objects.get() == young
    assert Path(young.file.path).exists()
    assert not Path(old.file.path).exists()


@pytest.mark.django_db(transaction=True)
def test_very_many_go_in_batches(monkeypatch):
    monkeypatch.setattr(cleanup_files, "BATCH", 2)
    for _ in range(5):
        draft(hours_old=30)

    assert cleaned().startswith("Drafts removed: 5;")


def test_files_of_requests_stay_however_old():
    attachment = AttachmentFactory(created_at=timezone.now() - timedelta(days=2000))
    age_file(attachment.file.path, 2000 * 24)

    told = cleaned()

    assert told == "Drafts removed: 0; files without a row removed: 0"
    assert Path(attachment.file.path).exists()


def test_files_without_a_row_go_after_a_day():
    old, young = orphan("old", hours_old=25), orphan("young", hours_old=23)

    told = cleaned()

    assert told == "Drafts removed: 0; files without a row removed: 1"
    assert (old.exists(), young.exists()) == (False, True)


def test_the_age_can_be_chosen_but_not_below_an_hour():
    """A file is written a moment before its row: it must not be taken for one without."""
    young = orphan("young", hours_old=2)

    with pytest.raises(CommandError):
        cleaned(hours=0)
    assert young.exists()
    cleaned(hours=1)
    assert not young.exists()


@pytest.mark.django_db(transaction=True)
def test_a_draft_that_is_being_sent_is_not_taken_away(monkeypatch):
    """Between finding and removing it, its owner sent the form."""
    attachment = draft(hours_old=25)
    found = Attachment.objects.abandoned(before=timezone.now())
    service_request = submitted(inquiry.SERVICE, owner=attachment.uploader, submission_key=attachment.draft_key)

    removed = remove_drafts(found)

    assert removed == 0
    assert service_request.attachments.get() == attachment
    assert Path(attachment.file.path).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_a_draft_whose_form_is_being_sent_at_this_moment_is_waited_for_and_left_alone():
    attachment = draft(hours_old=25)
    service_request = ServiceRequestFactory(owner=attachment.uploader)

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Attachment.objects.filter(pk=attachment.pk).update(service_request=service_request, draft_key=None)
            removing = pool.submit(remove_drafts_of_a_day)
            time.sleep(0.5)  # it has found the draft and waits for its row
        removed = removing.result(timeout=20)

    assert removed == 0
    assert service_request.attachments.get() == attachment
    assert Path(attachment.file.path).exists()


def remove_drafts_of_a_day():
    try:
        return remove_drafts(Attachment.objects.abandoned(before=timezone.now() - timedelta(hours=24)))
    finally:
        connection.close()


def test_a_visit_whose_request_tells_another_story_is_found():
    agreed, closed, stray = booked(), booked(), booked()
    Appointment.objects.filter(pk=closed.pk).update(state="cancelled")
    Appointment.objects.filter(pk=stray.pk).update(owner=agreed.owner, topic="service")

    assert problems() == [
        f"{closed.number}: its status is not that of its visit",
        f"{stray.number}: its visit is of another consumer",
    ]
