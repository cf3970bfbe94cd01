"""The start page in Chromium: quiet, accessible, on any width, with and without scripts."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from tests.factories import StaffFactory
from tests.start_scene import fill_the_desk

pytestmark = pytest.mark.browser

INDEX = reverse("admin:index")


@pytest.fixture
def filled(transactional_db):
    """`filled("operator")`: one of that group, or a superuser, with something of everything on the desk."""

    def make(group):
        user = StaffFactory(is_superuser=True) if group == "superuser" else StaffFactory(group=group)
        fill_the_desk(user)
        return user

    return make


@pytest.mark.parametrize("group", ["operator", "supervisor", "superuser"])
def test_page_is_accessible_and_fits(sized_page, browser_login, filled, axe, console, group):
    console.allow("Applying inline style")  # axe does it itself, to look at what a script has hidden
    console.allow("404")  # axe looks for the style sheets that Django's import beside the page
    page = sized_page
    browser_login(page, filled(group))

    response = page.goto(INDEX)
    for summary in page.locator(".start summary").all():
        summary.click()

    width = page.viewport_size["width"]
    assert "unsafe" not in response.headers["content-security-policy"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.screenshot(path=Path(settings.DATA_DIR) / f"start-{group}-{width}.png", full_page=True)
    assert axe(page) == []


def test_a_supervisor_follows_a_late_week_without_scripts(page_without_js, browser_login, filled):
    page = page_without_js
    browser_login(page, filled("supervisor"))
    page.goto(INDEX)

    page.get_by_role("region", name="Ответы в срок").get_by_text("Те же числа таблицей").click()
    table = page.get_by_role("table", name="Ответы в срок")
    late = table.locator("tbody tr a[data-due=late]").first
    count = int(late.inner_text())
    late.click()

    page.wait_for_url(re.compile("figure=late-"))
    assert page.locator("#result_list tbody tr").count() == count == 1
    assert "Отвечены с опозданием" in page.locator(".filter-bar").inner_text().replace("\N{NO-BREAK SPACE}", " ")


def test_the_whole_row_of_a_figure_leads_to_its_list(page320, browser_login, filled):
    page = page320
    browser_login(page, filled("operator"))
    page.goto(INDEX)
    link = page.get_by_role("region", name="Вся очередь").get_by_role("link", name="Просрочены")
    count = int(link.locator(".figure").inner_text())

    assert link.bounding_box()["height"] >= 24
    link.click()

    page.wait_for_url(re.compile(re.escape(reverse("admin:requests_app_servicerequest_changelist"))))
    assert page.locator("#result_list tbody tr").count() == count
