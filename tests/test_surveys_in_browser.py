"""Surveys in Chromium: accessible, narrow enough, valid, the whole way from building one to its results."""

import pytest
from django.urls import reverse

from accounts.models import LegalForm
from requests_app import actions
from requests_app.models import ServiceRequest
from requests_app.services.survey.answers import Answer, Participation
from requests_app.services.survey.models import Survey
from tests.factories import ConsumerFactory, StaffFactory
from tests.surveys import EVERY_KIND, answered, answers, make_survey

LIST = reverse("requests:surveys")
LONG = "Оченьдлинноеслово" * 6


@pytest.fixture
def user(db):
    """A consumer with a survey to answer, one that was begun, an answered one with names and an anonymous one."""
    user = ConsumerFactory().user
    long = [{**each, "text": LONG, "help_text": LONG} for each in EVERY_KIND]
    long[2] = {**long[2], "options": [LONG, f"{LONG}ё"]}
    make_survey(*long, title=LONG, purpose=LONG)
    for is_anonymous in (True, False):
        answered(make_survey(title="Ответ", is_anonymous=is_anonymous), owner=user, text=LONG)
    over = make_survey(title="Закончился")
    answered(over)
    actions.close_survey(over, by=StaffFactory(group="supervisor"))
    return user


def addresses(user):
    pages = {"list": LIST, "cabinet": reverse("requests:cabinet")}
    pages |= {f"survey-{survey.pk}": survey.get_absolute_url() for survey in Survey.objects.filter(title=LONG)}
    pages |= {f"answer-{sent.pk}": sent.get_absolute_url() for sent in ServiceRequest.objects.owned_by(user)}
    return {**pages, "over": Survey.objects.get(title="Закончился").get_absolute_url()}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [320, 1280])
def test_pages_are_accessible_and_fit(new_context, browser_login, user, axe, console, width):
    console.allow("Applying inline style")  # axe does it itself, to look at what a script has hidden
    page = new_context(viewport={"width": width, "height": 800}).new_page()
    browser_login(page, user)
    problems = []

    for name, address in addresses(user).items():
        assert page.goto(address).status == 200, name
        problems += [f"{name}: {problem}" for problem in axe(page)]
        found = page.evaluate("document.documentElement.scrollWidth")
        problems += [f"{name} is {found} wide"] if found > width else []

    assert problems == []


def desk_addresses():
    closed, named = Survey.objects.get(title="Закончился"), Survey.objects.filter(is_anonymous=False)[0]
    names = {"results": named, "change": closed, "publish": named, "close": named, "copy": named}
    pages = {name: reverse(f"admin:requests_app_survey_{name}", args=[survey.pk]) for name, survey in names.items()}
    pages["built"] = reverse("admin:requests_app_survey_change", args=[Survey.objects.get(title=LONG).pk])
    pages["waiting"] = reverse("admin:requests_app_survey_results", args=[closed.pk])
    pages["surveys"] = reverse("admin:requests_app_survey_changelist")
    return {**pages, "new": reverse("admin:requests_app_survey_add")}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [400, 1280])
def test_the_desk_is_quiet_and_fits(new_context, browser_login, user, axe, console, width):
    console.allow("Applying inline style")  # axe does it itself, to look at what a script has hidden
    page = new_context(viewport={"width": width, "height": 800}).new_page()
    browser_login(page, StaffFactory(group="supervisor"))
    problems = []

    for name, address in desk_addresses().items():
        assert page.goto(address).status == 200, name
        own_markup = name in ("results", "waiting", "publish", "close", "copy")
        problems += [f"{name}: {problem}" for problem in axe(page)] if own_markup else []
        found = page.evaluate("document.documentElement.scrollWidth")
        problems += [f"{name} is {found} wide"] if found > width else []

    assert problems == []


@pytest.mark.parametrize("width", [320, 1280])
def test_hidden_numbers_fit_too(new_context, browser_login, transactional_db, width):
    """«скрыто» is wider than a number, and stands in every column."""
    survey = make_survey(*EVERY_KIND)
    for legal_form in [*LegalForm, *LegalForm, LegalForm.PERSON]:
        answered(survey, legal_form=legal_form)
    actions.close_survey(survey, by=StaffFactory(group="supervisor"))
    page = new_context(viewport={"width": width, "height": 800}).new_page()
    browser_login(page, StaffFactory(group="supervisor"))

    page.goto(reverse("admin:requests_app_survey_results", args=[survey.pk]))

    assert page.get_by_text("скрыто").count() > 20
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.django_db
def test_pages_are_valid_html(client, user, nu):
    client.force_login(user)
    pages = {name: client.get(address).content.decode() for name, address in addresses(user).items()}
    survey = Survey.objects.get(title=LONG)
    pages["refused"] = client.post(survey.get_absolute_url(), answers(survey, scale=None)).content.decode()
    client.force_login(ConsumerFactory(legal_form="company").user)
    Survey.objects.filter(closed_at=None, participations=None).update(for_companies=False)
    pages["list-of-others"] = client.get(LIST).content.decode()

    assert nu(pages) == []


