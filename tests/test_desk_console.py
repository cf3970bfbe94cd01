"""Every page of the desk in Chromium: under the strict policy, with a clean console, no wider than the screen."""

import pytest

from tests.factories import StaffFactory
from tests.test_admin_addresses import OTHERS, others, where  # noqa: F401  `others` is a fixture
from tests.test_admin_permissions import TABLE, address, rows  # noqa: F401  `rows` is a fixture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

# The letter as its reader sees it, in a frame without scripts: post_office's own page, for administrators alone.
_NOT_OURS = {"post_office_email_preview"}


@pytest.fixture
def administrator(transactional_db):
    return StaffFactory(is_superuser=True)


def pages(client, addresses):
    """Those that open as a page, neither as a file nor as a script."""
    for where_to in addresses:
        response = client.get(where_to)
        is_page = response.status_code == 200 and response.get("Content-Type", "").startswith("text/html")
        response.close()
        if is_page and "Content-Disposition" not in response:
            yield where_to


def test_every_page_is_quiet_and_fits(page, client, browser_login, console, administrator, rows, others):  # noqa: F811
    client.force_login(administrator)
    found = [address(name, rows) for name in TABLE]
    found += [where(name, others) for name in OTHERS if name not in _NOT_OURS]
    listed = list(pages(client, found))
    page.set_viewport_size({"width": 1280, "height": 800})
    browser_login(page, administrator)
    problems = []

    for where_to in listed:
        response = page.goto(where_to)
        if "unsafe" in response.headers["content-security-policy"]:
            problems.append(f"{where_to}: the policy allows too much")
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 1280:
            problems.append(f"{where_to} is {width} wide")

    assert len(listed) > 100
    assert problems == []
