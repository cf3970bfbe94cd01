"""The import of supply points in Chromium: the whole way without scripts, accessible, narrow enough, valid."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from requests_app import actions
from requests_app.models import Meter, SupplyImport
from tests.factories import StaffFactory
from tests.files import empty_storage, stored_files
from tests.supply_tables import table

UPLOAD = reverse("admin:requests_app_supplyimport_upload")
POINTS = reverse("admin:requests_app_supplypoint_changelist")
LONG = "Оченьдлинноеслово" * 6


@pytest.fixture
def supervisor(db):
    empty_storage()
    return StaffFactory(group="supervisor")


def draft(supervisor, *lines):
    """The address of the page of an uploaded file."""
    with table(*lines) as file:
        upload = SimpleUploadedFile(f"{LONG}.csv", file.read())
    row = actions.upload_supply_table(upload, by=supervisor)
    return reverse("admin:requests_app_supplyimport_preview", args=[row.pk])


def addresses(supervisor):
    log = SupplyImport.objects.create(
        by=supervisor, file_name=f"{LONG}.csv", sha256="a" * 64, applied_at=timezone.now()
    )
    return {
        "points": POINTS,
        "upload": UPLOAD,
        "good": draft(supervisor, {}),
        "wrong": draft(
            supervisor, {"zones": "9", "inn": "1"}, {"contract_number": LONG, "ratio": "-1", "is_remote": "?"}
        ),
        "log": reverse("admin:requests_app_supplyimport_changelist"),
        "logged": reverse("admin:requests_app_supplyimport_change", args=[log.pk]),
    }


@pytest.mark.django_db(transaction=True)
def test_a_file_is_imported_without_scripts(page_without_js, browser_login, supervisor, tmp_path):
    page = page_without_js
    browser_login(page, supervisor)
    file = tmp_path / "Точки.xlsx"
    with table({}, {"serial": "2"}, ending="xlsx") as made:
        file.write_bytes(made.read())

    page.goto(POINTS)
    page.get_by_role("link", name="Загрузить из файла").click()
    page.get_by_role("button", name="Проверить файл").click()
    assert page.get_by_text("Выберите файл.").first.is_visible()
    page.get_by_label("Файл", exact=True).set_input_files(file)
    page.get_by_role("button", name="Проверить файл").click()
    assert page.get_by_role("row", name="Новые 1 2").is_visible()
    assert not Meter.objects.exists()
    page.get_by_role("button", name="Применить").click()

    assert page.get_by_text("Приборы: новых 2").is_visible()
    assert Meter.objects.count() == 2
    assert stored_files() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [320, 1280])
def test_pages_are_accessible_and_fit_the_screen(new_context, browser_login, supervisor, axe, console, width):
    console.allow("Applying inline style")  # axe does it itself, to look at what a script has hidden
    page = new_context(viewport={"width": width, "height": 800}).new_page()
    browser_login(page, supervisor)
    problems = []

    for name, address in addresses(supervisor).items():
        assert page.goto(address).status == 200, name
        problems += [f"{name}: {problem}" for problem in axe(page)] if name in ("upload", "good", "wrong") else []
        found = page.evaluate("document.documentElement.scrollWidth")
        problems += [f"{name} is {found} wide"] if found > width else []

    assert problems == []


@pytest.mark.django_db
def test_pages_are_valid_html(client, supervisor, nu):
    """But for the table of Django's own menu, whose rows differ by who may add."""
    client.force_login(supervisor)

    own = {name: address for name, address in addresses(supervisor).items() if name in ("upload", "good", "wrong")}

    complaints = nu({name: client.get(address).content.decode() for name, address in own.items()})
    assert [complaint for complaint in complaints if "table row was 2 columns wide" not in complaint] == []


@pytest.mark.django_db(transaction=True)
def test_while_the_file_is_read_the_page_says_so(page, browser_login, supervisor, tmp_path, console):
    browser_login(page, supervisor)
    file = tmp_path / "points.csv"
    with table({}) as made:
        file.write_bytes(made.read())
    page.goto(UPLOAD)
    page.locator("[type=file]").set_input_files(file)
    waiting = page.locator("[data-waiting]")
    assert waiting.is_hidden()

    # asked in the same breath: afterwards the browser is on its way to the next page
    is_shown = waiting.evaluate(
        "it => { it.closest('form').querySelector('[type=submit]').click(); return !it.hidden }"
    )

    assert is_shown
    page.get_by_role("button", name="Применить").wait_for()
