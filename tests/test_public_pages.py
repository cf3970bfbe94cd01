"""The pages around the cabinet: public, error, and what the header shows to whom."""

import pytest
from django.db import OperationalError, connection
from django.http import Http404
from django.test import Client
from django.urls import reverse

from accounts.models import LegalForm
from requests_app.models import ServiceTerm
from requests_app.services import SERVICES
from rsmportal import views
from rsmportal.content.models import News
from tests.factories import ConsumerFactory, StaffFactory

PAGES = ["home", "about", "help", "services", "contacts", "news", "display_settings"]


def text_of(response) -> str:
    return response.content.decode().replace("&nbsp;", " ").replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture
def consumer(db):
    return ConsumerFactory(legal_form=LegalForm.COMPANY, organisation="ООО «Вега»").user


@pytest.fixture
def staff(db):
    return StaffFactory(name="Марина Олеговна")


# -- Pages ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("name", PAGES)
def test_page_is_open_to_everybody(client, name):
    response = client.get(reverse(name))

    assert response.status_code == 200
    assert response.content.decode().count("<h1") == 1


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name in PAGES if name != "display_settings"])
def test_page_is_only_read(client, name):
    assert client.post(reverse(name)).status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize("name", PAGES)
def test_every_page_names_the_operator_and_its_phones(client, name):
    html = text_of(client.get(reverse(name)))

    assert "РСМ Энерго" in html
    assert "ул. Менжинского, 2С" in html
    for href in ["tel:+78632503102", "tel:+78632552325", "tel:+78632503128", "tel:88002344655"]:
        assert f'href="{href}"' in html


@pytest.mark.django_db
def test_first_page_offers_three_legal_forms_and_login(client):
    html = client.get("/").content.decode()

    for slug in ["person", "sole-trader", "company"]:
        assert f'href="/accounts/register/{slug}/"' in html
    assert 'href="/accounts/login/"' in html


@pytest.mark.django_db
def test_first_page_shows_three_latest_news(client, django_assert_num_queries):
    for number in range(4):
        News.objects.create(
            title=f"Новость {number}",
            slug=f"n{number}",
            summary="А",
            body="А",
            published_at=f"2026-01-0{number + 1} 12:00Z",
        )

    with django_assert_num_queries(1):
        html = client.get("/").content.decode()

    assert [number for number in range(4) if f"Новость {number}" in html] == [1, 2, 3]


@pytest.mark.django_db
def test_first_page_without_news_has_no_empty_heading(client):
    assert 'id="news"' not in client.get("/").content.decode()


def test_first_page_leads_a_consumer_into_the_cabinet(client, consumer):
    client.force_login(consumer)

    html = text_of(client.get("/"))

    assert 'class="button" href="/cabinet/"' in html
    assert "/accounts/register/person/" not in html


@pytest.mark.django_db
def test_catalogue_shows_every_service_with_its_name_and_term(client, django_assert_num_queries):
    ServiceTerm.objects.all().delete()
    ServiceTerm.objects.create(
        service="complaint", days=21, day_kind="working", legal_basis="Приказ № 7", valid_from="2020-01-01"
    )

    with django_assert_num_queries(1):
        html = text_of(client.get("/services/"))

    for service in SERVICES:
        assert service.title in html
        assert service.summary in html
        assert f'href="/requests/new/{service.slug}/"' in html
    assert "21 рабочий день со дня, следующего за отправкой" in html
    assert "Приказ № 7" in html


@pytest.mark.django_db
def test_catalogue_shows_the_term_of_today(client):
    ServiceTerm.objects.all().delete()
    for days, valid_from in [(10, "2020-01-01"), (12, "2021-01-01"), (99, "2999-01-01")]:
        ServiceTerm.objects.create(
            service="inquiry", days=days, day_kind="calendar", legal_basis="Приказ", valid_from=valid_from
        )

    html = text_of(client.get("/services/"))

    assert "12 календарных дней" in html
    assert "10 календарных дней" not in html
    assert "99 календарных дней" not in html


# -- Header ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_stranger_is_offered_login_and_no_account_menu(client):
    html = client.get("/about/").content.decode()

    assert ">Войти</a>" in html
    assert "account-bar" not in html


