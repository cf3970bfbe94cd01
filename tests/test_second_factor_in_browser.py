"""The second step in Chromium: accessible, narrow enough, valid, the whole way without scripts."""

import base64
import re

import pytest
from django.urls import reverse
from django_otp.oath import totp

from accounts import actions
from accounts.models import SecondFactor
from tests.factories import PASSWORD, StaffFactory

pytestmark = pytest.mark.django_db(transaction=True)

STEP = reverse("accounts:second_factor")
DEVICE = reverse("accounts:second_factor_device")
SECURITY = reverse("accounts:security")
KEY = b"12345678901234567890"
OWN_PART = '<!doctype html><html lang="ru"><title>Ours, without Django\'s menu</title><body>{}'
SECRET = base64.b32encode(KEY).decode()


@pytest.fixture(autouse=True)
def _required(settings):
    settings.STAFF_SECOND_FACTOR = True


def code_of(secret):
    return f"{totp(base64.b32decode(secret.replace(' ', ''))):06}"


def send(page, code):
    page.get_by_label("Код", exact=True).fill(code)
    page.locator("#content-main .send-bar button").first.click()


def recovery_codes(page):
    """Those that the page shows, once it is there."""
    page.locator(".recovery-codes code").first.wait_for()
    return page.locator(".recovery-codes code").all_inner_texts()


def problems_of(page, name, axe):
    found = [f"{name}: {problem}" for problem in axe(page)]
    width = page.evaluate("document.documentElement.scrollWidth")
    return found + ([f"{name} is {width} wide"] if width > page.viewport_size["width"] else [])


def test_pages_are_accessible_valid_and_fit_the_screen(sized_page, browser_login, axe, console, nu):
    console.allow("Applying inline style")  # axe does it itself, to look at what a script has hidden
    page, html = sized_page, {}
    colleague, other = StaffFactory(is_superuser=True, name="Константинопольская Александра"), StaffFactory()
    actions.connect_device(other, secret=SECRET, step=1, instead_of=None)
    browser_login(page, colleague)
    problems = []

    def look(name):
        problems.extend(problems_of(page, name, axe))
        html[name.replace(" ", "-")] = OWN_PART.format(page.locator("#content").inner_html())

    page.goto(reverse("admin:index"))
    look("device")
    secret = page.locator(".secret code").inner_text()
    send(page, "000")
    look("device refused")
    send(page, code_of(secret))
    look("codes")
    recovery = page.locator(".recovery-codes code").first.inner_text()
    page.goto(SECURITY)
    look("security")
    page.goto(reverse("admin:accounts_user_second_factor", args=[other.pk]))
    look("reset")
    page.context.clear_cookies()
    browser_login(page, colleague)
    page.goto(reverse("admin:index"))
    look("step")
    send(page, "000000000000")
    look("step refused")
    send(page, recovery)

    assert page.url.endswith(reverse("admin:index"))
    assert problems == []
    assert nu(html) == []


def test_the_whole_way_without_scripts(page_without_js):
    page, colleague = page_without_js, StaffFactory(group="operator")
    queue = reverse("admin:requests_app_servicerequest_changelist")
    page.goto(queue)
    page.goto(f"{reverse('admin:login')}?next={queue}")
    page.locator("[name=username]").fill(colleague.email)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("input[type=submit]").click()

    secret = page.locator(".secret code").inner_text()
    send(page, code_of(secret))
    codes = recovery_codes(page)
    page.get_by_role("link", name="Коды сохранены").click()
    assert page.url.endswith(queue)

    page.get_by_role("link", name="Безопасность входа").click()
    page.get_by_label("Пароль").fill(PASSWORD)
    send(page, codes[0])
    assert set(codes).isdisjoint(recovery_codes(page))

    page.get_by_role("button", name="Выйти").click()
    assert SecondFactor.objects.get().recovery_codes.count() == 10


def test_the_picture_says_what_the_text_does(page, browser_login):
    """The path of the drawn code is that of segno for the address with the secret that stands below it."""
    from accounts import second_factor
    from rsmportal import qr

    colleague = StaffFactory()
    browser_login(page, colleague)
    page.goto(DEVICE)

    secret = re.sub(r"\s", "", page.locator(".secret code").inner_text())
    drawn = page.locator("svg.qr path").get_attribute("d")

    assert drawn == qr.draw(second_factor.address_of(secret, colleague)).path
