"""Copies, invoices and the payment code in Chromium: accessible, narrow enough, valid, the whole way of each."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from requests_app.models import GrantStatus, Invoice, InvoiceState, IssuedDocument, ServiceRequest
from requests_app.services import document_copies, invoice
from tests.factories import (
    AccessGrantFactory,
    ConsumerFactory,
    InvoiceFactory,
    IssuedDocumentFactory,
    StaffFactory,
    submitted,
)
from tests.files import PDF

pytestmark = pytest.mark.browser

DOCUMENTS, INVOICES = reverse("requests:documents"), reverse("requests:invoices")
COPIES, ASK = (reverse("requests:submit", args=[slug]) for slug in ("document-copies", "invoice"))
LONG = "Оченьдлинноеслово" * 6
FILE = {"name": "Счёт 1042.pdf", "mimeType": "application/pdf", "buffer": PDF}


@pytest.fixture
def user(db):
    """A company with an invoice in every state and one that is overdue, with long words."""
    user = ConsumerFactory(legal_form="company").user
    AccessGrantFactory(user=user, status=GrantStatus.CONFIRMED)
    for state in InvoiceState:
        InvoiceFactory(owner=user, state=state, service_name=LONG[:100])
    past = timezone.localdate() - timedelta(days=30)
    InvoiceFactory(owner=user, issued_on=past, due_on=past + timedelta(days=5))
    IssuedDocumentFactory(owner=user, title=LONG)
    return user


def addresses(user):
    pages = {"documents": DOCUMENTS, "invoices": INVOICES, "copies": COPIES, "ask": ASK}
    pages["nothing"] = f"{INVOICES}?state=nonsense"
    return pages | {f"invoice-{each.pk}": each.get_absolute_url() for each in Invoice.objects.visible_to(user)}


@pytest.mark.django_db(transaction=True)
def test_pages_are_accessible_and_fit_the_screen(sized_page, browser_login, user, axe):
    browser_login(sized_page, user)
    width = sized_page.viewport_size["width"]
    problems = []

    for name, address in addresses(user).items():
        assert sized_page.goto(address).status == 200, name
        problems += [f"{name}: {problem}" for problem in axe(sized_page)]
        found = sized_page.evaluate("document.documentElement.scrollWidth")
        problems += [f"{name} is {found} wide"] if found > width else []

    assert problems == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [400, 1280])
def test_the_desk_is_quiet_and_fits(new_context, browser_login, user, axe, console, width):
    console.allow("Applying inline style")  # axe does it itself, to look at what a script has hidden
    page = new_context(viewport={"width": width, "height": 800}).new_page()
    supervisor = StaffFactory(group="supervisor")
    browser_login(page, supervisor)
    at_work = [submitted(service, owner=user) for service in (document_copies.SERVICE, invoice.SERVICE)]
    ServiceRequest.objects.filter(pk__in=[each.pk for each in at_work]).update(status="in_progress")
    some = {state: Invoice.objects.filter(state=state).first() for state in InvoiceState}
    pages = {f"answer-{each.service}": ("servicerequest_transition", each.pk, "answer") for each in at_work}
    pages |= {f"request-{each.service}": ("servicerequest_change", each.pk) for each in at_work}
    pages |= {f"invoice-{state}": ("invoice_change", each.pk) for state, each in some.items()}
    pages |= {name: (f"invoice_{name}", some["issued"].pk) for name in ("paid", "cancel")}
    problems = []

    for name, (page_name, *arguments) in pages.items():
        assert page.goto(reverse(f"admin:requests_app_{page_name}", args=arguments)).status == 200, name
        problems += [f"{name}: {problem}" for problem in axe(page)]
        found = page.evaluate("document.documentElement.scrollWidth")
        problems += [f"{name} is {found} wide"] if found > width else []

    assert problems == []


@pytest.mark.django_db
def test_pages_are_valid_html(client, user, nu):
    client.force_login(user)
    pages = {name: client.get(address).content.decode() for name, address in addresses(user).items()}
    pages["copies-refused"] = client.post(COPIES, {}).content.decode()
    pages["ask-refused"] = client.post(ASK, {}).content.decode()
    client.force_login(ConsumerFactory().user)
    pages["no-documents"] = client.get(DOCUMENTS).content.decode()

    assert nu(pages) == []


def test_an_invoice_goes_its_whole_way_on_any_screen(sized_page, browser_login, transactional_db):
    page = sized_page
    user, operator = ConsumerFactory().user, StaffFactory(group="operator")
    point = AccessGrantFactory(user=user, status=GrantStatus.CONFIRMED).point
    browser_login(page, user)

    page.goto(ASK)
    page.get_by_role("button", name="Запросить счёт").click()
    assert page.locator("[data-error-summary]").evaluate("node => node === document.activeElement")
    page.get_by_text("Передача электроэнергии", exact=True).click()
    page.get_by_label("За какой месяц").fill("2026-09")
    assert page.locator("#id_point").input_value() == str(point.pk)
    assert page.locator("#id_contract_number").is_hidden()
    page.get_by_role("button", name="Запросить счёт").dblclick()
    page.wait_for_url(re.compile(r"/requests/\d{4}-\d+/$"))
    asked = ServiceRequest.objects.get()
    ServiceRequest.objects.update(status="in_progress")

    browser_login(page, operator)
    page.goto(reverse("admin:requests_app_servicerequest_transition", args=[asked.pk, "answer"]))
    page.get_by_label("Номер счёта").fill("1042")
    page.get_by_label("Оплатить до").fill(f"{timezone.localdate():%Y-%m-%d}")
    page.get_by_label("Сумма с НДС").fill("184 620,40")
    page.get_by_label("НДС", exact=True).select_option("НДС 22 %")
    page.get_by_label("Счёт в PDF").set_input_files(FILE)
    page.get_by_role("button", name="Выставить счёт").click()
    page.get_by_text("Счёт выставлен.").wait_for()

    browser_login(page, user)
    page.goto(INVOICES)
    page.get_by_role("link", name="№ 1042", exact=True).click()
    code = page.get_by_role("img", name="QR-код для оплаты этого счёта")

    box = code.bounding_box()
    assert abs(box["width"] - box["height"]) < 2
    assert box["width"] > 200
    with page.expect_download() as download:
        page.get_by_role("link", name="Скачать PDF").click()
    assert download.value.suggested_filename == "Счёт 1042.pdf"


def test_copies_are_given_out_without_scripts(page_without_js, browser_login, transactional_db):
    page = page_without_js
    user = ConsumerFactory().user
    browser_login(page, user)

    page.goto(COPIES)
    page.get_by_label("Акт сверки расчётов").check()
    page.get_by_label("Период с").fill("2026-01")
    page.get_by_label("Период по").fill("2026-03")
    page.get_by_label("Номер договора").fill("ТП-2019/114")
    page.get_by_role("button", name="Получить копии документов").click()
    assert "приложите доверенность" in page.locator("[data-error-summary]").inner_text()
    page.get_by_label("Основание права").set_input_files({**FILE, "name": "Доверенность.pdf"})
    page.get_by_role("button", name="Получить копии документов").click()
    page.wait_for_url(re.compile(r"/requests/\d{4}-\d+/$"))
    ServiceRequest.objects.update(status="in_progress")

    browser_login(page, StaffFactory(group="operator"))
    page.goto(reverse("admin:requests_app_servicerequest_transition", args=[ServiceRequest.objects.get().pk, "answer"]))
    page.get_by_label("Право заявителя проверено").check()
    page.get_by_label("Как проверено право").fill("Доверенность от 12 октября")
    page.get_by_label("Файлы").set_input_files({**FILE, "name": "Акт сверки.pdf"})
    page.get_by_role("button", name="Выдать копии").click()
    page.get_by_text("Копии выданы.").wait_for()

    browser_login(page, user)
    page.goto(DOCUMENTS)
    assert page.get_by_role("link", name="Акт сверки.pdf").is_visible()
    assert IssuedDocument.objects.get().right_note == "Доверенность от 12 октября"


def test_the_page_of_an_invoice_is_printed_with_its_code(page, browser_login, transactional_db):
    invoice_row = InvoiceFactory()
    browser_login(page, invoice_row.service_request.owner)
    page.goto(invoice_row.get_absolute_url())

    page.emulate_media(media="print")

    assert page.get_by_role("img", name="QR-код для оплаты этого счёта").is_visible()
    assert page.get_by_role("link", name="Скачать PDF").is_hidden()