def test_consumer_sees_name_form_and_cabinet(client, consumer):
    client.force_login(consumer)

    html = text_of(client.get("/about/"))

    assert "<b>ООО «Вега»</b> <small>Юридическое лицо</small>" in html
    assert 'href="/accounts/profile/"' in html
    assert 'aria-label="Кабинет"' in html
    assert ">Войти</a>" not in html


@pytest.mark.django_db
def test_number_of_a_nameless_company_is_not_its_name(client):
    nameless = ConsumerFactory(legal_form=LegalForm.COMPANY, organisation="")
    client.force_login(nameless.user)

    header = text_of(client.get("/about/")).split("</header>")[0]

    assert nameless.inn not in header
    assert nameless.ogrn not in header


def test_staff_see_their_name_and_the_work_desk(client, staff):
    client.force_login(staff)

    html = text_of(client.get("/about/"))

    assert "<b>Марина Олеговна</b> <small>Сотрудник</small>" in html
    assert 'href="/admin/"' in html
    assert 'aria-label="Кабинет"' not in html


def test_logout_is_a_form_with_a_token(consumer):
    client = Client(enforce_csrf_checks=True)
    client.force_login(consumer)
    html = client.get("/about/").content.decode()
    form = html.split('action="/accounts/logout/"')[1].split("</form>")[0]
    token = form.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]

    response = client.post("/accounts/logout/", {"csrfmiddlewaretoken": token})

    assert response.status_code == 302
    assert "account-bar" not in client.get("/about/").content.decode()


@pytest.mark.parametrize("person", ["consumer", "staff"])
def test_header_costs_session_and_user_only(client, person, request, django_assert_num_queries):
    client.force_login(request.getfixturevalue(person))

    with django_assert_num_queries(2):
        client.get("/about/")


# -- Private pages leave no copies ----------------------------------------------------------------------------------


def test_pages_of_a_logged_in_user_are_not_stored(client, consumer):
    client.force_login(consumer)

    cache_control = client.get("/about/")["Cache-Control"]

    assert {"no-store", "private"} <= set(cache_control.split(", "))


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/accounts/password-reset/", "/cabinet/", "/admin/login/"])
def test_pages_with_personal_data_are_not_stored_before_login_either(client, address):
    assert "no-store" in client.get(address)["Cache-Control"]


@pytest.mark.django_db
def test_public_pages_of_a_stranger_may_be_kept(client):
    assert not client.get("/about/").has_header("Cache-Control")


# -- Health ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_health_is_ok_without_a_session(client, django_assert_num_queries):
    with django_assert_num_queries(1):
        response = client.get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok")
    assert not response.cookies


@pytest.mark.django_db
def test_health_says_when_the_database_is_gone(client, monkeypatch):
    def refuse(*args):
        raise OperationalError

    monkeypatch.setattr(connection, "cursor", refuse)

    assert client.get("/healthz").status_code == 503


# -- Development ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_styleguide_is_for_development_only(client, settings):
    assert client.get("/styleguide/").status_code == 404

    settings.DEBUG = True

    assert client.get("/styleguide/").status_code == 200


# -- Error pages: none of these tests has a database ----------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_error_page_is_drawn_without_database(rf, status):
    handlers = {
        400: lambda request: views.bad_request(request, Exception()),
        403: lambda request: views.permission_denied(request, Exception()),
        404: lambda request: views.page_not_found(request, Http404()),
        500: views.server_error,
    }

    response = handlers[status](rf.get("/"))

    assert response.status_code == status
    assert f"Ошибка {status}" in text_of(response)
    assert "8-800-234-46-55" in text_of(response)


def test_unknown_address_gets_our_page(client):
    response = client.get("/there-is-no-such-page/")

    assert response.status_code == 404
    assert "На этой линии пусто" in text_of(response)


