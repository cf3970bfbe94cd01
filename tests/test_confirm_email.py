"""The address is confirmed by a button alone, by the link to this very address, within a week."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import signing
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from accounts import actions
from accounts.limits import CONFIRMATIONS_OF_ADDRESS
from tests.factories import ConsumerFactory, StaffFactory

pytestmark = pytest.mark.django_db

RESEND = reverse("accounts:resend_confirmation")
PROFILE = reverse("accounts:profile")


@pytest.fixture
def user():
    return ConsumerFactory(agreed=True, user__email="ivan@example.org").user


@pytest.fixture
def link(user):
    actions.send_confirmation(user)
    return sent_link()


def sent_link():
    return re.search(r"http://testserver(/accounts/confirm-email/\S+)", Email.objects.latest("pk").message)[1]


def is_confirmed(user):
    user.refresh_from_db()
    return user.email_confirmed_at is not None


def test_opening_the_link_confirms_nothing(client, user, link):
    page = client.get(link)
    client.head(link)

    assert page.status_code == 200
    assert "Подтвердить адрес" in page.content.decode()
    assert "ivan@example.org" in page.content.decode()
    assert not is_confirmed(user)


def test_button_confirms(client, user, link):
    response = client.post(link)

    assert response["Location"] == reverse("home")
    assert is_confirmed(user)


def test_who_is_logged_in_is_led_back_to_the_cabinet(client, user, link):
    client.force_login(user)

    assert client.post(link)["Location"] == reverse("requests:cabinet")


def test_second_press_keeps_the_first_date(client, user, link):
    client.post(link)
    user.refresh_from_db()
    first = user.email_confirmed_at

    with time_machine.travel(timezone.now() + timedelta(days=1)):
        response = client.post(link)

    user.refresh_from_db()
    assert response.status_code == 302
    assert user.email_confirmed_at == first


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("token", ["x", "a:b:c", "%00"])
def test_made_up_link_is_no_use(client, user, method, token):
    response = getattr(client, method)(f"/accounts/confirm-email/{token}/")

    assert response.status_code == 404
    assert not is_confirmed(user)


def test_what_was_signed_for_something_else_is_no_use(client, user, link):
    claim = signing.loads(link.split("/")[-2], salt="accounts.confirm_email")
    other = reverse("accounts:confirm_email", args=[signing.dumps(claim, salt="something else")])

    assert client.post(other).status_code == 404
    assert not is_confirmed(user)


def test_link_ends_after_a_week(client, user, link):
    with time_machine.travel(timezone.now() + timedelta(days=6)):
        assert client.get(link).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert client.post(link).status_code == 404
    assert not is_confirmed(user)


@pytest.mark.parametrize("change", [{"email": "petr@example.org"}, {"is_active": False}])
def test_link_ends_when_the_account_has_changed(client, user, link, change):
    type(user).objects.filter(pk=user.pk).update(**change)

    assert client.post(link).status_code == 404
    assert not is_confirmed(user)


def test_link_tells_no_address(link):
    token = link.split("/")[-2]

    assert "ivan" not in str(signing.loads(token, salt="accounts.confirm_email"))


def test_letter_has_text_and_html_and_comes_from_no_person(client, user, link):
    letter = Email.objects.get().email_message()

    assert link in letter.body
    assert link in letter.alternatives[0][0]
    assert "8-800-234-46-55" in letter.body
    assert letter.extra_headers["Auto-Submitted"] == "auto-generated"


# -- Once more ------------------------------------------------------------------------------------------------------


def test_letter_is_sent_again(client, user):
    client.force_login(user)

    response = client.post(RESEND)

    assert response["Location"] == PROFILE
    assert client.post(sent_link()).status_code == 302
    assert is_confirmed(user)


def test_letters_are_limited_and_the_page_says_so(client, user):
    client.force_login(user)
    for _ in range(CONFIRMATIONS_OF_ADDRESS.rate):
        client.post(RESEND)

    response = client.post(RESEND, follow=True)

    assert Email.objects.count() == CONFIRMATIONS_OF_ADDRESS.rate
    assert "подождите час" in response.content.decode()


def test_confirmed_address_gets_no_more_letters(client, user):
    actions.confirm_email(user)
    client.force_login(user)

    client.post(RESEND)

    assert not Email.objects.exists()


def test_resending_is_a_button_of_consumers(client, user):
    assert client.post(RESEND)["Location"].startswith(reverse("accounts:login"))
    client.force_login(user)
    assert client.get(RESEND).status_code == 405
    client.force_login(StaffFactory())
    assert client.post(RESEND)["Location"] == reverse("admin:index")
