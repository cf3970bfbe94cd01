"""Looking at a file without taking it out: pictures only, in a sandbox, for whom the request is, and noted in the log."""

import io
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from requests_app import pdf_pages, previews
from requests_app.demo.pdf import one_page
from requests_app.models import Attachment, FileAccess
from requests_app.services import violation_report
from tests.factories import AttachmentFactory, MessageFactory, ServiceRequestFactory, StaffFactory, submitted
from tests.files import fitting
from tests.files import pdf_pages as pdf

pytestmark = pytest.mark.django_db


def picture(kind="PNG"):
    drawn = io.BytesIO()
    Image.new("RGB", (30, 20), "#0b2549").save(drawn, kind)
    return drawn.getvalue()


def attached(data, content_type="application/pdf", **given):
    return AttachmentFactory(data=data, content_type=content_type, **given)


def page_of(attachment):
    return reverse("admin:requests_app_servicerequest_preview", args=[attachment.service_request_id, attachment.pk])


def picture_of(attachment, page=1):
    arguments = [attachment.service_request_id, attachment.pk, page]
    return reverse("admin:requests_app_servicerequest_picture", args=arguments)


@pytest.fixture
def operator(client):
    operator = StaffFactory(group="operator")
    client.force_login(operator)
    return operator


def read(response):
    return b"".join(response) if response.streaming else response.content


# -- Works ----------------------------------------------------------------------------------------------------------


def test_the_pages_of_a_pdf_are_pictures(client, operator):
    attachment = attached(pdf(3))

    html = client.get(page_of(attachment)).content.decode()
    third = client.get(picture_of(attachment, 3))

    assert html.count("<img") == 3
    assert "Страница 3 из&nbsp;3" in html
    assert attachment.get_absolute_url() in html  # the download stays
    assert Image.open(io.BytesIO(third.content)).size == (1131, 1600)
    assert third["Content-Type"] == "image/png"


@pytest.mark.parametrize(("kind", "content_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg")])
def test_a_photo_is_shown_as_it_is_stored(client, operator, kind, content_type):
    data = picture(kind)
    attachment = attached(data, content_type)

    html = client.get(page_of(attachment)).content.decode()
    response = client.get(picture_of(attachment))

    assert html.count("<img") == 1
    assert picture_of(attachment) in html
    assert read(response) == data
    assert response["Content-Type"] == content_type


def test_what_leaves_is_a_picture_in_a_sandbox(client, operator):
    for attachment in (attached(pdf()), attached(picture(), "image/png")):
        response = client.get(picture_of(attachment))
        read(response)

        policy = response["Content-Security-Policy"]
        assert "sandbox" in policy
        assert "default-src 'none'" in policy
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["X-Frame-Options"] == "DENY"
        assert response["Content-Type"].startswith("image/")
        assert "no-store" in response["Cache-Control"]


def test_a_long_pdf_is_shown_from_its_beginning(client, operator):
    attachment = attached(pdf(previews.MOST_PAGES + 1))

    html = client.get(page_of(attachment)).content.decode()

    assert html.count("<img") == previews.MOST_PAGES
    assert f"из&nbsp;{previews.MOST_PAGES + 1}. Остальные" in html
    assert client.get(picture_of(attachment, previews.MOST_PAGES + 1)).status_code == 404


def test_the_page_of_a_request_leads_to_what_can_be_shown(client, operator):
    service_request = ServiceRequestFactory()
    shown = attached(pdf(), service_request=service_request)
    message = MessageFactory(service_request=service_request)
    in_message = attached(picture(), "image/png", service_request=service_request, message=message)
    archive = attached(b"PK", "application/zip", service_request=service_request)

    html = client.get(reverse("admin:requests_app_servicerequest_change", args=[service_request.pk])).content.decode()

    assert page_of(shown) in html
    assert page_of(in_message) in html
    assert page_of(archive) not in html
    assert archive.get_absolute_url() in html


def test_demo_papers_can_be_looked_at():
    paper = one_page(["Счёт № 1042"])

    assert previews.page_count(attached(paper)) == 1
    assert pypdfium2.PdfDocument(paper)[0].get_textpage().get_text_range() == "Счёт № 1042"
    # Viewers have a Helvetica of their own, without Russian letters: the page would look empty.
    assert b"Helvetica" not in paper


# -- Refused --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.4 of a test\n%%EOF",
        b"\0" * 100,
        b"<script>alert(1)</script>%%EOF",
        pdf().replace(b"/Pages 2", b"/Pages 9"),
    ],
    ids=["nothing inside", "zeros", "html", "no pages"],
)
def test_a_broken_pdf_says_so_and_is_downloaded(client, operator, data):
    attachment = attached(data)

    response = client.get(page_of(attachment))

    assert response.status_code == 200
    assert "здесь не&nbsp;показать" in response.content.decode()
    assert attachment.get_absolute_url() in response.content.decode()
    assert client.get(picture_of(attachment)).status_code == 404


