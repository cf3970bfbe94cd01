"""What people do with a browser when they are not sure: still one request, one number, one letter."""

import re

import pytest
from post_office.models import Email

from requests_app.models import ServiceRequest
from requests_app.services import inquiry
from tests.factories import ConsumerFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FORM = "/requests/new/inquiry/"
SENT = re.compile(r"/requests/\d{4}-\d{6}/$")


@pytest.fixture(params=[True, False], ids=["js", "no-js"])
def page(request, new_context, browser_login):
    page = new_context(java_script_enabled=request.param).new_page()
    browser_login(page, ConsumerFactory(agreed=True).user)
    return page


def fill(page):
    page.goto(FORM)
    page.locator(f"main [name=topic][value={inquiry.SERVICE.example['topic']}]").check()
    page.locator("main [name=question]").fill(inquiry.SERVICE.example["question"])


def button(page):
    return page.get_by_role("button", name=inquiry.SERVICE.title)


def assert_sent_once():
    service_request = ServiceRequest.objects.get()
    assert Email.objects.filter(subject=f"Заявка № {service_request.number} зарегистрирована").count() == 1


def test_double_click(page):
    fill(page)

    button(page).dblclick()
    page.wait_for_url(SENT)

    assert_sent_once()


def test_refresh_after_sending(page):
    fill(page)
    button(page).click()
    page.wait_for_url(SENT)

    page.reload()

    assert_sent_once()


def test_back_and_sent_again(page):
    fill(page)
    button(page).click()
    page.wait_for_url(SENT)

    page.go_back()
    fill_again_if_empty(page)
    button(page).click()
    page.wait_for_url(SENT)

    assert_sent_once()


def fill_again_if_empty(page):
    """The browser may have dropped what was typed, since the page is not to be stored: then it is typed again."""
    if not page.locator("main [name=question]").input_value():
        page.locator(f"main [name=topic][value={inquiry.SERVICE.example['topic']}]").check()
        page.locator("main [name=question]").fill(inquiry.SERVICE.example["question"])


def test_two_tabs(page):
    other = page.context.new_page()
    fill(page)
    fill(other)

    button(page).click()
    page.wait_for_url(SENT)
    button(other).click()
    other.wait_for_url(SENT)

    assert other.url == page.url
    assert_sent_once()
