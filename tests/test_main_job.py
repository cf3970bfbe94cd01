"""
The main job in a real browser: each legal form registers, logs in, files every service with a file; an operator answers
in the admin; the consumer sees the answer and gets the letters, which a real SMTP server receives.
"""

import pytest
from django.core.management import call_command

from accounts import legal_forms
from accounts.captcha import LIFETIME
from accounts.models import Consumer, LegalForm
from accounts.text_question import TextQuestion
from requests_app import services
from requests_app.models import ServiceRequest
from tests import factories, robot
from tests.factories import StaffFactory
from tests.scenes import SCENES

PASSWORD = "rostov-na-donu-2026"

# The number that is typed at first is wrong in its last digit: (field, right number).
NUMBERS = {
    LegalForm.PERSON: {"snils": factories.snils(77)},
    LegalForm.SOLE_TRADER: {"ogrnip": factories.ogrnip(77)},
    LegalForm.COMPANY: {"inn": factories.company_inn(77), "ogrn": factories.ogrn(77)},
}
LOGIN_NUMBER = {LegalForm.PERSON: "snils", LegalForm.SOLE_TRADER: "ogrnip", LegalForm.COMPANY: "inn"}
NAMES = {"last_name": "Самойлов", "first_name": "Николай", "middle_name": "Петрович", "phone": "8 (928) 123-45-67"}


@pytest.mark.parametrize("legal_form", LegalForm)
def test_main_job(sized_page, new_context, smtp, legal_form):
    StaffFactory(email="operator@example.org", group="operator")

    register(sized_page, legal_form)
    log_out(sized_page)
    log_in(sized_page, "  Consumer@Example.ORG ")
    log_out(sized_page)
    log_in(sized_page, spaced(NUMBERS[legal_form][LOGIN_NUMBER[legal_form]]))
    numbers = [file_request(sized_page, service) for service in services.SERVICES]
    desk = new_context(viewport={"width": 1280, "height": 800}).new_page()
    log_in_to_desk(desk)
    answer(desk, numbers[0])
    call_command("mail_worker", once=True)

    assert_answer_is_seen(sized_page, numbers[0])
    assert_letters(smtp, numbers)


def test_main_job_without_javascript(page_without_js, new_context, smtp):
    StaffFactory(email="operator@example.org", group="operator")
    desk = new_context(java_script_enabled=False).new_page()

    register(page_without_js, LegalForm.PERSON)
    log_out(page_without_js)
    log_in(page_without_js, "consumer@example.org")
    numbers = [file_request(page_without_js, service) for service in services.SERVICES]
    log_in_to_desk(desk)
    answer(desk, numbers[0])
    call_command("mail_worker", once=True)

    assert_answer_is_seen(page_without_js, numbers[0])
    assert_letters(smtp, numbers)


# -- The consumer ---------------------------------------------------------------------------------------------------


def register(page, legal_form):
    page.goto("/")
    page.locator("main").get_by_role("link", name=legal_form.label).click()
    page.locator("[name=accept]").check()
    page.get_by_role("button", name="Продолжить").click()
    numbers = NUMBERS[legal_form]
    for name, number in numbers.items():
        page.locator(f"[name={name}]").fill(mutated(number))
    if legal_form != LegalForm.COMPANY:
        for name, value in NAMES.items():
            page.locator(f"[name={name}]").fill(value)
    page.locator("[name=email]").fill("consumer@example.org")
    page.locator("[name=password]").fill(PASSWORD)
    pass_captcha(page)
    page.get_by_role("button", name="Зарегистрироваться").click()

    for name, number in numbers.items():
        field = page.locator(f"[name={name}]")
        assert field.get_attribute("aria-invalid") == "true", f"{name} is not marked"
        field.fill(spaced(number))
    assert page.locator("[name=email]").input_value() == "consumer@example.org", "what was typed is lost"
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Зарегистрироваться").click()
    page.wait_for_url("**/cabinet/")
    assert Consumer.objects.get(user__email="consumer@example.org").legal_form == legal_form
    assert legal_forms.get(legal_form).title in page.locator(".account-bar").inner_text()


def mutated(number):
    """The number with another last digit."""
    return number[:-1] + str((int(number[-1]) + 1) % 10)


def spaced(number):
    return f"{number[:3]}-{number[3:6]} {number[6:]}"


def pass_captcha(page):
    box = page.locator("altcha-widget input[type=checkbox]")
    if box.count():
        box.check()
        page.locator("altcha-widget [data-state=verified]").wait_for()
        return
    question = TextQuestion.asked(page.locator("[name=captcha_question]").input_value(), max_age=LIFETIME)
    page.locator("[name=captcha_answer]").fill(str(question.answer))


def log_out(page):
    page.locator(".account > summary").click()
    page.get_by_role("button", name="Выйти").click()
    page.wait_for_url("**/")


def log_in(page, username):
    page.goto("/accounts/login/")
    main = page.locator("main")
    main.locator("[name=username]").fill(username)
    main.locator("[name=password]").fill(PASSWORD)
    main.get_by_role("button", name="Войти").click()
    page.wait_for_url("**/cabinet/")


def file_request(page, service):
    owner = Consumer.objects.get(user__email="consumer@example.org").user
    answers = SCENES[service.slug](owner) if service.slug in SCENES else service.example
    page.goto("/cabinet/")
    page.locator("main").get_by_role("link", name=service.title).click()
    number = robot.go_through(page, {**answers, "files": robot.PHOTO})
    if "files" in service.form_class.common:
        assert page.get_by_role("link", name=robot.PHOTO).count() == 1
    return number


def assert_answer_is_seen(page, number):
    page.goto(f"/requests/{number}/")
    assert page.locator(".page-title .status").get_attribute("data-status") == "answered"
    assert page.get_by_text("Офис работает с девяти до восемнадцати.").count() == 1


def assert_letters(smtp, numbers):
    """One letter for each request, then one for each step of the first; never what was said."""
    news = {each.number: each.kind.registered_news for each in ServiceRequest.objects.all()}
    subjects = [str(letter["Subject"]).strip() for letter in smtp.messages if letter["To"] == "consumer@example.org"]
    for number in numbers:
        assert subjects.count(f"Заявка № {number} {news[number]}") == 1
    assert sum("ответ готов" in subject for subject in subjects) == 1
    assert not any("с девяти до восемнадцати" in body(letter) for letter in smtp.messages)


def body(letter):
    return "".join(part.get_content() for part in letter.walk() if part.get_content_maintype() == "text")


# -- The operator ---------------------------------------------------------------------------------------------------


def log_in_to_desk(page):
    page.goto("/admin/login/")
    page.locator("[name=username]").fill("operator@example.org")
    page.locator("[name=password]").fill(factories.PASSWORD)
    page.locator("#login-form [type=submit]").click()
    page.wait_for_url("**/admin/")


def answer(page, number):
    page.goto(f"/admin/requests_app/servicerequest/?q={number}")
    page.locator("#result_list").get_by_role("link", name=number).click()
    page.get_by_role("button", name="Взять в работу").click()
    page.get_by_role("link", name="Ответить", exact=True).click()
    page.locator("[name=comment]").fill("Офис работает с девяти до восемнадцати.")
    page.get_by_role("button", name="Ответить", exact=True).click()
    page.wait_for_url("**/change/?*")
    assert ServiceRequest.objects.get(number=number).status == "answered"
