"""Login by e-mail or number, how long it lasts, and what stops guessing."""

from unittest.mock import patch

import pytest
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.hashers import MD5PasswordHasher
from django.urls import reverse

from accounts.models import LegalForm
from tests.factories import PASSWORD, ConsumerFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db

LOGIN = reverse("accounts:login")
LOGOUT = reverse("accounts:logout")
CABINET = reverse("requests:cabinet")
PROFILE = reverse("accounts:profile")


@pytest.fixture
def person():
    return ConsumerFactory(agreed=True, user__email="ivan@example.org", snils="11223344595").user


@pytest.fixture
def sole_trader():
    return ConsumerFactory(
        agreed=True, legal_form=LegalForm.SOLE_TRADER, ogrnip="304500116000157", inn="500100732259"
    ).user


@pytest.fixture
def company():
    return ConsumerFactory(agreed=True, legal_form=LegalForm.COMPANY, inn="6166000060", ogrn="1026100000080").user


def log_in(client, username, password=PASSWORD, **fields):
    return client.post(LOGIN, {"username": username, "password": password, **fields})


def refusal(response):
    """What the page says, as code and as text."""
    error = response.context["form"].errors.as_data()["__all__"][0]
    return response.status_code, error.code, response.context["form"].non_field_errors()[0]


# -- Under which name -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["ivan@example.org", "IVAN@Example.ORG", "  ivan@example.org "])
def test_email_in_any_case(client, person, typed):
    assert log_in(client, typed)["Location"] == CABINET
    assert get_user(client) == person


@pytest.mark.parametrize("typed", ["11223344595", "112-233-445 95", "112 233 445 95", "112–233‑445\xa095"])
def test_snils_with_any_separators(client, person, typed):
    log_in(client, typed)

    assert get_user(client) == person


@pytest.mark.parametrize("typed", ["304500116000157", "3 045 001 160 001 57", "500100732259"])
def test_sole_trader_by_ogrnip_or_inn(client, sole_trader, typed):
    log_in(client, typed)

    assert get_user(client) == sole_trader


@pytest.mark.parametrize("typed", ["6166000060", "61 66-000060"])
def test_company_by_inn(client, company, typed):
    log_in(client, typed)

    assert get_user(client) == company


def test_number_that_two_hold_opens_neither_but_the_email_does(client, company):
    ConsumerFactory(legal_form=LegalForm.COMPANY, inn=company.consumer.inn)

    refused = log_in(client, company.consumer.inn)

    assert refusal(refused) == refusal(log_in(client, "nobody@example.org"))
    assert log_in(client, company.email)["Location"] == CABINET


def test_closed_account_does_not_bar_the_number(client, company):
    ConsumerFactory(legal_form=LegalForm.COMPANY, inn=company.consumer.inn, user__is_active=False)

    log_in(client, company.consumer.inn)

    assert get_user(client) == company


# -- Refused --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("ivan@example.org", "не тот пароль"),
        ("nobody@example.org", PASSWORD),
        ("closed@example.org", PASSWORD),
        ("closed@example.org", "не тот пароль"),
        ("11223344595", "не тот пароль"),
        ("123-456-789 64", PASSWORD),
        ("1026100000080", PASSWORD),
        ("Иван", PASSWORD),
        ("１１２２３３４４５９５", PASSWORD),
    ],
)
def test_refusal_is_the_same_for_all(client, person, company, username, password):
    UserFactory(email="closed@example.org", is_active=False)

    response = log_in(client, username, password)

    assert refusal(response) == refusal(log_in(client, "a@example.org", "б"))
    assert refusal(response)[1] == "invalid_login"
    assert get_user(client).is_anonymous
    assert username in response.content.decode()


@pytest.mark.parametrize("username", ["ivan@example.org", "nobody@example.org", "11223344595", "6166000060", "Иван"])
def test_unknown_name_takes_as_long_as_a_wrong_password(client, person, username):
    with patch.object(MD5PasswordHasher, "encode", autospec=True, side_effect=MD5PasswordHasher.encode) as encode:
        log_in(client, username, "не тот пароль")

    assert encode.call_count == 1


