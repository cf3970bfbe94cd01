"""A grade on a phone without scripts, and the pages of quality on the desk, in Chromium."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from requests_app import actions
from requests_app.models import AnswerGrade, AnswerReview
from tests.factories import ConsumerFactory, StaffFactory
from tests.quality import answered, at, graded, moscow

pytestmark = pytest.mark.django_db(transaction=True)

LONG = "Оченьдлинноеслово" * 6


def test_a_grade_at_320_px_without_scripts(new_context, browser_login):
    owner = ConsumerFactory(agreed=True).user
    service_request = answered(owner=owner)
    page = new_context(java_script_enabled=False, viewport={"width": 320, "height": 800}).new_page()
    browser_login(page, owner)

    page.goto(service_request.get_absolute_url())
    page.get_by_role("button", name="Отправить оценку").click()
    expect(page.get_by_role("link", name="Помог ли ответ?")).to_be_visible()
    page.get_by_label("2 — плохо", exact=True).check()
    page.get_by_label("Что можно было сделать лучше").fill("Ответ не о том.")
    page.get_by_role("button", name="Отправить оценку").click()

    expect(page.get_by_role("heading", name="Ваша оценка ответа")).to_be_visible()
    expect(page.get_by_text("оценка сохранена")).to_be_visible()
    page.get_by_text("Изменить оценку").first.click()
    page.get_by_label("4 — хорошо", exact=True).check()
    page.get_by_role("button", name="Изменить оценку").click()
    expect(page.get_by_text("4 — хорошо").first).to_be_visible()
    assert (AnswerGrade.objects.get().grade, AnswerGrade.objects.get().comment) == (4, "Ответ не о том.")


def test_the_page_with_a_grade_is_accessible_and_fits(sized_page, browser_login, axe):
    owner = ConsumerFactory(agreed=True).user
    pages = [answered(owner=owner), graded(2, LONG, owner=owner, question="Когда приедет мастер?")]
    browser_login(sized_page, owner)
    problems = []

    for service_request in pages:
        sized_page.goto(service_request.get_absolute_url())
        problems += axe(sized_page) + too_wide(sized_page)
    sized_page.get_by_text("Изменить оценку").first.click()

    assert problems + axe(sized_page) + too_wide(sized_page) == []


def test_the_pages_of_the_desk_are_accessible_and_fit(sized_page, browser_login, axe):
    supervisor = StaffFactory(group="supervisor")
    with at(2026, 11, 18, 12):
        owner = ConsumerFactory().user
        graded(2, LONG, owner=owner)
        graded(5, owner=owner, question="Когда приедет мастер?")
    actions.choose_answers(now=moscow(2026, 11, 24, 3))
    reviews = [reverse("admin:requests_app_answerreview_read", args=[each.pk]) for each in AnswerReview.objects.all()]
    criteria = dict.fromkeys(["to_the_point", "is_clear", "in_time", "is_polite"], True)
    read = AnswerReview.objects.last()
    actions.review_answer(read, values={**criteria, "mark": 3, "comment": LONG}, by=supervisor)
    models = ("answergrade", "answerreview", "repetition", "qualityrule")
    addresses = [reverse(f"admin:requests_app_{model}_changelist") for model in models]
    addresses += [reverse("admin:requests_app_answergrade_quality") + "?first=2026-11-01&last=2026-11-23", *reviews]
    browser_login(sized_page, supervisor)
    problems = []

    for address in addresses:
        sized_page.goto(address)
        problems += [f"{address}: {problem}" for problem in axe(sized_page)]
        if "/read/" in address or "quality" in address:  # lists of the admin scroll in their own frame
            problems += [f"{address}: {problem}" for problem in too_wide(sized_page)]

    assert problems == []


def too_wide(page):
    width = page.evaluate("document.documentElement.scrollWidth")
    return [f"{width} wide"] if width > page.viewport_size["width"] else []
