"""The queue in Chromium: tabs, ticks, a job for several requests; with and without scripts, on a phone and on a desk."""

import os
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from requests_app.lifecycle import Status
from requests_app.models import ServiceRequest
from tests.factories import ConsumerFactory, ServiceRequestFactory, StaffFactory

pytestmark = pytest.mark.browser

LIST = reverse("admin:requests_app_servicerequest_changelist")


@pytest.fixture
def operator(transactional_db):
    """With open requests of everybody, two answered ones, and more than a page of others."""
    operator = StaffFactory(group="operator")
    owner = ConsumerFactory().user
    today = timezone.localdate()
    for days in (-3, 0, 1, 9):
        ServiceRequestFactory(owner=owner, due_on=today + timedelta(days=days))
    for _ in range(2):
        ServiceRequestFactory(owner=owner, status=Status.ANSWERED, applicant_name=f"ООО «{'Очень' * 30}»")
    ServiceRequestFactory.create_batch(52, owner=owner, due_on=today + timedelta(days=30))
    return operator


def look(page, name):
    """A picture of the page for whoever asked for one."""
    if folder := os.environ.get("QUEUE_SHOTS"):
        width = page.viewport_size["width"]
        page.screenshot(path=f"{folder}/{name}-{width}.png")


def fits(page):
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def test_a_day_in_the_queue_on_any_screen(sized_page, browser_login, operator, axe, console):
    console.allow("Applying inline style")  # axe does it itself, to look at what a script has hidden
    console.allow("404")  # axe looks for the style sheets that Django's import beside the page
    page = sized_page
    browser_login(page, operator)

    page.goto(LIST)
    fits(page)
    look(page, "list")
    assert axe(page) == []
    page.get_by_role("link", name="Дальше").click()
    page.get_by_role("link", name="Назад").click()
    page.get_by_role("link", name="Без исполнителя").click()
    assert page.get_by_role("link", name="Без исполнителя").get_attribute("aria-current") == "page"
    assert page.locator("#action-toggle").is_visible()
    ticks = page.locator("input.action-select")
    ticks.nth(0).check()
    ticks.nth(1).check()
    page.get_by_role("button", name="Взять в работу").click()
    page.wait_for_url(re.compile("/bulk/take/"))
    fits(page)
    look(page, "take")
    assert axe(page) == []
    page.get_by_role("button", name="Взять в работу").dblclick()
    page.get_by_text("Взяты в работу (2 заявки)").wait_for()
    assert "view=unassigned" in page.url
    page.get_by_role("link", name="Мои").click()
    page.get_by_text("Всего: 2").wait_for()
    assert ticks.count() == 2

    page.goto(f"{LIST}?status=answered")
    for tick in ticks.all():
        tick.check()
    page.get_by_role("button", name="Закрыть").click()
    page.get_by_label("Выполненные мероприятия").fill("Звонили 8 863 250-31-02")
    page.get_by_role("button", name="Закрыть", exact=True).click()
    assert page.locator("[data-error-summary]").evaluate("node => node === document.activeElement")
    look(page, "close")
    assert axe(page) == []
    fits(page)
    page.get_by_label("Выполненные мероприятия").fill("Разъяснён порядок")
    page.get_by_role("button", name="Закрыть", exact=True).click()
    page.get_by_text("Закрыты (2 заявки)").wait_for()

    assert ServiceRequest.objects.filter(status=Status.CLOSED, measures_done="Разъяснён порядок").count() == 2
    assert ServiceRequest.objects.filter(status=Status.IN_PROGRESS, assignee=operator).count() == 2


def test_without_scripts(page_without_js, browser_login, operator):
    page = page_without_js
    browser_login(page, operator)

    page.goto(f"{LIST}?view=overdue")
    for only_with_scripts in ("#toggle-nav-sidebar", "#action-toggle", ".action-counter"):
        assert not page.locator(only_with_scripts).is_visible()
    page.locator("input.action-select").first.check()
    page.get_by_role("button", name="Назначить").click()
    page.get_by_label("Исполнитель").select_option(str(operator.pk))
    page.get_by_role("button", name="Назначить").click()

    page.get_by_text("Назначены (1 заявка)").wait_for()
    assert ServiceRequest.objects.get(assignee=operator).due_on < timezone.localdate()
