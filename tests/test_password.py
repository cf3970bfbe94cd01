"""A forgotten password and a changed one: nobody learns who is known, and every other session ends."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth import get_user
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from accounts.limits import PASSWORD_RESETS, PASSWORD_RESETS_OF_ADDRESS
from tests.factories import PASSWORD, ConsumerFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db

RESET = reverse("accounts:password_reset")
SENT = reverse("accounts:password_reset_done")
CHANGE = reverse("accounts:password_change")
PROFILE = reverse("accounts:profile")
NEW = "трезубец-и-лампа"


@pytest.fixture
def user():
    return ConsumerFactory(agreed=True, user__email="ivan@example.org").user


def ask(client, email="ivan@example.org", **environ):
    return client.post(RESET, {"email": email}, **environ)


def link():
    """The path in the latest letter."""
    return re.search(r"http://testserver(/accounts/password-reset/\S+)", Email.objects.latest("pk").message)[1]


def set_password(client, path, password=NEW):
    form = client.get(path, follow=True)
    return client.post(form.request["PATH_INFO"], {"new_password": password})


def code_of(response, field):
    return response.context["form"].errors.as_data()[field][0].code


def logged_in(user):
    client = Client()
    client.force_login(user, settings.AUTHENTICATION_BACKENDS[-1])
    return client


# -- Asking for the letter ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("email", ["ivan@example.org", "IVAN@example.org"])
def test_known_address_gets_the_letter(client, user, email):
    ask(client, email)

    letter = Email.objects.get().email_message()
    assert letter.to == ["ivan@example.org"]
    assert "http://testserver/accounts/password-reset/" in letter.body
    assert "http://testserver/accounts/password-reset/" in letter.alternatives[0][0]
    for personal in ["Самойлов", "Николай", "112", "ivan"]:
        assert personal not in letter.subject + letter.body + letter.alternatives[0][0]


def test_answer_is_the_same_for_known_unknown_closed_and_too_many(client, user):
    UserFactory(email="closed@example.org", is_active=False)
    for _ in range(PASSWORD_RESETS_OF_ADDRESS.rate):
        PASSWORD_RESETS_OF_ADDRESS.hit("often@example.org")

    answers = [ask(client, f"{name}@example.org") for name in ("ivan", "nobody", "closed", "often")]

    assert {(answer.status_code, answer["Location"], answer.content) for answer in answers} == {(302, SENT, b"")}
    assert [email.to for email in Email.objects.all()] == [["ivan@example.org"]]
    assert "Если кабинет с" in client.get(SENT).content.decode()


@pytest.mark.parametrize("email", ["ivan@example.org", "nobody@example.org"])
def test_unknown_address_costs_the_same_work_as_a_known_one(client, user, email):
    with CaptureQueriesContext(connection) as queries:
        ask(client, email)

    written = [query["sql"] for query in queries if query["sql"].startswith('INSERT INTO "post_office_email"')]
    assert len(written) == 1
    assert Email.objects.count() == (email == user.email)


def test_letters_to_one_address_are_limited(client, user):
    for _ in range(PASSWORD_RESETS_OF_ADDRESS.rate + 2):
        ask(client)

    assert Email.objects.count() == PASSWORD_RESETS_OF_ADDRESS.rate


def test_letters_asked_for_by_one_client_are_limited(client, user):
    for _ in range(PASSWORD_RESETS.rate):
        PASSWORD_RESETS.hit("127.0.0.1")

    ask(client)

    assert not Email.objects.exists()


def test_host_header_does_not_get_into_the_letter(client, user):
    ask(client, HTTP_HOST="evil.example")

    letter = Email.objects.get()
    assert "evil.example" not in letter.message + letter.html_message
    assert "http://testserver/" in letter.message


@pytest.mark.parametrize("email", ["", "ivan", "ivan@example.org\r\nBcc: all@example.org", "ivan\0@example.org"])
def test_bad_address_is_refused(client, user, email):
    response = ask(client, email)

    assert response.status_code == 200
    assert code_of(response, "email")
    assert not Email.objects.exists()


# -- The link -------------------------------------------------------------------------------------------------------


def test_link_sets_the_password_and_ends_every_session(client, user):
    elsewhere = logged_in(user)
    ask(client)

    response = set_password(client, link())

    user.refresh_from_db()
    assert response["Location"] == reverse("accounts:password_reset_complete")
    assert client.get(response["Location"]).status_code == 200
    assert user.check_password(NEW)
    assert elsewhere.get(PROFILE).status_code == 302
    assert get_user(client).is_anonymous


def test_link_proves_that_the_address_is_theirs(client, user):
    ask(client)

    set_password(client, link())

    user.refresh_from_db()
    assert user.email_confirmed_at


def test_opening_the_link_uses_nothing_up(client, user):
    ask(client)
    for scanner in (Client(), Client()):
        assert scanner.get(link(), follow=True).status_code == 200

    set_password(client, link())

    user.refresh_from_db()
    assert user.check_password(NEW)


def is_dead(path):
    page = Client().get(path, follow=True)
    return "Ссылка не&nbsp;действует" in page.content.decode()


def test_link_works_once(client, user):
    ask(client)
    set_password(client, link())

    assert is_dead(link())


def test_link_ends_after_a_day(client, user):
    ask(client)
    now = timezone.localtime()  # Django counts here in local time, and the traveller's zone becomes the local one
    with time_machine.travel(now + timedelta(hours=23)):
        assert not is_dead(link())
    with time_machine.travel(now + timedelta(hours=25)):
        assert is_dead(link())


@pytest.mark.parametrize("change", [{"email": "petr@example.org"}, {"last_login": timezone.now()}])
def test_link_ends_when_the_account_has_changed(client, user, change):
    ask(client)
    type(user).objects.filter(pk=user.pk).update(**change)

    assert is_dead(link())


def test_link_of_another_is_no_use(client, user):
    ask(client)
    own = link().split("/")
    UserFactory(email="petr@example.org")
    ask(client, "petr@example.org")
    own[3] = link().split("/")[3]

    assert is_dead("/".join(own))


@pytest.mark.parametrize("password", ["короткий", "1234567890", "ivan@example.org", ""])
def test_weak_password_is_refused_and_the_link_stays_good(client, user, password):
    ask(client)

    response = set_password(client, link(), password)

    assert response.status_code == 200
    assert code_of(response, "new_password")
    assert set_password(client, link())["Location"] == reverse("accounts:password_reset_complete")


def test_staff_without_a_password_set_theirs_so(client):
    staff = StaffFactory(email="ivan@example.org")
    staff.set_unusable_password()
    staff.save()
    ask(client)

    set_password(client, link())

    staff.refresh_from_db()
    assert staff.check_password(NEW)


# -- Changing it ----------------------------------------------------------------------------------------------------


def test_change_keeps_this_session_under_a_new_id_and_ends_the_others(user):
    here, elsewhere = logged_in(user), logged_in(user)
    before = here.session.session_key

    response = here.post(CHANGE, {"old_password": PASSWORD, "new_password": NEW})

    user.refresh_from_db()
    assert response["Location"] == PROFILE
    assert user.check_password(NEW)
    assert here.session.session_key != before
    assert here.get(PROFILE).status_code == 200
    assert elsewhere.get(PROFILE).status_code == 302


@pytest.mark.parametrize(
    ("old", "new", "field", "code"),
    [
        ("не тот пароль", NEW, "old_password", "wrong"),
        ("", NEW, "old_password", "required"),
        (PASSWORD, "короткий", "new_password", "password_too_short"),
        (PASSWORD, "ivan@example.org", "new_password", "password_too_similar"),
        (PASSWORD, "1234567890", "new_password", "password_too_common"),
    ],
)
def test_change_is_refused_for_a_reason(user, old, new, field, code):
    here = logged_in(user)

    response = here.post(CHANGE, {"old_password": old, "new_password": new})

    user.refresh_from_db()
    assert code_of(response, field) == code
    assert user.check_password(PASSWORD)
    assert NEW not in response.content.decode()


def test_change_is_for_who_is_logged_in(client):
    assert client.get(CHANGE)["Location"].startswith(reverse("accounts:login"))


def test_pages_are_kept_nowhere(client, user):
    ask(client)

    for page in (client.get(RESET), client.get(link(), follow=True), logged_in(user).get(CHANGE)):
        assert "no-store" in page["Cache-Control"]
