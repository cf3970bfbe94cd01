"""Who the client is, rate limits, and what happens to logins that fail too often."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from axes.models import AccessAttempt
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import connection, connections
from django.test import RequestFactory
from django.urls import reverse

from accounts.limits import FAILED_LOGINS, Limit, client_ip, client_network, login_name

PASSWORD, WRONG_PASSWORD = "correct-horse-battery", "wrong-horse-battery"


def request_from(**environ):
    return RequestFactory().get("/", **environ)


def small_limit(rate=3):
    return Limit(name="test", rate=rate, period=timedelta(hours=1))


# -- Who the client is ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "expected"),
    [
        (0, "203.0.113.7", "", "203.0.113.7"),
        (0, "203.0.113.7", "198.51.100.1", "203.0.113.7"),  # nobody asked for the header
        (1, "127.0.0.1", "203.0.113.7", "203.0.113.7"),
        (1, "127.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),  # the left one the client has made up
        (1, "127.0.0.1", "a, b, c,203.0.113.7 ", "203.0.113.7"),
        (2, "127.0.0.1", "198.51.100.1, 203.0.113.7, 10.0.0.5", "203.0.113.7"),
        (2, "127.0.0.1", "203.0.113.7", "127.0.0.1"),  # came past one of the two proxies
        (1, "127.0.0.1", "", "127.0.0.1"),
        (1, "127.0.0.1", "unknown", "127.0.0.1"),
        (1, "127.0.0.1", "<script>", "127.0.0.1"),
        (1, "", "203.0.113.7", "203.0.113.7"),  # gunicorn on a unix socket
        (1, "", "", None),
        (0, "", "203.0.113.7", None),
        (0, "::ffff:203.0.113.7", "", "203.0.113.7"),
        (0, "2001:DB8:0:0:0:0:0:1", "", "2001:db8::1"),
        (0, "fe80::1%eth0", "", "fe80::1"),
    ],
)
def test_client_is_whom_our_own_proxy_names(settings, proxies, remote, forwarded, expected):
    settings.TRUSTED_PROXIES = proxies

    assert client_ip(request_from(REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded)) == expected


def test_client_without_an_address_is_unknown():
    request = request_from()
    del request.META["REMOTE_ADDR"]

    assert client_ip(request) is None
    assert client_network(request) is None


@pytest.mark.parametrize(
    ("remote", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::9", "2001:db8:1:2::"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
    ],
)
def test_network_is_the_address_or_half_of_an_ipv6_one(remote, network):
    assert client_network(request_from(REMOTE_ADDR=remote)) == network


# -- Rate limits ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_limit_lets_pass_as_many_as_it_says():
    limit = small_limit()

    assert [limit.hit("a") for _ in range(5)] == [True, True, True, False, False]


@pytest.mark.django_db
def test_keys_and_limits_do_not_share_their_count():
    limit, other = small_limit(1), Limit(name="other", rate=1, period=timedelta(hours=1))

    assert [limit.hit("a"), limit.hit("b"), other.hit("a"), limit.hit(None)] == [True] * 4


@pytest.mark.django_db
def test_looking_does_not_count():
    limit = small_limit(1)

    assert not limit.is_reached("a")
    assert not limit.is_reached("a")
    limit.hit("a")
    assert limit.is_reached("a")


@pytest.mark.django_db
def test_new_period_starts_anew():
    limit = small_limit(1)
    with time_machine.travel("2026-11-24T14:59:00Z", tick=False):
        limit.hit("a")

        assert not limit.hit("a")
        assert limit.time_left() == timedelta(minutes=1)
    with time_machine.travel("2026-11-24T15:00:00Z", tick=False):
        assert limit.hit("a")


@pytest.mark.django_db
def test_cache_does_not_hold_whom_it_counts():
    small_limit().hit("ivan@example.org")

    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key, value FROM cache_table")
        rows = cursor.fetchall()

    assert len(rows) == 1
    assert "ivan" not in str(rows)


@pytest.mark.django_db(transaction=True)
def test_limit_is_exact_under_parallel_hits():
    limit = small_limit(5)

    def hit(_):
        try:
            return limit.hit("a")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(16) as pool:
        passed = list(pool.map(hit, range(32)))

    assert passed.count(True) == 5


@pytest.mark.django_db
@pytest.mark.parametrize("rate", [3, 300])
def test_hit_costs_the_same_however_many_were_before(rate, django_assert_max_num_queries):
    limit = small_limit(rate)
    for _ in range(rate - 1):
        limit.hit("a")

    with django_assert_max_num_queries(6):
        assert limit.hit("a")
    with django_assert_max_num_queries(1):
        assert not limit.hit("a")


# -- Logins ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        (" Ivan@Example.ORG ", "ivan@example.org"),
        ("77-07 083893", "7707083893"),
        ("304500116000157", "304500116000157"),
        ("iv\x00an@example.org", "ivan@example.org"),
        ("x" * 1000, "x" * 255),
        ("", None),
    ],
)
def test_login_is_counted_under_one_name_however_it_is_typed(typed, name):
    assert login_name(RequestFactory().post("/", {"username": typed})) == name
    assert login_name(request_from(), {"username": typed}) == name


def test_login_without_a_name_has_none():
    assert login_name(request_from()) is None
    assert login_name(request_from(), {"username": None}) is None


def test_snils_of_a_login_is_kept_masked_and_still_told_apart():
    one = login_name(RequestFactory().post("/", {"username": "112-233-445 95"}))
    same = login_name(RequestFactory().post("/", {"username": "11223344595"}))
    other = login_name(RequestFactory().post("/", {"username": "112-000-000 95"}))

    assert one == same != other
    assert "11223344595" not in one
    assert one.startswith("112-***-*** 95 ")


def test_name_that_was_typed_goes_before_the_one_of_the_account():
    request = RequestFactory().post("/", {"username": "7707083893"})

    assert login_name(request, {"username": "ivan@example.org"}) == "7707083893"


@pytest.fixture
def user(db):
    return get_user_model().objects.create_user("ivan@example.org", PASSWORD)


def log_in(client, username="ivan@example.org", password=WRONG_PASSWORD, url=None, **extra):
    data = {"username": username, "password": password}
    return client.post(url or reverse("accounts:login"), data, **extra)


@pytest.mark.parametrize("login_page", ["accounts:login", "admin:login"])
def test_fifth_failure_shows_what_to_do(client, user, login_page):
    answers = [log_in(client, url=reverse(login_page)) for _ in range(5)]
    html = answers[-1].content.decode()

    assert [answer.status_code for answer in answers] == [200] * 4 + [429]
    assert answers[-1]["Retry-After"] == "900"
    assert "15\N{NO-BREAK SPACE}минут" in html
    assert reverse("accounts:password_reset") in html


def test_lock_out_cannot_be_dodged_by_headers_or_by_another_spelling(client, user):
    spellings = ["ivan@example.org", "IVAN@example.org", " ivan@example.org", "Ivan@Example.org", "ivan@EXAMPLE.org"]
    for number, spelling in enumerate(spellings):
        log_in(client, spelling, HTTP_X_FORWARDED_FOR=f"198.51.100.{number}")

    answer = log_in(client, password=PASSWORD, HTTP_X_FORWARDED_FOR="198.51.100.99")

    assert answer.status_code == 429
    assert "_auth_user_id" not in client.session


def test_lock_out_counts_a_whole_ipv6_network_as_one_client(client, user):
    for number in range(5):
        log_in(client, REMOTE_ADDR=f"2001:db8::{number + 1}")

    assert log_in(client, password=PASSWORD, REMOTE_ADDR="2001:db8::99").status_code == 429


def test_owner_gets_in_from_elsewhere_while_an_attacker_is_locked_out(client, user):
    for _ in range(6):
        log_in(client, REMOTE_ADDR="198.51.100.1")

    log_in(client, password=PASSWORD, REMOTE_ADDR="203.0.113.7")

    assert "_auth_user_id" in client.session


def test_lock_out_ends_by_itself_also_for_one_who_keeps_trying(client, user):
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False):
        for _ in range(6):
            log_in(client)
    with time_machine.travel("2026-11-24T10:14:00Z", tick=False):
        assert log_in(client).status_code == 429
    with time_machine.travel("2026-11-24T10:15:01Z", tick=False):
        log_in(client, password=PASSWORD)

    assert "_auth_user_id" in client.session


def test_failures_are_forgotten_after_a_good_login(client, user):
    for _ in range(4):
        log_in(client)

    log_in(client, password=PASSWORD)

    assert not AccessAttempt.objects.exists()


def test_one_password_tried_on_many_names_is_stopped(client, user):
    for number in range(FAILED_LOGINS.rate):
        FAILED_LOGINS.hit("198.51.100.1")
        assert number < FAILED_LOGINS.rate

    answer = log_in(client, password=PASSWORD, REMOTE_ADDR="198.51.100.1")

    assert answer.status_code == 429
    assert "_auth_user_id" not in client.session
    assert not AccessAttempt.objects.exists()


def test_failure_is_counted_for_its_client(client, user):
    log_in(client, "nobody@example.org", REMOTE_ADDR="198.51.100.1")

    assert len(cache.get_many(FAILED_LOGINS._places("198.51.100.1"))) == 1
    assert not cache.get_many(FAILED_LOGINS._places("203.0.113.7"))


@pytest.mark.parametrize("typed", ["\x00", "x" * 5000, "٧" * 11, "@", "a@b\r\nBcc: c"])
def test_strange_name_of_a_login_is_no_error(client, db, typed):
    assert log_in(client, typed).status_code == 200
