"""The list of requests: whose, in what order, narrowed by what."""

import pytest
from django.urls import reverse
from django.utils import timezone

from requests_app.lifecycle import Status
from tests.factories import ConsumerFactory, ServiceRequestFactory

pytestmark = pytest.mark.django_db

LIST = reverse("requests:list")


@pytest.fixture
def user():
    return ConsumerFactory().user


@pytest.fixture
def client(client, user):
    client.force_login(user)
    return client


def found(client, **wanted):
    """The numbers on the page, from the top."""
    response = client.get(LIST, wanted)
    assert response.status_code == 200
    return [service_request.number for service_request in response.context["page"]]


def test_own_requests_are_listed_newest_first(client, user):
    first, second = ServiceRequestFactory.create_batch(2, owner=user)
    ServiceRequestFactory()

    assert found(client) == [second.number, first.number]


def test_a_request_stands_with_its_title_status_and_date(client, user):
    ServiceRequestFactory(owner=user, due_on=timezone.localdate())

    html = client.get(LIST).content.decode()

    assert "Справка: учёт электроэнергии" in html
    assert 'data-status="registered">Зарегистрирована' in html
    assert "сегодня последний день" in html


def test_an_empty_list_invites_to_send_the_first(client):
    html = client.get(LIST).content.decode()

    assert "Заявок пока нет" in html
    assert f'class="button" href="{reverse("requests:new")}"' in html
    assert 'role="search"' not in html


# -- Filters --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("group", "statuses"),
    [
        ("waiting", {Status.AWAITING_CONSUMER}),
        ("open", {Status.REGISTERED, Status.IN_PROGRESS}),
        ("answered", {Status.ANSWERED}),
        ("final", {Status.CLOSED, Status.REFUSED, Status.WITHDRAWN}),
        ("", set(Status)),
    ],
)
def test_by_status(client, user, group, statuses):
    numbers = {ServiceRequestFactory(owner=user, status=status).number: status for status in Status}

    assert {numbers[number] for number in found(client, status=group)} == statuses


def test_by_service(client, user):
    wanted = ServiceRequestFactory(owner=user)
    ServiceRequestFactory(owner=user, service="consultation")

    assert found(client, service="inquiry") == [wanted.number]


@pytest.mark.parametrize("typed", ["2026-000077", "№ 2026-77", "2026/77", "000077"])
def test_by_number_however_it_is_written(client, user, typed):
    ServiceRequestFactory(owner=user, number="2026-000077")
    ServiceRequestFactory(owner=user, number="2026-000078")

    assert found(client, q=typed) == ["2026-000077"]


@pytest.mark.parametrize("typed", ["качество", "КАЧЕСТВО", "ул. портовая, 71", "эс-118/2024", " качество "])
def test_by_word_whatever_its_case(client, user, typed):
    wanted = ServiceRequestFactory(
        owner=user, subject="качество обслуживания", object_address="Ул. Портовая, 71", contract_number="ЭС-118/2024"
    )
    ServiceRequestFactory(owner=user)

    assert found(client, q=typed) == [wanted.number]


@pytest.mark.parametrize("typed", ["учет", "Учёт", "УЧЕТ"])
def test_e_and_yo_are_one_letter(client, user, typed):
    wanted = ServiceRequestFactory(owner=user, subject="учёт электроэнергии")
    ServiceRequestFactory(owner=user, subject="другое")

    assert found(client, q=typed) == [wanted.number]


def test_by_the_word_that_the_service_is_called(client, user):
    wanted = ServiceRequestFactory(owner=user)
    ServiceRequestFactory(owner=user, service="consultation")

    assert found(client, q="справка") == [wanted.number]


@pytest.mark.parametrize("typed", [".*", "(", "[а-я]", "\\", "%", "_"])
def test_signs_of_patterns_mean_themselves(client, user, typed):
    ServiceRequestFactory(owner=user)

    assert found(client, q=typed) == []


def test_filters_are_taken_together(client, user):
    ServiceRequestFactory(owner=user, subject="другое")
    ServiceRequestFactory(owner=user, status=Status.CLOSED)
    wanted = ServiceRequestFactory(owner=user)

    assert found(client, q="учёт", status="open", service="inquiry") == [wanted.number]


def test_nothing_found_leads_back_to_all(client, user):
    ServiceRequestFactory(owner=user)

    html = client.get(LIST, {"q": "чего нет"}).content.decode()

    assert "Ничего не нашлось" in html
    assert 'value="чего нет"' in html
    assert f'class="button" href="{LIST}">Показать все заявки' in html


@pytest.mark.parametrize(
    "wanted",
    [
        {"status": "everything"},
        {"service": "miracle"},
        {"q": "\x00"},
        {"q": "я" * 101},
        {"owner__password__startswith": "pbkdf2"},
        {"ordering": "owner__password"},
        {"page": "-1"},
        {"page": "9999"},
        {"page": "two"},
    ],
)
def test_what_cannot_be_understood_narrows_nothing(client, user, wanted):
    service_request = ServiceRequestFactory(owner=user)

    assert found(client, **wanted) == [service_request.number]


def test_others_cannot_be_found(client):
    other = ServiceRequestFactory(number="2026-000077")

    assert found(client, q=other.number) == []


# -- Pages ----------------------------------------------------------------------------------------------------------


def test_pages_keep_the_filter(client, user):
    ServiceRequestFactory.create_batch(23, owner=user)

    html = client.get(LIST, {"status": "open", "page": 2}).content.decode()

    assert "Всего 23\N{NO-BREAK SPACE}заявки, на&nbsp;этой странице 11–20" in html
    assert 'href="?status=open&amp;page=3"' in html
    assert "Страница 2 из 3" in html


# -- Who may --------------------------------------------------------------------------------------------------------


def test_anonymous_is_led_to_login(client):
    client.logout()

    assert client.get(LIST).url == f"{reverse('accounts:login')}?next={LIST}"


def test_only_reading(client):
    assert client.post(LIST).status_code == 405


@pytest.mark.parametrize("rows", [1, 50])
def test_cost_does_not_grow(client, user, rows, django_assert_num_queries):
    ServiceRequestFactory.create_batch(rows, owner=user)

    with django_assert_num_queries(4):
        client.get(LIST, {"q": "учёт"})
