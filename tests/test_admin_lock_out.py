"""Guessing at the door of the desk: stopped like at the portal's and told in the same words; the second step likewise."""

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import actions, second_factor
from tests.factories import PASSWORD, ConsumerFactory, StaffFactory
from tests.test_second_factor import SECRET, code_of

pytestmark = pytest.mark.django_db

DOORS = {"portal": reverse("accounts:login"), "desk": reverse("admin:login")}


def try_in(client, door, user, password="wrong"):
    return client.post(DOORS[door], {"username": user.email, "password": password})


def locked(door, user):
    client = Client()
    return [try_in(client, door, user) for _ in range(5)][-1]


def test_both_doors_close_with_the_same_words():
    at_desk = locked("desk", StaffFactory())
    at_portal = locked("portal", ConsumerFactory(agreed=True).user)

    for page in (at_desk, at_portal):
        assert page.status_code == 429
        assert page["Retry-After"] == "900"
        assert "Вход приостановлен" in page.content.decode()
        assert "через&nbsp;15\N{NO-BREAK SPACE}минут" in page.content.decode()


def test_the_desk_stays_shut_to_the_right_password_until_the_time_is_up():
    colleague = StaffFactory(group="operator")
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        locked("desk", colleague)
        assert try_in(Client(), "desk", colleague, PASSWORD).status_code == 429
        assert try_in(Client(), "portal", colleague, PASSWORD).status_code == 429
    with time_machine.travel(start + timezone.timedelta(minutes=16), tick=False):
        assert try_in(Client(), "desk", colleague, PASSWORD).status_code == 302


def test_the_second_step_is_limited_too(settings):
    settings.STAFF_SECOND_FACTOR = True
    colleague = StaffFactory(group="operator")
    actions.connect_device(
        colleague, secret=SECRET, step=second_factor.matching_step(SECRET, code_of()), instead_of=None
    )
    client = Client()
    try_in(client, "desk", colleague, PASSWORD)
    step = reverse("accounts:second_factor")

    pages = [client.post(step, {"code": "000000"}).content.decode() for _ in range(11)]

    assert "Слишком много попыток" not in pages[9]
    assert "Слишком много попыток. Попробуйте через\N{NO-BREAK SPACE}" in pages[10]
    client.post(step, {"code": code_of(steps=1)})  # the right one comes too late
    assert client.get(reverse("admin:index")).status_code == 302