@pytest.mark.parametrize("page", [0, 2, 999999999999])
def test_a_page_that_is_not_there(client, operator, page):
    assert client.get(picture_of(attached(pdf()), page)).status_code == 404
    assert client.get(picture_of(attached(picture(), "image/png"), page)).status_code == 404


@pytest.mark.parametrize("content_type", ["application/zip", "text/html", "image/svg+xml", "application/msword"])
def test_other_kinds_are_not_shown(client, operator, content_type):
    attachment = attached(b"<svg onload='alert(1)'/>", content_type)

    assert client.get(page_of(attachment)).status_code == 404
    assert client.get(picture_of(attachment)).status_code == 404


def test_a_file_that_is_gone(client, operator):
    for attachment in (attached(pdf()), attached(picture(), "image/png")):
        attachment.file.storage.delete(attachment.file.name)

        assert client.get(picture_of(attachment)).status_code == 404
    assert not FileAccess.objects.exists()


def test_a_pdf_that_takes_too_long_is_given_up(client, operator, monkeypatch):
    monkeypatch.setattr(previews, "_SECONDS", 0.001)

    assert "здесь не&nbsp;показать" in client.get(page_of(attached(pdf()))).content.decode()


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_nothing_is_sent_to_a_preview(client, operator, method):
    attachment = attached(pdf())

    for address in (page_of(attachment), picture_of(attachment)):
        assert getattr(client, method)(address).status_code == 405
    assert Attachment.objects.exists()


# -- For whom -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("group", "status"), [("editor", 403), ("dpo", 404), ("inspector", 404)])
def test_who_may_not_see_the_request_sees_no_file(client, group, status):
    attachment = attached(pdf())
    client.force_login(StaffFactory(group=group))

    assert client.get(page_of(attachment)).status_code == status
    assert client.get(picture_of(attachment)).status_code == status
    assert not FileAccess.objects.exists()


def test_a_consumer_and_the_anonymous_are_led_to_the_login():
    attachment = attached(pdf())
    owner = Client()
    owner.force_login(attachment.service_request.owner)

    for client in (owner, Client()):
        assert "/login/" in client.get(page_of(attachment)).url
        assert "/login/" in client.get(picture_of(attachment)).url


def test_a_file_of_another_request_is_not_there(client, operator):
    attachment = attached(pdf())
    report = submitted(violation_report.SERVICE, files=[fitting(violation_report.SERVICE, "Фото")])
    arguments = [ServiceRequestFactory().pk, attachment.pk]

    assert client.get(reverse("admin:requests_app_servicerequest_preview", args=arguments)).status_code == 404
    assert client.get(page_of(report.attachments.get())).status_code == 404
    assert client.get(picture_of(report.attachments.get())).status_code == 404


# -- The log --------------------------------------------------------------------------------------------------------


def test_a_look_is_one_line_of_the_log(client, operator):
    attachment = attached(pdf(3))

    client.head(page_of(attachment))
    assert not FileAccess.objects.exists()
    client.get(page_of(attachment))
    for page in (1, 2, 3):
        client.get(picture_of(attachment, page))

    assert FileAccess.objects.get().by == operator


def test_a_picture_asked_for_by_itself_is_noted(client, operator):
    attachment = attached(picture(), "image/png")
    FileAccess.objects.create(attachment=attachment, by=StaffFactory())
    FileAccess.objects.create(attachment=attachment, by=operator, at=timezone.now() - timedelta(hours=2))

    read(client.get(picture_of(attachment)))

    assert FileAccess.objects.filter(by=operator).count() == 2


# -- The process that draws -----------------------------------------------------------------------------------------


def run(code):
    """`code` in a process with the limits of the drawing one."""
    script = Path(pdf_pages.__file__).read_text().replace("    main(int", f"    {code}\n    sys.exit()\n    main(int")
    command = [sys.executable, "-I", "-c", script]
    return subprocess.run(command, input=pdf(), capture_output=True, timeout=60, check=False)


def test_the_process_writes_no_file_and_takes_little_memory(tmp_path):
    target = tmp_path / "written"

    assert run("print(1)").returncode == 0
    assert run(f"import os; os.write(os.open({str(target)!r}, os.O_CREAT | os.O_WRONLY), b'1')").returncode != 0
    assert target.stat().st_size == 0
    assert run("bytearray(2 * 2**30)").returncode != 0


def test_the_library_has_no_scripts_built_in():
    import pypdfium2.version

    assert not {"V8", "XFA"} & set(pypdfium2.version.PDFIUM_INFO.flags)
