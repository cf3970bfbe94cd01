"""An appeal by telephone is written down in Chromium: accessible, narrow enough, without scripts, and found by its consumer."""

import pytest
from django.urls import reverse
from django.utils import timezone

from requests_app.models import Absence, AssignmentRule, ServiceRequest
from tests.factories import ConsumerFactory, ServiceRequestFactory, StaffFactory
from tests.visits import booked

REGISTER = reverse("admin:requests_app_servicerequest_register")
LONG = "Оченьдлинноеслово" * 6


@pytest.fixture
def supervisor(transactional_db):
    return StaffFactory(group="supervisor", name="Андрей Викторович, руководитель")


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def write_down(page):
    page.get_by_label("Найти потребителя").fill("самойлов")
    page.get_by_role("button", name="Найти", exact=True).click()
    page.get_by_role("link", name="Самойлов Николай Петрович").click()
    page.get_by_role("link", name="Справка", exact=True).click()
    page.get_by_label("Заочное, по телефону").check()
    page.get_by_label("Устно, в\N{NO-BREAK SPACE}разговоре").check()
    page.get_by_label("Учёт электроэнергии").check()
    page.get_by_role("button", name="Записать").click()
    page.get_by_role("link", name="вопрос").wait_for()  # refused: the question is missing
    assert page.get_by_label("Заочное, по телефону").is_checked()
    page.get_by_role("textbox", name="вопрос").fill("Какие документы нужны, чтобы заменить счётчик?")
    page.get_by_role("button", name="Записать").click()
    page.get_by_text("Обращение записано: № ").wait_for()


@pytest.mark.django_db(transaction=True)
def test_by_telephone(sized_page, browser_login, supervisor, axe, console):
    ConsumerFactory()
    browser_login(sized_page, supervisor)
    sized_page.goto(REGISTER)

    write_down(sized_page)

    assert ServiceRequest.objects.get().appeal_form == "phone"
    assert sized_page.get_by_text("Принята по\N{NO-BREAK SPACE}телефону").is_visible()
    assert axe(sized_page) == []
    assert fits(sized_page)


@pytest.mark.django_db(transaction=True)
def test_without_scripts(page_without_js, browser_login, supervisor):
    ConsumerFactory()
    browser_login(page_without_js, supervisor)
    page_without_js.goto(REGISTER)

    write_down(page_without_js)

    assert ServiceRequest.objects.get().reception.by == supervisor


@pytest.mark.django_db(transaction=True)
def test_pages_are_accessible_and_fit_the_screen(sized_page, browser_login, supervisor, axe, console):
    consumer, visit = ConsumerFactory(last_name=LONG[:90]), booked()
    rule = AssignmentRule.objects.create(service="inquiry", topic="metering")
    rule.people.set([supervisor, StaffFactory(group="operator", name=LONG[:100])])
    absence = Absence.objects.create(
        who=supervisor, from_day="2026-01-01", until="2026-01-02", entered_by=supervisor, handed_over_at=timezone.now()
    )
    ServiceRequestFactory(assignee=supervisor, assigned_at=timezone.now(), due_on="2026-01-01")
    browser_login(sized_page, supervisor)
    of = "admin:requests_app_"
    problems = []

    for address in (
        f"{REGISTER}?q={LONG}",
        f"{REGISTER}?q={consumer.user.email}",
        f"{REGISTER}?visit={visit.pk}",
        reverse(f"{of}servicerequest_registerform", args=["complaint"]),
        reverse(f"{of}servicerequest_registerform", args=["invoice"]) + f"?consumer={consumer.pk}",
        reverse(f"{of}assignmentrule_changelist"),
        reverse(f"{of}assignmentrule_change", args=[rule.pk]),
        reverse(f"{of}assignmentrule_workload"),
        reverse(f"{of}absence_changelist"),
        reverse(f"{of}absence_change", args=[absence.pk]),
        reverse(f"{of}absence_enter"),
    ):
        sized_page.goto(address)
        problems += [f"{address}: {problem}" for problem in axe(sized_page)]
        if not fits(sized_page):
            problems.append(f"{address}: too wide")

    assert problems == []
