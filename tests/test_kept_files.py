"""Files of a form that was refused: kept for the next try, for their uploader alone; actions.keep_files."""

import uuid

import pytest

from requests_app import actions
from requests_app.actions.files import MAX_DRAFTS
from requests_app.attachments import MAX_FILES
from requests_app.models import Attachment
from requests_app.services import inquiry
from tests.factories import ConsumerFactory, filled, submitted
from tests.files import empty_storage, fill_disk, pdf, stored_files, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return ConsumerFactory().user


@pytest.fixture(autouse=True)
def _empty_storage():
    empty_storage()


def refused(owner, *, key, files=(), **answers):
    """The form sent without its question, with its files kept."""
    form = filled(inquiry.SERVICE, owner=owner, submission_key=key, files=files, question="", **answers)
    assert not form.is_valid()
    actions.keep_files(form=form, by=owner)
    return form


def test_files_of_a_refused_form_go_with_the_corrected_one(owner):
    key = uuid.uuid4()
    refused(owner, key=key, files=[upload("Акт.pdf")])

    service_request = submitted(inquiry.SERVICE, owner=owner, submission_key=key, files=[upload("Ещё.pdf", pdf(2))])

    assert {attachment.original_name for attachment in service_request.attachments.all()} == {"Акт.pdf", "Ещё.pdf"}
    assert not Attachment.objects.filter(service_request=None).exists()


def test_the_page_of_a_refused_form_knows_the_kept_files(owner):
    key = uuid.uuid4()

    first = refused(owner, key=key, files=[upload("Акт.pdf")])
    second = refused(owner, key=key, files=[upload("Ещё.pdf", pdf(2))])

    assert [draft.original_name for draft in first.kept_files] == ["Акт.pdf"]
    assert [draft.original_name for draft in second.kept_files] == ["Акт.pdf", "Ещё.pdf"]


def test_a_refreshed_refused_form_keeps_each_file_once(owner):
    key = uuid.uuid4()

    refused(owner, key=key, files=[upload()])
    form = refused(owner, key=key, files=[upload()])

    assert len(form.kept_files) == Attachment.objects.count() == len(stored_files()) == 1


def test_good_files_are_kept_when_one_beside_them_is_bad(owner):
    form = filled(inquiry.SERVICE, owner=owner, files=[upload("Акт.pdf"), upload("virus.exe")])
    assert list(form.errors) == ["files"]

    actions.keep_files(form=form, by=owner)

    assert [draft.original_name for draft in form.kept_files] == ["Акт.pdf"]


def test_good_files_are_kept_when_another_rule_speaks_of_files(owner):
    """A refusal at the field takes its value out of the valid answers; the files must not go with it."""
    form = filled(inquiry.SERVICE, owner=owner, files=[upload("Акт.pdf")])
    form.full_clean()
    form.add_error("files", "Приложите ещё и доверенность.")

    actions.keep_files(form=form, by=owner)

    assert [draft.original_name for draft in form.kept_files] == ["Акт.pdf"]


@pytest.mark.django_db(transaction=True)
def test_a_kept_file_ticked_for_removal_is_gone(owner):
    key = uuid.uuid4()
    (draft,) = refused(owner, key=key, files=[upload()]).kept_files

    form = refused(owner, key=key, remove_file=str(draft.pk))

    assert form.kept_files == []
    assert not Attachment.objects.exists()
    assert stored_files() == []


@pytest.mark.django_db(transaction=True)
def test_a_kept_file_ticked_for_removal_is_not_sent(owner):
    key = uuid.uuid4()
    (draft,) = refused(owner, key=key, files=[upload()]).kept_files

    service_request = submitted(inquiry.SERVICE, owner=owner, submission_key=key, remove_file=str(draft.pk))

    assert not service_request.attachments.exists()
    assert stored_files() == []


@pytest.mark.parametrize("removed", ["", "not-a-uuid", "1' OR '1'='1"])
def test_nonsense_to_remove_removes_nothing(owner, removed):
    key = uuid.uuid4()
    refused(owner, key=key, files=[upload()])

    form = refused(owner, key=key, remove_file=removed)

    assert len(form.kept_files) == 1


def test_drafts_of_another_are_neither_seen_sent_nor_removed(owner):
    key = uuid.uuid4()
    (draft,) = refused(owner, key=key, files=[upload()]).kept_files
    stranger = ConsumerFactory().user

    form = refused(stranger, key=key, remove_file=str(draft.pk))
    service_request = submitted(inquiry.SERVICE, owner=stranger, submission_key=key)

    assert form.kept_files == []
    assert not service_request.attachments.exists()
    assert Attachment.objects.drafts(uploader=owner, key=key).get() == draft


def test_kept_files_follow_the_form_to_its_new_key(owner):
    """The page was sent before with another text: its new files are kept under the key that it is drawn with."""
    key = uuid.uuid4()
    form = refused(owner, key=key, files=[upload()])

    form.renew_key()
    actions.keep_files(form=form, by=owner)

    assert form.key != key
    assert form.data["submission_key"] == str(form.key)
    assert [draft.draft_key for draft in Attachment.objects.all()] == [form.key]


def test_too_many_files_together_with_the_kept_ones_are_refused_and_not_kept(owner):
    key = uuid.uuid4()
    refused(owner, key=key, files=[upload(f"{number}.pdf", pdf(number)) for number in range(6)])

    form = refused(owner, key=key, files=[upload(f"{number}.pdf", pdf(number)) for number in range(6, 12)])

    assert form.errors["files"].as_data()[0].code == "too_many"
    assert len(form.kept_files) == Attachment.objects.count() == 6


def test_files_too_large_together_with_the_kept_ones_are_refused(owner, monkeypatch):
    key = uuid.uuid4()
    refused(owner, key=key, files=[upload("1.pdf", pdf(1))])
    monkeypatch.setattr("requests_app.forms.MAX_TOTAL_SIZE", len(pdf(1)) + 1)

    form = refused(owner, key=key, files=[upload("2.pdf", pdf(2))])

    assert form.errors["files"].as_data()[0].code == "too_large_together"


def test_drafts_of_one_person_do_not_fill_the_disk(owner):
    for _ in range(MAX_DRAFTS // MAX_FILES + 1):
        refused(owner, key=uuid.uuid4(), files=[upload(f"{number}.pdf", pdf(number)) for number in range(MAX_FILES)])

    assert Attachment.objects.count() == MAX_DRAFTS


def test_a_full_disk_does_not_hide_the_page_with_the_text(owner, monkeypatch, caplog):
    fill_disk(monkeypatch)

    form = refused(owner, key=uuid.uuid4(), files=[upload()])

    assert form.kept_files == []
    assert "cannot be kept" in caplog.text
    assert stored_files() == []
