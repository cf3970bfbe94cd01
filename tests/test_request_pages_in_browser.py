"""The consumer's request pages in Chromium: accessible, narrow enough, valid, and what scripts add to them."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import LegalForm
from requests_app.lifecycle import Status
from requests_app.models import MessageKind
from requests_app.services import SERVICES, survey
from tests.factories import (
    AttachmentFactory,
    ConsumerFactory,
    MessageFactory,
    ServiceRequestFactory,
    StaffFactory,
)
from tests.files import upload

COMPLAINT = reverse("requests:submit", args=["complaint"])


@pytest.fixture
def user(db):
    """A consumer with a request in every state, each with a talk and files, and one whose answer is late."""
    user = ConsumerFactory().user
    operator = StaffFactory(group="operator")
    for status in Status:
        service_request = ServiceRequestFactory(owner=user, status=status)
        AttachmentFactory(service_request=service_request, original_name=f"{'Очень_длинное_имя_' * 8}.pdf")
        MessageFactory(service_request=service_request, body="Когда приедет мастер?\n\nЖду у подъезда.")
        kind = {Status.REFUSED: MessageKind.REFUSAL, Status.AWAITING_CONSUMER: MessageKind.QUESTION}
        MessageFactory(service_request=service_request, author=operator, kind=kind.get(status, MessageKind.ANSWER))
    ServiceRequestFactory(owner=user, due_on="2026-01-12")
    return user


def addresses(user):
    """Every consumer's page of requests_app, by name."""
    own = {request.status: request for request in user.service_requests.order_by("-pk")}
    pages = {
        "cabinet": reverse("requests:cabinet"),
        "list": reverse("requests:list"),
        "nothing-found": reverse("requests:list") + "?q=zzz",
        "new": reverse("requests:new"),
        "receipt": reverse("requests:receipt", args=[own[Status.CLOSED].number]),
        "late": own[Status.REGISTERED].get_absolute_url(),
        "too-late": reverse("requests:transition", args=[own[Status.CLOSED].number, "dispute"]),
    }
    pages |= {service.slug: reverse("requests:submit", args=[service.slug]) for service in SERVICES}
    pages |= {status: request.get_absolute_url() for status, request in own.items()}
    for name, status in {"withdraw": "in_progress", "accept": "answered", "dispute": "answered"}.items():
        pages[name] = reverse("requests:transition", args=[own[status].number, name])
    return pages


@pytest.mark.django_db(transaction=True)
def test_pages_are_accessible_and_fit_the_screen(sized_page, browser_login, user, axe):
    browser_login(sized_page, user)
    problems = []

    for name, address in addresses(user).items():
        sized_page.goto(address)
        problems += [f"{name}: {problem}" for problem in axe(sized_page)]
        width = sized_page.evaluate("document.documentElement.scrollWidth")
        problems += [f"{name} is {width} wide"] if width > sized_page.viewport_size["width"] else []

    assert problems == []


@pytest.mark.django_db(transaction=True)
def test_every_colour_is_readable_in_the_dark(new_context, browser_login, user, axe):
    page = new_context(color_scheme="dark").new_page()
    browser_login(page, user)
    pages = addresses(user)
    problems = []

    for name in ("cabinet", "complaint", "late", Status.AWAITING_CONSUMER, Status.ANSWERED, Status.REFUSED):
        page.goto(pages[name])
        problems += [f"{name}: {problem}" for problem in axe(page)]

    assert problems == []


@pytest.mark.django_db
def test_pages_are_valid_html(client, user, nu):
    client.force_login(user)
    pages = {name: client.get(address).content.decode() for name, address in addresses(user).items()}
    pages |= {
        f"{service.slug}-refused": refused(client, service.slug)
        for service in SERVICES
        if service is not survey.SERVICE
    }
    client.force_login(ConsumerFactory(legal_form=LegalForm.COMPANY, organisation="").user)
    pages["newcomer"] = client.get(reverse("requests:cabinet")).content.decode()
    pages["empty-list"] = client.get(reverse("requests:list")).content.decode()

    assert nu(pages) == []


def refused(client, slug):
    answers = {
        "category": "energy",
        "reply_channel": "post",
        "way": "call",
        "files": [upload("Акт.pdf"), upload("bad.exe")],
    }
    return client.post(reverse("requests:submit", args=[slug]), answers).content.decode()


@pytest.mark.django_db(transaction=True)
def test_questions_about_supply_show_up_with_such_a_category_and_are_sent_only_then(page, browser_login, user):
    browser_login(page, user)
    page.goto(COMPLAINT)
    began = page.get_by_label("Началось")
    expect(began).to_be_hidden()

    page.get_by_label("Качество электрической энергии").check()
    began.fill("2026-01-12T18:30")
    page.get_by_label("Качество обслуживания потребителей").check()

    expect(began).to_be_hidden()
    assert page.locator("main form").evaluate("form => new FormData(form).has('began_at')") is False


@pytest.mark.django_db(transaction=True)
def test_without_scripts_every_question_is_in_sight(page_without_js, browser_login, user):
    browser_login(page_without_js, user)

    page_without_js.goto(COMPLAINT)

    expect(page_without_js.get_by_label("Началось")).to_be_visible()
    expect(page_without_js.get_by_label("Почтовый адрес для ответа")).to_be_visible()


@pytest.mark.django_db(transaction=True)
def test_the_room_that_is_left_is_told_when_little_is_left(page, browser_login, user):
    browser_login(page, user)
    page.goto(reverse("requests:submit", args=["inquiry"]))
    question = page.get_by_label("Вопрос")

    question.fill("я" * 100)
    expect(page.locator(".hint", has_text="Осталось")).to_be_hidden()
    question.fill("я" * 3979)

    expect(page.locator(".hint", has_text="Остался 21\N{NO-BREAK SPACE}знак")).to_be_visible()


@pytest.mark.django_db(transaction=True)
def test_a_written_text_is_not_left_behind_without_asking(page, browser_login, user):
    browser_login(page, user)
    page.goto(reverse("requests:submit", args=["inquiry"]))
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))

    page.get_by_label("Вопрос").fill("Хочу спросить")
    page.get_by_role("link", name="Новая заявка", exact=True).click()
    page.wait_for_url("**/requests/new/")

    assert asked == ["beforeunload"]


@pytest.mark.django_db(transaction=True)
def test_sending_a_text_asks_nothing(page, browser_login, user):
    browser_login(page, user)
    page.goto(reverse("requests:submit", args=["inquiry"]))
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))

    page.get_by_label("Другое").check()
    page.get_by_label("Вопрос").fill("Хочу спросить о тарифах")
    page.get_by_role("button", name="Запросить справку").click()

    expect(page.get_by_text("отправлена. Письмо придёт")).to_be_visible()
    assert asked == []


@pytest.mark.django_db(transaction=True)
def test_the_receipt_has_a_print_button_and_fits_one_sheet(page, browser_login, user):
    browser_login(page, user)
    page.goto(addresses(user)["receipt"])

    expect(page.get_by_role("button", name="Напечатать")).to_be_visible()
    assert page.pdf(format="A4").count(b"/Type /Page\n") == 1
