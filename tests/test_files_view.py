"""The only way out for files: who gets one, and how it is served."""

import logging
import uuid
from pathlib import Path
from urllib.parse import quote

import pytest
from django.urls import reverse

from requests_app.models import Attachment, Audience, FileAccess, MessageKind
from requests_app.services import inquiry
from tests import files
from tests.factories import (
    AttachmentFactory,
    ConsumerFactory,
    MessageFactory,
    StaffFactory,
    UserFactory,
    submitted,
)
from tests.files import upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def attachment():
    return AttachmentFactory()


@pytest.fixture
def operator():
    return StaffFactory(group="operator")


def get(client, attachment, user):
    """The response; what a file holds is read into `response.body`, which also closes it."""
    client.force_login(user)
    response = client.get(attachment.get_absolute_url())
    response.body = b"".join(response)
    return response


# -- Who ------------------------------------------------------------------------------------------------------------


def test_the_owner_gets_the_file_as_it_came(client, attachment):
    response = get(client, attachment, attachment.service_request.owner)

    assert response.status_code == 200
    assert response.body == b"%PDF-1.4 of a test\n%%EOF"


def test_staff_who_see_requests_get_it(client, attachment, operator):
    assert get(client, attachment, operator).body.startswith(b"%PDF")


@pytest.mark.parametrize("make", [lambda: ConsumerFactory().user, UserFactory, StaffFactory])
def test_a_stranger_gets_404(client, attachment, make):
    assert get(client, attachment, make()).status_code == 404


@pytest.mark.parametrize("group", ["editor", "dpo"])
def test_staff_who_do_not_see_requests_get_404(client, attachment, group):
    assert get(client, attachment, StaffFactory(group=group)).status_code == 404


def test_anonymous_is_led_to_the_login(client, attachment):
    response = client.get(attachment.get_absolute_url())

    assert response.status_code == 302
    assert response.url.startswith(reverse("accounts:login"))


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_but_reading(client, attachment, method):
    client.force_login(attachment.service_request.owner)

    assert getattr(client, method)(attachment.get_absolute_url()).status_code == 405
    assert Attachment.objects.exists()


def test_a_file_of_a_staff_note_is_not_for_the_consumer(client, operator):
    note = MessageFactory(author=operator, kind=MessageKind.NOTE, audience=Audience.STAFF)
    attachment = AttachmentFactory(service_request=note.service_request, message=note, uploader=operator)

    assert get(client, attachment, note.service_request.owner).status_code == 404
    assert get(client, attachment, operator).status_code == 200


def test_a_file_of_a_message_is_for_both_sides(client, operator):
    message = MessageFactory(author=operator)
    attachment = AttachmentFactory(service_request=message.service_request, message=message, uploader=operator)

    assert get(client, attachment, message.service_request.owner).status_code == 200


def test_a_file_of_a_form_not_sent_yet_is_for_its_uploader_alone(client, operator):
    uploader = ConsumerFactory().user
    attachment = AttachmentFactory(service_request=None, draft_key=uuid.uuid4(), uploader=uploader)

    assert get(client, attachment, uploader).status_code == 200
    assert get(client, attachment, operator).status_code == 404
    assert get(client, attachment, ConsumerFactory().user).status_code == 404


def test_an_address_that_nobody_has_is_404(client):
    client.force_login(ConsumerFactory().user)

    assert client.get(reverse("requests:file", args=[uuid.uuid4()])).status_code == 404
    assert client.get("/files/../../etc/passwd/").status_code == 404


@pytest.mark.filterwarnings("ignore")
def test_a_lost_file_is_404_and_in_the_log(client, attachment, caplog):
    Path(attachment.file.path).unlink()

    with caplog.at_level(logging.ERROR):
        response = get(client, attachment, attachment.service_request.owner)

    assert response.status_code == 404
    assert str(attachment.pk) in caplog.text
    assert not FileAccess.objects.exists()


# -- How ------------------------------------------------------------------------------------------------------------


def test_it_is_saved_and_never_shown(client, attachment):
    response = get(client, attachment, attachment.service_request.owner)

    assert response["Content-Disposition"] == f"attachment; filename*=utf-8''{quote('Акт допуска.pdf')}"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert {"default-src 'none'", "sandbox"} <= policy(response)
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Length"] == str(attachment.size)


def policy(response):
    return {directive.strip() for directive in response["Content-Security-Policy"].split(";")}


def test_no_copy_stays_in_the_browser_or_a_proxy(client, attachment):
    response = get(client, attachment, attachment.service_request.owner)

    assert {"no-store", "private"} <= set(response["Cache-Control"].replace(" ", "").split(","))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("скрипт.pdf", files.PDF_WITH_SCRIPT),
        ("акт.zip", files.archive(["index.html"])),
        ("письмо.docx", files.docx()),
        ("таблица.xls", files.ole("Workbook")),
    ],
)
def test_whatever_it_holds_the_browser_may_not_run_it(client, name, data):
    service_request = submitted(inquiry.SERVICE, files=[upload(name, data, content_type="text/html")])

    response = get(client, service_request.attachments.get(), service_request.owner)

    assert response["Content-Disposition"].startswith("attachment;")
    assert "html" not in response["Content-Type"]
    assert {"default-src 'none'", "sandbox"} <= policy(response)
    assert response.body == data


@pytest.mark.parametrize(
    "name", ['a"; filename="b.html', "a\r\nX-Evil: 1.pdf", "а" * 200, "<script>.pdf", "a;b.pdf", "%00.pdf"]
)
def test_a_name_of_any_kind_stays_in_its_header(client, name):
    attachment = AttachmentFactory(original_name=name.replace("\r\n", ""))

    response = get(client, attachment, attachment.service_request.owner)

    assert response.status_code == 200
    assert "X-Evil" not in response
    assert response["Content-Disposition"].startswith("attachment; filename")


def test_only_its_head_can_be_asked_for(client, attachment):
    client.force_login(attachment.service_request.owner)

    response = client.head(attachment.get_absolute_url())

    assert b"".join(response) == b""
    assert response.status_code == 200
    assert response["Content-Length"] == str(attachment.size)
    assert not FileAccess.objects.exists()


def test_who_took_it_and_when_is_written_down(client, attachment, operator):
    get(client, attachment, operator)
    get(client, attachment, ConsumerFactory().user)

    access = FileAccess.objects.get()
    assert (access.attachment, access.by) == (attachment, operator)
    assert access.at is not None


def test_no_other_address_leads_to_the_file(client, attachment):
    client.force_login(attachment.service_request.owner)

    for address in (f"/media/{attachment.file.name}", f"/static/{attachment.file.name}", f"/{attachment.file.name}"):
        assert client.get(address).status_code == 404
