"""Codes of a closed appeal are corrected in Chromium, on a phone and without scripts too."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from requests_app.codes import Category
from requests_app.lifecycle import Status
from tests.factories import ServiceRequestFactory, StaffFactory

pytestmark = pytest.mark.django_db(transaction=True)

LONG = "Оченьдлинноеслово" * 6


def test_codes_are_corrected_at_320_px_without_scripts(new_context, browser_login):
    service_request = ServiceRequestFactory(status=Status.CLOSED)
    page = new_context(java_script_enabled=False, viewport={"width": 320, "height": 800}).new_page()
    browser_login(page, StaffFactory(group="supervisor"))

    page.goto(reverse("admin:requests_app_servicerequest_change", args=[service_request.pk]))
    page.get_by_role("link", name="Исправить коды").click()
    page.get_by_label("Категория обращения").select_option(Category.COMPLAINT_ENERGY)
    page.get_by_role("button", name="Исправить коды").click()
    expect(page.get_by_text("Напишите, почему коды были неверны.").first).to_be_visible()
    assert page.get_by_label("Категория обращения").input_value() == Category.COMPLAINT_ENERGY
    page.get_by_label("Причина исправления").fill("Жалоба на качество, а не вопрос об учёте")
    page.get_by_role("button", name="Исправить коды").click()

    expect(page.get_by_text("Коды исправлены.")).to_be_visible()
    expect(page.get_by_text(f"стало «{Category.COMPLAINT_ENERGY.label}»")).to_be_visible()
    service_request.refresh_from_db()
    assert service_request.category == Category.COMPLAINT_ENERGY


def test_the_page_is_accessible_and_fits(sized_page, browser_login, axe):
    service_request = ServiceRequestFactory(status=Status.CLOSED, measures_done=LONG)
    browser_login(sized_page, StaffFactory(group="supervisor"))

    sized_page.goto(reverse("admin:requests_app_servicerequest_codes", args=[service_request.pk]))
    problems = axe(sized_page) + too_wide(sized_page)
    sized_page.get_by_label("Причина исправления").fill(LONG)
    sized_page.get_by_role("button", name="Исправить коды").click()
    expect(sized_page.get_by_text("Коды исправлены.")).to_be_visible()

    assert problems + axe(sized_page) + too_wide(sized_page) == []


def too_wide(page):
    width = page.evaluate("document.documentElement.scrollWidth")
    return [f"{width} wide"] if width > page.viewport_size["width"] else []
