"""The page of a request in Chromium: canned replies, drafts, colleagues, previews; with scripts and without."""

import re

import pytest
from django.conf import settings
from django.urls import reverse

from requests_app import actions
from requests_app.lifecycle import Status
from requests_app.models import AnswerDraft, CannedReply, Message
from tests.factories import AttachmentFactory, MessageFactory, ServiceRequestFactory, StaffFactory, said
from tests.files import pdf_pages, picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DRAFT_COMES = 10_000  # milliseconds: the pause of the script, and a slow machine


@pytest.fixture
def operator(transactional_db):
    return StaffFactory(group="operator", name="Марина Олеговна")


@pytest.fixture
def service_request(transactional_db):
    CannedReply.objects.create(title="Приедем", text="Приедем по заявке № {номер} на {адрес}.")
    CannedReply.objects.create(title="Договор", text="Договор {договор} в порядке.")
    return ServiceRequestFactory(status=Status.IN_PROGRESS, object_address="ул. Портовая, 71")


def change(service_request):
    return reverse("admin:requests_app_servicerequest_change", args=[service_request.pk])


def answer_page(service_request):
    return reverse("admin:requests_app_servicerequest_transition", args=[service_request.pk, "answer"])


def test_a_canned_reply_is_inserted_without_a_reload_and_sent(sized_page, browser_login, operator, service_request):
    page = sized_page
    browser_login(page, operator)
    page.goto(change(service_request))
    page.get_by_label("Ответ заявителю").fill("Добрый день!")

    page.get_by_label("Готовый ответ").select_option("Приедем")
    page.get_by_role("button", name="Вставить").click()
    text = page.get_by_label("Ответ заявителю")
    assert text.input_value() == f"Добрый день!\n\nПриедем по заявке № {service_request.number} на ул. Портовая, 71."
    assert page.get_by_text("Текст вставлен").is_visible()
    page.get_by_label("Готовый ответ").select_option("Договор")
    page.get_by_role("button", name="Вставить").click()
    assert page.get_by_text("нет значения для {договор}").is_visible()
    text.fill(text.input_value().replace("{договор}", "114"))
    page.get_by_role("button", name="Ответить", exact=True).click()

    page.wait_for_url(re.compile(r"/change/(\?|$)"))
    page.get_by_text("Дан ответ.", exact=True).wait_for()
    assert Message.objects.get().body.endswith("Договор 114 в порядке.")


def test_without_scripts_the_server_inserts_and_keeps(page_without_js, browser_login, operator, service_request):
    page = page_without_js
    browser_login(page, operator)
    page.goto(change(service_request))
    page.get_by_label("Ответ заявителю").fill("Добрый день!")

    page.get_by_label("Готовый ответ").select_option("Приедем")
    page.get_by_role("button", name="Вставить").click()
    page.get_by_role("button", name="Сохранить черновик").click()
    page.goto(change(service_request))

    assert page.get_by_text("черновик от").is_visible()
    text = f"Добрый день!\n\nПриедем по заявке № {service_request.number} на ул. Портовая, 71."
    assert page.get_by_label("Ответ заявителю").input_value() == text
    page.get_by_role("button", name="Удалить черновик").click()
    assert page.get_by_label("Ответ заявителю").input_value() == ""
    assert not AnswerDraft.objects.exists()


def test_what_is_typed_is_kept_by_itself(page, browser_login, operator, service_request):
    browser_login(page, operator)
    page.goto(change(service_request))

    page.get_by_label("Ответ заявителю").press_sequentially("Приедем в среду")
    page.get_by_text("Черновик сохранён в").wait_for(timeout=DRAFT_COMES)
    page.goto(answer_page(service_request))  # nothing asks whether to leave: all of it is kept

    assert page.get_by_label("Ответ заявителю").input_value() == "Приедем в среду"
    page.get_by_role("button", name="Ответить", exact=True).click()
    page.wait_for_url(re.compile(r"/change/(\?|$)"))
    page.wait_for_timeout(2500)  # longer than the pause of the script
    assert not AnswerDraft.objects.exists()
    assert Message.objects.get().body == "Приедем в среду"


