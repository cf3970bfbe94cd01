import pytest

from rsmportal.display import COOKIE, Display

URL = "/display/"
pytestmark = pytest.mark.django_db


def test_choice_is_remembered_and_written_on_the_page(client):
    client.post(URL, {"contrast": "dark", "text": "large", "spacing": "wide", "images": "off"})

    html = client.get("/contacts/").content.decode()

    assert '<html lang="ru" data-contrast="dark" data-text="large" data-spacing="wide" data-images="off">' in html


def test_choice_works_on_error_pages_too(client):
    client.post(URL, {"text": "largest"})

    response = client.get("/there-is-no-such-page/")

    assert response.status_code == 404
    assert 'data-text="largest"' in response.content.decode()


def test_form_shows_what_was_chosen(client):
    client.post(URL, {"contrast": "blue"})

    response = client.get(URL)

    assert response.context["form"]["contrast"].value() == "blue"


def test_usual_look_keeps_no_cookie(client):
    client.post(URL, {"contrast": "dark"})

    client.post(URL, {"contrast": "", "text": "", "spacing": "", "images": ""})

    assert client.cookies[COOKIE].value == ""
    assert '<html lang="ru">' in client.get("/").content.decode()


def test_cookie_is_out_of_reach_for_scripts_and_other_sites(client):
    client.post(URL, {"contrast": "dark"})

    cookie = client.cookies[COOKIE]

    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 365 * 24 * 60 * 60


@pytest.mark.parametrize(
    ("target", "destination"),
    [
        ("/help/#login", "/help/#login"),
        ("/news/?year=2026", "/news/?year=2026"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_reader_returns_to_the_page_but_never_to_another_site(client, target, destination):
    response = client.post(URL, {"contrast": "dark", "next": target})

    assert response["Location"] == destination


def test_address_to_return_to_survives_the_form(client):
    html = client.get(URL, {"next": "/help/"}).content.decode()

    assert '<input type="hidden" name="next" value="/help/">' in html


def test_unknown_choice_is_told_at_the_field(client):
    response = client.post(URL, {"contrast": "pink"})

    assert response.status_code == 200
    assert response.context["form"].errors.as_data()["contrast"][0].code == "invalid_choice"
    assert "<title>Ошибка: Версия для слабовидящих" in response.content.decode()
    assert COOKIE not in response.cookies


@pytest.mark.parametrize(
    "cookie",
    [
        "",
        "contrast=pink",
        'contrast="><script>',
        "other=dark",
        "contrast=dark&contrast=pink",
        "&&&===",
        "x" * 5000,
        "\x00",
    ],
)
def test_broken_cookie_means_the_usual_look(cookie):
    assert Display.from_cookie(cookie) == Display()