def test_a_survey_is_built_answered_and_read_on_any_screen(sized_page, browser_login, transactional_db):
    page = sized_page
    user, supervisor = ConsumerFactory().user, StaffFactory(group="supervisor")
    browser_login(page, supervisor)
    page.goto(reverse("admin:requests_app_survey_add"))
    page.get_by_label("Название").fill("Очный приём")
    page.get_by_label("Для чего опрос").fill("Выбираем часы.")
    page.get_by_label("Первый день").fill("01.01.2026")
    page.get_by_label("Последний день").fill("31.12.2030")
    page.get_by_label("Анонимный").uncheck()
    for number, (kind, text) in enumerate([("scale", "Удобно ли добираться?"), ("one", "Когда приходите?")]):
        prefix = f"#id_questions-{number}"
        page.locator(f"{prefix}-kind").select_option(kind)
        page.locator(f"{prefix}-text").fill(text)
    page.locator("#id_questions-1-option_lines").fill("Утром\nДнём")
    page.get_by_role("button", name="Сохранить и продолжить").click()
    page.get_by_role("link", name="Опубликовать").click()
    page.get_by_role("button", name="Опубликовать").click()
    page.get_by_text("Опрос опубликован.").wait_for()

    browser_login(page, user)
    page.goto(reverse("requests:cabinet"))
    page.get_by_role("link", name="Ответить", exact=True).click()
    page.get_by_role("button", name="Отправить ответы").click()
    assert page.locator("[data-error-summary]").evaluate("node => node === document.activeElement")
    page.get_by_role("radio", name="4").check()
    assert page.locator("[data-given]").inner_text() == "1"
    page.get_by_role("button", name="Сохранить и продолжить позже").click()
    page.get_by_role("link", name="Продолжить").first.click()
    assert page.get_by_role("radio", name="4").is_checked()
    page.get_by_role("radio", name="Днём").check()
    page.get_by_role("button", name="Отправить ответы").dblclick()
    page.get_by_text("Спасибо, ответы приняты.").wait_for()
    assert "Днём" in page.content()

    browser_login(page, supervisor)
    page.goto(reverse("admin:requests_app_survey_results", args=[Survey.objects.get().pk]))
    table = page.get_by_role("region", name="2. Когда приходите?").get_by_role("row", name="Днём")
    assert "100" in table.inner_text()
    assert Participation.objects.count() == ServiceRequest.objects.count() == 1


def test_everything_works_without_scripts(page_without_js, browser_login, transactional_db):
    page = page_without_js
    survey = make_survey()
    browser_login(page, ConsumerFactory().user)

    page.goto(survey.get_absolute_url())
    page.get_by_role("group", name="1. Довольны").get_by_role("radio", name="4").check()
    page.get_by_role("button", name="Сохранить и продолжить позже").click()
    page.get_by_role("link", name="Продолжить").first.click()
    assert "Отвечено 1 из 7" in page.locator("#progress").inner_text().replace("\N{NO-BREAK SPACE}", " ")
    page.get_by_role("group", name="2. Посоветуете").get_by_role("radio", name="10").check()
    page.get_by_role("radio", name="Да, всё понятно").check()
    page.get_by_role("radio", name="Да", exact=True).check()
    page.get_by_role("button", name="Отправить ответы").click()
    page.get_by_text("Спасибо, ответы приняты.").wait_for()

    assert Answer.objects.count() == 4


def test_a_scale_is_answered_by_keyboard(page, browser_login, transactional_db):
    survey = make_survey()
    browser_login(page, ConsumerFactory().user)

    page.goto(survey.get_absolute_url())
    page.get_by_role("group", name="1. Довольны").get_by_role("radio", name="1").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")

    assert page.get_by_role("group", name="1. Довольны").get_by_role("radio", name="3").is_checked()
