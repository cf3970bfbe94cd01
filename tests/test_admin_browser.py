"""The work desk in Chromium: a clean console under the strict policy, room on a narrow screen, work by keyboard alone."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from requests_app.lifecycle import TRANSITIONS, Actor, Status
from requests_app.models import Audience, CalendarDay, FileAccess, MessageKind, ServiceRequest, ServiceTerm
from requests_app.services import SERVICES, inquiry
from tests.factories import (
    AttachmentFactory,
    ConsumerFactory,
    MessageFactory,
    ServiceRequestFactory,
    StaffFactory,
    submitted,
)
from tests.files import fitting

pytestmark = pytest.mark.browser

REQUESTS = reverse("admin:requests_app_servicerequest_changelist")
LONG = "Очень" * 30  # a word that nothing breaks


@pytest.fixture
def someone(transactional_db):
    """`someone("operator")`: one of that group, or a superuser; with a request of everything to look at."""

    def make(group):
        staff = StaffFactory(is_superuser=True) if group == "superuser" else StaffFactory(group=group)
        for service in SERVICES:
            submitted(service, files=[fitting(service, LONG)])
        service_request = ServiceRequestFactory(
            status=Status.IN_PROGRESS, assignee=staff, assigned_at=timezone.now(), applicant_name=f"ООО «{LONG}»"
        )
        MessageFactory(service_request=service_request, body=LONG)
        MessageFactory(service_request=service_request, author=staff, audience=Audience.STAFF, kind=MessageKind.NOTE)
        FileAccess.objects.create(attachment=AttachmentFactory(service_request=service_request), by=staff)
        CalendarDay.objects.create(date="2030-01-09", is_working=False, note="Перенос")
        return staff

    return make


def addresses(group):
    """Every page of requests on the desk that the group may open."""

    def of(name, *arguments):
        return reverse(f"admin:requests_app_{name}", args=arguments)

    yield reverse("admin:index")
    yield reverse("admin:app_list", args=["requests_app"])
    yield from (REQUESTS, f"{REQUESTS}?q=очень&status=open&assignee=me&due=week", f"{REQUESTS}?q=нет")
    yield from (of(f"{service.detail_name}_changelist") for service in SERVICES)
    yield from (of("servicerequest_change", pk) for pk in ServiceRequest.objects.values_list("pk", flat=True))
    taken = ServiceRequest.objects.get(status=Status.IN_PROGRESS)
    yield of("servicerequest_history", taken.pk)
    yield from (of(f"servicerequest_{page}", taken.pk) for page in ("message", "note", "assign"))
    steps = [step for step in TRANSITIONS if step.actor == Actor.STAFF]
    yield from (of("servicerequest_transition", taken.pk, step.name) for step in steps)
    if group == "superuser":
        keys = {model: model.objects.first().pk for model in (ServiceTerm, CalendarDay, FileAccess)}
        for model, key in keys.items():
            name = model._meta.model_name
            yield from (of(f"{name}_changelist"), of(f"{name}_change", key))
        yield from (of("serviceterm_add"), of("calendarday_add"), of("calendarday_delete", keys[CalendarDay]))


@pytest.mark.parametrize("group", ["superuser", "supervisor"])
@pytest.mark.parametrize("width", [400, 1280])
def test_every_page_is_quiet_and_fits(new_context, browser_login, someone, group, width):
    page = new_context(viewport={"width": width, "height": 800}).new_page()
    browser_login(page, someone(group))

    for address in addresses(group):
        response = page.goto(address)

        assert response.status == 200, address
        assert "unsafe" not in response.headers["content-security-policy"]
        content = page.evaluate("document.documentElement.scrollWidth")
        assert content <= width, f"{address} is {content} px wide"


def test_own_pages_are_accessible(page, browser_login, someone, axe, console):
    console.allow("Applying inline style")  # axe does it itself, to look at what a script has hidden
    console.allow("404")  # axe looks for the style sheets that Django's import beside the page
    browser_login(page, someone("operator"))
    taken = ServiceRequest.objects.get(status=Status.IN_PROGRESS)
    answer = reverse("admin:requests_app_servicerequest_transition", args=[taken.pk, "answer"])

    problems = {}
    for address in (REQUESTS, reverse("admin:requests_app_servicerequest_change", args=[taken.pk]), answer):
        page.goto(address)
        problems[address] = axe(page)
    page.get_by_role("button", name="Ответить", exact=True).click()
    problems["refused"] = axe(page)

    assert not any(problems.values()), problems


def test_a_request_is_processed_on_any_screen(sized_page, browser_login, transactional_db):
    page = sized_page
    operator = StaffFactory(group="operator")
    service_request = submitted(inquiry.SERVICE)
    browser_login(page, operator)

    page.goto(REQUESTS)
    page.get_by_role("link", name=service_request.number).click()
    page.get_by_role("button", name="Взять в работу").click()
    page.get_by_text("Взята в работу.").wait_for()
    page.get_by_role("link", name="Добавить заметку").click()
    page.get_by_label("Заметка").fill("Похож на прошлогодний.")
    page.get_by_role("button", name="Сохранить заметку").click()
    page.get_by_role("link", name="Ответить", exact=True).click()
    page.get_by_role("button", name="Ответить", exact=True).click()
    summary = page.locator("[data-error-summary]")
    assert summary.evaluate("node => node === document.activeElement")
    page.get_by_label("Ответ заявителю").fill("Нужны паспорт прибора и\nзаявка.")
    page.get_by_label("Файлы").set_input_files(
        {"name": "Бланк.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF\n"}
    )
    page.get_by_label("Выполненные мероприятия").fill("Разъяснён порядок.")
    page.get_by_role("button", name="Ответить", exact=True).click()

    page.wait_for_url(re.compile(r"/change/(\?|$)"))
    talk = page.get_by_role("region", name="Ход заявки")
    assert "Видят только сотрудники" in talk.inner_text()
    assert "Бланк.pdf" in talk.inner_text()
    service_request.refresh_from_db()
    assert (service_request.status, service_request.assignee) == (Status.ANSWERED, operator)
    assert service_request.measures_done == "Разъяснён порядок."


def test_a_double_click_answers_once(page, browser_login, transactional_db):
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)
    browser_login(page, StaffFactory(group="operator"))
    page.goto(reverse("admin:requests_app_servicerequest_transition", args=[service_request.pk, "answer"]))
    page.get_by_label("Ответ заявителю").fill("Да.")

    page.get_by_role("button", name="Ответить", exact=True).dblclick()

    page.wait_for_url(re.compile(r"/change/(\?|$)"))
    assert service_request.messages.count() == 1


def test_the_list_is_worked_by_keyboard(page, browser_login, transactional_db):
    operator = StaffFactory(group="operator")
    ServiceRequestFactory(number="2026-000001", owner=ConsumerFactory().user)
    ServiceRequestFactory(number="2026-000002", assignee=operator, assigned_at=timezone.now())
    browser_login(page, operator)
    page.goto(REQUESTS)

    page.get_by_label("Найти").focus()
    while "Исполнитель:" not in page.evaluate("document.activeElement.textContent"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    while page.evaluate("document.activeElement.textContent") != "Мои":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    page.wait_for_url(re.compile("assignee=me"))
    assert page.locator("#result_list tbody th").all_inner_texts() == ["2026-000002"]
    assert page.locator(".filter-bar summary", has_text="Исполнитель").inner_text().split() == ["Исполнитель:", "Мои"]


def test_everything_works_without_scripts(page_without_js, browser_login, transactional_db):
    page = page_without_js
    service_request = submitted(inquiry.SERVICE)
    browser_login(page, StaffFactory(group="operator"))

    page.goto(REQUESTS)
    page.locator(".filter-bar summary", has_text="Статус").click()
    page.get_by_role("link", name="Открытые", exact=True).click()
    page.get_by_role("link", name=service_request.number).click()
    page.get_by_role("button", name="Взять в работу").click()
    page.get_by_role("link", name="Отказать").click()
    page.get_by_label("Вопрос не к нашей организации").check()
    page.get_by_label("Причина отказа для заявителя").fill("Отоплением занимается другая служба.")
    page.get_by_role("button", name="Отказать").click()

    page.wait_for_url(re.compile(r"/change/(\?|$)"))
    service_request.refresh_from_db()
    assert service_request.status == Status.REFUSED
