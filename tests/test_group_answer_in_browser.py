"""Chosen in the list, answered on one page, read by each consumer: in Chromium, on a phone and on a desk."""

import re

import pytest
from django.urls import reverse
from post_office.models import Email

from requests_app.lifecycle import Status
from requests_app.models import ExportRun, GroupAnswer, ServiceRequest
from tests.factories import ConsumerFactory, ServiceRequestFactory, StaffFactory

pytestmark = pytest.mark.browser

LIST = reverse("admin:requests_app_servicerequest_changelist")
ANSWER = "Отключение устранено вечером того же дня."


@pytest.fixture
def chosen(transactional_db):
    return [
        ServiceRequestFactory(status=Status.IN_PROGRESS, owner=ConsumerFactory(agreed=True).user, subject=subject)
        for subject in ("Отключение на Менжинского", "Отключение корпуса 3", "Нет света в магазине")
    ]


def tick_and_go(page, service_requests):
    page.goto(LIST)
    for service_request in service_requests:
        page.locator(f'input[name="_selected_action"][value="{service_request.pk}"]').check()
    page.get_by_role("button", name="Ответить вместе").click()
    page.wait_for_url(re.compile("/together/"))


def fits(page):
    width = page.viewport_size["width"]
    return page.evaluate("document.documentElement.scrollWidth") <= width


def test_chosen_answered_and_read(sized_page, new_context, browser_login, chosen, axe, console):
    console.allow("Applying inline style")  # axe does it itself, to look at what a script has hidden
    console.allow("404")  # axe looks for the style sheets that Django's import beside the page
    page = sized_page
    browser_login(page, StaffFactory(group="operator", name="Марина Олеговна, оператор"))
    waiting = ServiceRequestFactory(status=Status.AWAITING_CONSUMER)

    tick_and_go(page, [*chosen, waiting])
    assert page.get_by_text("статус «Ждём заявителя»").is_visible()
    assert fits(page)
    problems = {"page": axe(page)}
    page.locator(f'input[name="requests"][value="{chosen[2].pk}"]').uncheck()
    page.get_by_role("button", name="Ответить вместе").click()
    page.locator("[data-error-summary]").wait_for()
    problems["refused"] = axe(page)
    assert not page.locator(f'input[name="requests"][value="{chosen[2].pk}"]').is_checked()
    page.get_by_label("Ответ заявителям").fill(ANSWER)
    page.get_by_label("Файлы").set_input_files(
        {"name": "Акт.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF\n"}
    )
    page.get_by_role("button", name="Ответить вместе").click()
    page.get_by_text("Ответ отправлен на 2 заявки.").wait_for()
    assert fits(page)
    problems["answered"] = axe(page)
    page.reload()

    assert not any(problems.values()), problems
    assert [ServiceRequest.objects.get(pk=one.pk).status for one in chosen] == [Status.ANSWERED] * 2 + [
        Status.IN_PROGRESS
    ]
    assert GroupAnswer.objects.get().parts.count() == 2
    letters = Email.objects.all()
    assert sorted(letter.to[0] for letter in letters) == sorted(one.owner.email for one in chosen[:2])
    for one in chosen[:2]:
        consumer = new_context().new_page()
        browser_login(consumer, one.owner)
        consumer.goto(one.get_absolute_url())
        assert consumer.get_by_text(ANSWER).is_visible()
        assert consumer.get_by_role("link", name=re.compile("Акт")).count() == 1
    page.goto(reverse("admin:requests_app_servicerequest_change", args=[chosen[0].pk]))
    page.get_by_role("link", name=re.compile("Отвечено вместе с 1")).click()
    assert page.get_by_text(chosen[1].number).first.is_visible()


def test_without_scripts_it_is_answered_too(page_without_js, browser_login, chosen):
    page = page_without_js
    browser_login(page, StaffFactory(group="operator"))

    tick_and_go(page, chosen)
    page.get_by_label("Ответ заявителям").fill(ANSWER)
    page.get_by_role("button", name="Ответить вместе").click()
    page.get_by_text("Ответ отправлен на 3 заявки.").wait_for()

    assert Email.objects.count() == 3


def test_a_list_is_downloaded_and_stands_in_the_log(sized_page, browser_login, chosen, axe, console):
    console.allow("Applying inline style")
    console.allow("404")
    page = sized_page
    browser_login(page, StaffFactory(group="supervisor"))
    page.goto(f"{LIST}?status=open")
    assert fits(page)

    for name in ("Скачать CSV", "Скачать XLSX"):
        with page.expect_download() as caught:
            page.get_by_role("link", name=name).click()
        assert caught.value.suggested_filename.startswith("Заявки")
        assert caught.value.path().stat().st_size > 500

    page.goto(reverse("admin:requests_app_exportrun_changelist"))
    assert page.get_by_text("статус: Открытые").count() == 2
    assert fits(page)
    assert axe(page) == []
    assert {run.rows for run in ExportRun.objects.all()} == {3}
