"""A table with many readings and the desk of readings in Chromium: accessible, narrow enough, valid, the whole way."""

import io

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from requests_app.lifecycle import Status
from requests_app.models import Reading, ReadingPeriod, ReadingWindow, ServiceRequest
from requests_app.reminders.readings import refusal_link
from tests.factories import StaffFactory
from tests.files import picture
from tests.reading_sheets import csv_file, meters, send_sheet, uploaded

pytestmark = pytest.mark.django_db(transaction=True)

UPLOAD = reverse("requests:sheet_upload")


@pytest.fixture
def scene(transactional_db):
    """A consumer with six meters: pages of a table that was sent, of one with questions and of one with mistakes."""
    owner, found = meters(6)
    rows = [(found[0].serial, "", "5100", "", ""), (found[1].serial, "", "9000", "", "верно")]
    sent = send_sheet(Client(), owner, csv_file(*rows)).service_request
    strange = [
        (meter.serial, "", value, "", "") for meter, value in zip(found[2:], ["9000", "12", "5100"], strict=False)
    ]
    wrong = [("777", "", "1", "", ""), (found[3].serial, "", "х", "", ""), (found[4].serial, "", "1" * 12, "", "")]
    link = refusal_link(owner)
    pages = {
        "meters": reverse("requests:meters"),
        "upload": UPLOAD,
        "questions": uploaded(Client(), owner, csv_file(*strange)),
        "mistakes": uploaded(Client(), owner, csv_file(*wrong)),
        "sent": sent.get_absolute_url(),
        "profile": reverse("accounts:profile"),
        "no-reminders": link[link.index("/reminders") :],
    }
    return owner, pages


def desk_pages():
    row = Reading.objects.in_question().get()
    period = ReadingPeriod.objects.latest("month")
    admin = "admin:requests_app_"
    pages = {
        f"reading-{name}": reverse(f"{admin}reading_{name}", args=[row.pk]) for name in ("accept", "reject", "correct")
    }
    return pages | {
        "list": reverse(f"{admin}reading_changelist"),
        "reading": reverse(f"{admin}reading_change", args=[row.pk]),
        "request": reverse(f"{admin}servicerequest_change", args=[row.service_request_id]),
        "missing": reverse(f"{admin}reading_missing"),
        "export": reverse(f"{admin}reading_export"),
        "control": reverse(f"{admin}reading_control") + f"?q={row.meter.serial}",
        "control-meter": reverse(f"{admin}reading_control_meter", args=[row.meter_id]),
        "months": reverse(f"{admin}readingperiod_changelist"),
        "month": reverse(f"{admin}readingperiod_change", args=[period.pk]),
        "close": reverse(f"{admin}readingperiod_close", args=[period.pk]),
        "windows": reverse(f"{admin}readingwindow_changelist"),
        "window": reverse(f"{admin}readingwindow_change", args=[ReadingWindow.objects.first().pk]),
    }


DJANGOS = {"list", "months", "windows", "window"}  # drawn by Django's own templates


def test_pages_of_a_table_are_accessible_and_fit_the_screen(sized_page, browser_login, scene, axe):
    owner, pages = scene
    browser_login(sized_page, owner)
    problems = []

    for name, address in pages.items():
        assert sized_page.goto(address).status == 200, name
        problems += [f"{name}: {problem}" for problem in axe(sized_page)]
        width = sized_page.evaluate("document.documentElement.scrollWidth")
        problems += [f"{name} is {width} wide"] if width > sized_page.viewport_size["width"] else []

    assert problems == []


@pytest.mark.parametrize("width", [320, 1280])
def test_the_desk_is_quiet_and_fits(new_context, browser_login, scene, axe, console, width):
    console.allow("Applying inline style")  # axe does it itself, to look at what a script has hidden
    console.allow("404")  # axe looks for the style sheets that Django's import beside the page
    page = new_context(viewport={"width": width, "height": 800}).new_page()
    browser_login(page, StaffFactory(group="supervisor"))
    problems = []

    for name, address in desk_pages().items():
        assert page.goto(address).status == 200, name
        problems += [f"{name}: {problem}" for problem in axe(page)] if name not in DJANGOS else []
        found = page.evaluate("document.documentElement.scrollWidth")
        problems += [f"{name} is {found} wide"] if found > width else []

    assert problems == []


def test_pages_are_valid_html(client, scene, nu):
    owner, pages = scene
    client.force_login(owner)
    found = {name: client.get(address).content.decode() for name, address in pages.items()}
    found["refused"] = client.post(pages["questions"]).content.decode()

    assert nu(found) == []


def test_a_blank_is_filled_sent_and_its_question_decided(sized_page, browser_login, transactional_db):
    page = sized_page
    owner, _ = meters(3)
    browser_login(page, owner)

    page.goto(reverse("requests:meters"))
    page.get_by_role("link", name="Передать таблицей").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Таблица XLSX").click()
    book = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
    for row, value in enumerate([5100, 9000, 5090], start=2):
        book.active.cell(row, 7).value = value
    content = io.BytesIO()
    book.save(content)
    file = {"name": "Показания.xlsx", "mimeType": "application/octet-stream", "buffer": content.getvalue()}
    page.get_by_label("Заполненная таблица").set_input_files(file)
    page.get_by_role("button", name="Проверить таблицу").click()
    page.get_by_role("button", name="Передать: 3 счётчика").click()
    assert page.locator("[data-error-summary]").evaluate("node => node === document.activeElement")
    page.get_by_role("radio", name="Всё верно: 9 000").check()
    photo = {"name": "Счётчик.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    page.get_by_label("Фото счётчиков").set_input_files(photo)
    page.get_by_role("button", name="Передать: 3 счётчика").dblclick()
    page.wait_for_url("**/requests/2*/")
    sent = ServiceRequest.objects.get()
    assert sent.status == Status.REGISTERED

    browser_login(page, StaffFactory(group="operator"))
    page.goto(reverse("admin:requests_app_reading_changelist") + "?state__exact=in_question")
    page.locator("#result_list th a").click()
    page.get_by_role("link", name="Исправить и принять").click()
    page.get_by_label("Показание").fill("5900")
    page.get_by_label("Причина").fill("На фото 5900.")
    page.get_by_role("button", name="Исправить и принять").click()
    page.get_by_label("Это не опечатка").check()
    page.get_by_role("button", name="Исправить и принять").click()
    page.get_by_text("Показания исправлены и приняты.").wait_for()

    sent.refresh_from_db()
    assert sent.status == Status.CLOSED
    browser_login(page, owner)
    page.goto(sent.get_absolute_url())
    assert "5 900" in page.get_by_role("region", name="Показания").inner_text().replace("\N{NO-BREAK SPACE}", " ")


def test_a_table_is_sent_without_scripts(page_without_js, browser_login, transactional_db):
    page = page_without_js
    owner, found = meters(2)
    browser_login(page, owner)
    content = csv_file(*((meter.serial, "", "5100", "", "") for meter in found)).read()

    page.goto(UPLOAD)
    page.get_by_label("Заполненная таблица").set_input_files(
        {"name": "Показания.csv", "mimeType": "text/csv", "buffer": content}
    )
    page.get_by_role("button", name="Проверить таблицу").click()
    page.get_by_role("button", name="Передать: 2 счётчика").click()
    page.wait_for_url("**/requests/2*/")

    assert ServiceRequest.objects.get().status == Status.CLOSED