@pytest.mark.parametrize(("username", "password"), [("", "x"), ("ivan@example.org", ""), ("ivan\0@example.org", "x")])
def test_bad_form_comes_back(client, username, password):
    response = log_in(client, username, password)

    assert response.status_code == 200
    assert response.context["form"].errors
    assert 'aria-invalid="true"' in response.content.decode()


@pytest.mark.parametrize("address", [LOGIN, reverse("admin:login")])
def test_guessing_is_locked_out(client, person, address):
    for _ in range(settings.AXES_FAILURE_LIMIT):
        response = client.post(address, {"username": person.email, "password": "не тот пароль"})
    locked = client.post(address, {"username": person.email, "password": PASSWORD})

    assert (response.status_code, locked.status_code) == (429, 429)
    assert "Вход приостановлен" in locked.content.decode()
    assert get_user(client).is_anonymous


def test_lock_out_of_one_name_and_place_bars_nobody_else(client, person, company):
    for _ in range(settings.AXES_FAILURE_LIMIT):
        log_in(client, person.email, "не тот пароль")

    assert log_in(client, company.email).status_code == 302
    elsewhere = client.post(LOGIN, {"username": person.email, "password": PASSWORD}, REMOTE_ADDR="192.0.2.9")
    assert elsewhere.status_code == 302


# -- How long -------------------------------------------------------------------------------------------------------


def test_remembered_for_thirty_days(client, person):
    cookie = log_in(client, person.email, remember="on").cookies["sessionid"]

    assert cookie["max-age"] == 30 * 24 * 60 * 60
    assert client.session.get_expiry_age() == 30 * 24 * 60 * 60


def test_else_until_the_browser_closes(client, person):
    cookie = log_in(client, person.email).cookies["sessionid"]

    assert cookie["max-age"] == ""
    assert client.session.get_expire_at_browser_close()


def test_session_id_rotates(client, person):
    client.get(LOGIN)
    session = client.session
    session["before"] = True
    session.save()

    log_in(client, person.email)

    assert client.session.session_key != session.session_key


# -- Where to -------------------------------------------------------------------------------------------------------


def test_login_leads_to_the_page_wanted(client, person):
    wanted = client.get(PROFILE)["Location"]

    assert wanted == f"{LOGIN}?next={PROFILE}"
    assert log_in(client, person.email, next=PROFILE)["Location"] == PROFILE


@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_login_leads_to_no_other_site(client, person, evil):
    assert log_in(client, person.email, next=evil)["Location"] == CABINET


def test_staff_are_led_to_their_work_desk(client):
    staff = StaffFactory(group="operator")

    assert log_in(client, staff.email)["Location"] == reverse("admin:index")


def test_who_is_logged_in_needs_no_login_page(client, person):
    client.force_login(person)

    assert client.get(LOGIN)["Location"] == CABINET


# -- The page, and the way out --------------------------------------------------------------------------------------


def test_page_is_the_portals_own(client):
    client.post(reverse("accounts:consent"), {"accept": "on"})

    html = client.get(LOGIN).content.decode()

    assert "РСМ Энерго" in html.partition("<main")[0]
    assert "8-800-234-46-55" in html
    assert "Забыли пароль?" in html
    for slug in ["person", "sole-trader", "company"]:
        assert f'href="{reverse("accounts:register", args=[slug])}"' in html


def test_header_shows_the_name_and_the_legal_form_and_no_number(client, person):
    client.force_login(person)

    header = client.get(PROFILE).content.decode().partition("<main")[0]

    assert "Самойлов Николай Петрович" in header
    assert "Физическое лицо" in header
    assert "112" not in header


def test_logout_ends_the_session_and_leaves_nothing_behind(client, person):
    client.force_login(person)
    private = client.get(PROFILE)

    response = client.post(LOGOUT)

    assert "no-store" in private["Cache-Control"]
    assert response["Location"] == reverse("home")
    assert get_user(client).is_anonymous
    assert client.get(PROFILE).status_code == 302


def test_logout_is_no_link(client, person):
    client.force_login(person)

    assert client.get(LOGOUT).status_code == 405
    assert get_user(client) == person


def test_second_logout_is_no_error(client):
    assert client.post(LOGOUT)["Location"] == reverse("home")