def test_unexpected_failure_gets_our_page(client, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(views, "render", fail)
    client.raise_request_exception = False

    response = client.get("/about/")

    assert response.status_code == 500
    assert "Обрыв на нашей стороне" in text_of(response)


def test_strange_host_gets_our_page(client, settings):
    settings.ALLOWED_HOSTS = ["testserver"]

    response = client.get("/about/", headers={"host": "evil.example"})

    assert response.status_code == 400
    assert "Запрос не разобрать" in text_of(response)
    assert "evil.example" not in text_of(response)


LONG_TEXT = "Прошу разъяснить порядок допуска прибора учёта в эксплуатацию. " * 3


def post_without_token(**headers: str) -> str:
    client = Client(enforce_csrf_checks=True)
    data = {"question": LONG_TEXT, "topic": "metering", "password": "p" * 100}
    response = client.post("/display/", data, headers=headers)
    assert response.status_code == 403
    return text_of(response)


def test_outdated_form_gets_our_page_and_the_text_back():
    html = post_without_token(**{"Sec-Fetch-Site": "same-origin"})

    assert "Форма устарела" in html
    assert LONG_TEXT in html
    assert "metering" not in html


def test_password_is_never_given_back():
    assert "ppp" not in post_without_token(**{"Sec-Fetch-Site": "same-origin"})


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}])
def test_another_site_cannot_write_on_ours(headers):
    html = post_without_token(**headers)

    assert "Форма устарела" in html
    assert LONG_TEXT not in html


# -- In the browser -------------------------------------------------------------------------------------------------


@pytest.fixture
def filled(transactional_db):
    News.objects.create(
        title="Плановые работы 30 ноября",
        slug="works",
        summary="Коротко.",
        body="Текст.",
        published_at="2026-01-01 12:00Z",
    )


ADDRESSES = ["/", "/about/", "/help/", "/services/", "/contacts/", "/news/", "/news/works/", "/display/"]


@pytest.mark.usefixtures("filled")
def test_pages_are_accessible_and_fit_the_screen(sized_page, axe):
    problems = []
    for address in ADDRESSES:
        sized_page.goto(address)
        problems += [f"{address}: {problem}" for problem in axe(sized_page)]
        if not sized_page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            problems.append(f"{address}: wider than the screen")

    assert problems == []


@pytest.mark.usefixtures("filled")
def test_page_fits_a_phone_with_the_largest_text(page320):
    page320.goto("/display/?next=/services/")
    page320.get_by_label("Самый крупный").check()
    page320.get_by_label("Широкие").check()

    page320.get_by_role("button", name="Применить").click()

    assert page320.locator("html").get_attribute("data-text") == "largest"
    assert page320.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.usefixtures("filled")
def test_pages_are_valid_html(client, nu):
    pages = {address.strip("/").replace("/", "-") or "home": client.get(address) for address in ADDRESSES}
    pages["error"] = views.server_error(client.get("/").wsgi_request)

    assert nu({name: response.content.decode() for name, response in pages.items()}) == []


@pytest.mark.usefixtures("filled")
def test_every_link_of_the_public_pages_leads_somewhere(client):
    found = {}
    for address in ADDRESSES:
        for part in client.get(address).content.decode().split('href="')[1:]:
            link = part.split('"')[0].replace("&amp;", "&")
            if link.startswith("/") and not link.startswith("/static/"):
                found[link.split("#")[0]] = address

    broken = {link: address for link, address in found.items() if client.get(link).status_code not in (200, 302)}

    assert len(found) > 15
    assert not broken


@pytest.mark.usefixtures("transactional_db")
def test_menu_opens_without_scripts(page_without_js):
    page_without_js.set_viewport_size({"width": 320, "height": 640})
    page_without_js.goto("/")

    page_without_js.get_by_text("Меню", exact=True).click()

    assert page_without_js.get_by_role("navigation", name="Меню").get_by_text("Контакты").is_visible()


@pytest.mark.usefixtures("transactional_db")
def test_menu_closes_on_escape_and_on_a_press_outside(page320):
    page320.goto("/")
    menu, summary = page320.locator(".site-menu"), page320.get_by_text("Меню", exact=True)

    summary.click()
    page320.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    assert summary.evaluate("summary => summary === document.activeElement")

    summary.click()
    page320.mouse.click(4, 630)
    assert menu.get_attribute("open") is None


@pytest.mark.usefixtures("transactional_db")
def test_skip_link_leads_past_the_header(page):
    page.goto("/")

    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "К содержанию"
    page.keyboard.press("Enter")

    assert page.locator(":focus").get_attribute("id") == "content"
