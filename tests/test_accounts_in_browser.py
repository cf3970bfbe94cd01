"""The way into the cabinet as a person goes it, in Chromium; and every page of accounts under axe and the Nu checker."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect
from post_office.models import Email

from accounts import actions
from accounts.legal_forms import LEGAL_FORMS
from accounts.models import LegalForm, User
from accounts.text_question import TextQuestion
from tests.factories import PASSWORD, ConsumerFactory, UserFactory

KINDS = {kind.slug: kind for kind in LEGAL_FORMS}
NEW_PASSWORD = "трезубец-и-лампа"
WRONG = {
    "person": ("СНИЛС", "112-233-445 96"),
    "sole-trader": ("ОГРНИП", "304500116000158"),
    "company": ("ИНН", "6166000061"),
}


def pass_agreement(page, address):
    page.goto(address)
    page.get_by_role("checkbox", name="Даю согласие").check()
    page.get_by_role("button", name="Продолжить").click()


def fill(page, slug, email):
    for name, value in {**KINDS[slug].example, "email": email, "password": NEW_PASSWORD}.items():
        page.locator(f"main [name={name}]").fill(value)


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("slug", KINDS)
def test_each_legal_form_registers_and_logs_in_by_number(sized_page, console, slug):
    page, (label, wrong) = sized_page, WRONG[slug]
    pass_agreement(page, reverse("accounts:register", args=[slug]))

    fill(page, slug, f"{slug}@example.org")
    page.get_by_label(label, exact=True).fill(wrong)
    page.get_by_role("checkbox", name="Я не робот").click()
    page.get_by_role("button", name="Зарегистрироваться").click()
    expect(page.get_by_label(label, exact=True)).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("alert")).to_be_focused()
    assert fits(page)

    fill(page, slug, f"{slug}@example.org")
    page.get_by_role("button", name="Зарегистрироваться").click()
    page.wait_for_url("**/cabinet/")
    name = User.objects.get(email=f"{slug}@example.org").display_name
    page.get_by_text(name).first.click()
    page.get_by_role("button", name="Выйти").click()

    page.goto(reverse("accounts:login"))
    number = next(value for field, value in KINDS[slug].example.items() if field in ("snils", "ogrnip", "inn"))
    page.get_by_label("Email, ИНН, ОГРНИП или СНИЛС").fill(number)
    page.get_by_label("Пароль", exact=True).fill(NEW_PASSWORD)
    page.get_by_role("button", name="Войти").click()
    page.wait_for_url("**/cabinet/")


def test_registration_does_without_javascript(page_without_js):
    page = page_without_js
    pass_agreement(page, reverse("accounts:register", args=["person"]))

    fill(page, "person", "nojs@example.org")
    token = page.locator("[name=captcha_question]").get_attribute("value")
    page.locator("[name=captcha_answer]").fill(str(_answer_to(token)))
    page.get_by_role("button", name="Зарегистрироваться").click()

    page.wait_for_url("**/cabinet/")


def _answer_to(token):
    """What somebody who reads the question would answer."""
    return TextQuestion.asked(token, max_age=timedelta(minutes=1)).answer


def test_known_email_offers_the_ways_on(page, console):
    UserFactory(email="ivan@example.org")
    pass_agreement(page, reverse("accounts:register", args=["company"]))

    fill(page, "company", "ivan@example.org")
    page.get_by_role("checkbox", name="Я не робот").click()
    page.get_by_role("button", name="Зарегистрироваться").click()

    expect(page.get_by_label("Ваш email")).to_have_attribute("aria-invalid", "true")
    page.get_by_role("main").get_by_role("link", name="Задать новый пароль").click()
    expect(page.get_by_role("heading", name="Забыли пароль?")).to_be_visible()


def test_password_can_be_looked_at(page, console):
    pass_agreement(page, reverse("accounts:login"))
    password = page.locator("[name=password]")
    password.fill("secret")

    page.get_by_role("button", name="Показать пароль").click()

    expect(password).to_have_attribute("type", "text")


def test_back_after_logout_shows_nothing(page, console, browser_login):
    browser_login(page, ConsumerFactory(agreed=True).user)
    page.goto(reverse("accounts:profile"))
    page.get_by_text("Самойлов Николай Петрович").first.click()
    page.get_by_role("button", name="Выйти").click()
    page.wait_for_url("**/")

    page.go_back()

    expect(page).to_have_url(re.compile(r"/(consent|accounts/login)/"))
    assert "112-" not in page.content()


def test_withdrawing_consent_closes_the_cabinet_until_it_is_given(page, console, browser_login):
    browser_login(page, ConsumerFactory(agreed=True).user)
    page.goto(reverse("accounts:profile"))

    page.get_by_text("Отозвать", exact=True).first.click()
    page.get_by_role("button", name="Отозвать согласие").click()
    expect(page.get_by_text("Вы отозвали согласие")).to_be_visible()
    page.get_by_role("checkbox", name="Даю согласие").check()
    page.get_by_role("button", name="Продолжить").click()

    expect(page.get_by_role("heading", name="Профиль")).to_be_visible()


# -- Every page -----------------------------------------------------------------------------------------------------


@pytest.fixture
def user(transactional_db):
    return ConsumerFactory(
        agreed=True, legal_form=LegalForm.COMPANY, organisation="", contact_name="", phone="", user__password=PASSWORD
    ).user


def public_pages(user):
    actions.send_confirmation(user)
    return [
        reverse("accounts:consent"),
        reverse("accounts:privacy"),
        reverse("accounts:login"),
        *(reverse("accounts:register", args=[slug]) for slug in KINDS),
        reverse("accounts:password_reset"),
        reverse("accounts:password_reset_done"),
        reverse("accounts:password_reset_complete"),
        re.search(r"/accounts/confirm-email/\S+", Email.objects.get().message)[0],
        reverse("accounts:confirm_email", args=["x"]),
        reverse("accounts:password_reset_confirm", args=["x", "y-z"]),
    ]


PRIVATE = ["/accounts/profile/", "/accounts/password/"]


def test_pages_are_accessible_and_fit_the_screen(sized_page, console, browser_login, axe, user):
    console.allow("404")
    console.allow("Applying inline style")  # axe does it itself, to look at what a script has hidden
    page, problems = sized_page, []

    def look(address):
        problems.extend(f"{address}: {problem}" for problem in axe(page))
        if not fits(page):
            problems.append(f"{address}: wider than the screen")

    def unfold():
        for fold in page.locator("main details.disclosure").all():
            fold.locator("summary").first.click()

    pass_agreement(page, reverse("accounts:register", args=["person"]))
    for address in public_pages(user):
        page.goto(address)
        unfold()
        look(address)
    for address in [reverse("accounts:register", args=["person"]), reverse("accounts:login"), "/consent/"]:
        page.goto(address)
        page.locator("main [type=submit]").first.click()
        look(f"{address} refused")
    browser_login(page, user)
    for address in PRIVATE:
        page.goto(address)
        unfold()
        look(address)

    assert problems == []


@pytest.mark.django_db
def test_pages_are_valid_html(client, nu, user):
    client.post(reverse("accounts:consent"), {"accept": "on"})
    addresses = public_pages(user)
    pages = {f"public-{n}": client.get(address, follow=True).content.decode() for n, address in enumerate(addresses)}
    pages["refused"] = client.post(reverse("accounts:register", args=["person"]), {"email": "x"}).content.decode()
    pages["consent"] = client.post(reverse("accounts:consent"), {}).content.decode()
    client.force_login(user)
    pages |= {f"private-{n}": client.get(address).content.decode() for n, address in enumerate(PRIVATE)}
    pages["profile-refused"] = client.post(PRIVATE[0], {}).content.decode()

    assert nu(pages) == []