def test_a_lost_session_is_told_and_the_text_stays(page, browser_login, operator, service_request):
    browser_login(page, operator)
    page.goto(change(service_request))
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)

    page.get_by_label("Ответ заявителю").press_sequentially("Приедем")

    page.get_by_text("Черновик не сохранён").wait_for(timeout=DRAFT_COMES)
    assert page.get_by_label("Ответ заявителю").input_value() == "Приедем"


def test_two_operators_see_each_other_and_lose_nothing(page, new_context, browser_login, operator, service_request):
    other = new_context().new_page()
    other.clock.install()
    browser_login(page, operator)
    browser_login(other, StaffFactory(group="operator", name="Иванова А."))
    other.goto(change(service_request))
    page.goto(answer_page(service_request))
    assert page.get_by_text("Сейчас эту заявку смотрит Иванова А.").is_visible()

    other.clock.run_for(31_000)
    other.get_by_text("Сейчас эту заявку смотрит Марина Олеговна, пишет ответ.").wait_for()
    other.get_by_label("Ответ заявителю").fill("Мой ответ.")
    owner = service_request.owner
    actions.post_message(service_request, form=said("Уже починили.", by=owner), by=owner)
    other.get_by_role("button", name="Ответить", exact=True).click()

    news = other.get_by_role("region", name="Появилось, пока вы писали")
    assert "Уже починили." in news.inner_text()
    assert other.get_by_label("Ответ заявителю").input_value() == "Мой ответ."
    other.get_by_role("button", name="Ответить", exact=True).click()
    other.wait_for_url(re.compile(r"/change/(\?|$)"))
    assert Message.objects.filter(body="Мой ответ.").count() == 1


def test_files_are_looked_at_in_a_sandbox(sized_page, browser_login, operator, service_request, axe, console):
    console.allow("Applying inline style")  # axe does it itself
    console.allow("404")  # axe looks for the style sheets that Django's import beside the page
    files = [
        AttachmentFactory(service_request=service_request, original_name="Договор.pdf", data=pdf_pages(2)),
        AttachmentFactory(
            service_request=service_request,
            original_name="Фото.png",
            data=picture("PNG", size=(2400, 300)),
            content_type="image/png",
        ),
    ]
    page = sized_page
    browser_login(page, operator)
    for file in files:
        page.goto(change(service_request))
        page.get_by_role("link", name=f"Посмотреть {file.original_name}").click()

        pictures = page.locator("figure img")
        for number in range(pictures.count()):
            pictures.nth(number).scroll_into_view_if_needed()
            page.wait_for_function("n => document.querySelectorAll('figure img')[n].naturalWidth > 0", arg=number)
        assert pictures.count() == (2 if file.original_name.endswith("pdf") else 1)
        width = page.viewport_size["width"]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert not axe(page)


def test_the_page_is_accessible_and_fits(sized_page, browser_login, operator, service_request, axe, console):
    console.allow("Applying inline style")  # axe does it itself
    console.allow("404")  # as above
    colleague = StaffFactory(group="operator", name="Иванова А.")
    MessageFactory(service_request=service_request, author=colleague, body="Слово" * 60)
    ServiceRequestFactory(owner=service_request.owner, subject="Предмет" * 20)
    for by, form in ((colleague, "answer"), (operator, "answer"), (operator, "ask")):
        AnswerDraft.objects.create(service_request=service_request, author=by, form=form, answers="comment=1")
    actions.note_presence(service_request, by=colleague, is_writing=True)
    page = sized_page
    browser_login(page, operator)

    for address in (change(service_request), answer_page(service_request)):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], address
        assert not axe(page)
    page.goto(reverse("admin:requests_app_servicerequest_change", args=[service_request.pk]))
    page.get_by_role("button", name="Ответить", exact=True).click()
    assert not axe(page)


def test_canned_replies_are_written_without_complaints(sized_page, browser_login, transactional_db, console):
    page = sized_page
    browser_login(page, StaffFactory(group="editor"))
    page.goto(reverse("admin:requests_app_cannedreply_add"))

    page.get_by_label("Название").fill("Новый")
    page.get_by_label("Текст", exact=False).first.fill("Здравствуйте, {фио}!")
    page.get_by_role("button", name="Сохранить", exact=True).click()

    assert "Таких слов в скобках нет: {фио}" in page.locator(".errorlist").inner_text().replace("\u00a0", " ")
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
