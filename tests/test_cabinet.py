"""The cabinet's first page: what waits for the consumer, the services, the latest requests."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import LegalForm
from requests_app.lifecycle import Status
from requests_app.services import SERVICES
from tests.factories import ConsumerFactory, ServiceRequestFactory, StaffFactory

pytestmark = pytest.mark.django_db

CABINET = reverse("requests:cabinet")


@pytest.fixture
def consumer():
    return ConsumerFactory(user__email_confirmed_at=timezone.now())


@pytest.fixture
def client(client, consumer):
    client.force_login(consumer.user)
    return client


def page(client):
    return client.get(CABINET).content.decode()


def test_the_consumer_is_greeted_by_name(client):
    assert "Здравствуйте, Николай Петрович" in page(client)


def test_a_company_without_a_contact_person_is_greeted_all_the_same(client, consumer):
    client.force_login(ConsumerFactory(legal_form=LegalForm.COMPANY, contact_name="").user)

    assert "<h1>Здравствуйте</h1>" in page(client)


def test_two_tiles_lead_to_a_new_request_and_to_the_list(client):
    html = page(client)

    assert f'class="tile tile-main" href="{reverse("requests:new")}"' in html
    assert f'class="tile" href="{reverse("requests:list")}"' in html
    assert "Добавить заявку</strong> отправьте заявку" in html
    assert "Управление заявками</strong> узнать статус вашей заявки" in html


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.slug)
def test_each_service_stands_with_its_plain_and_its_official_name(client, service):
    html = page(client)

    assert f'href="{reverse("requests:submit", args=[service.slug])}">{service.title}</a>' in html
    assert service.summary in html


def test_a_newcomer_is_told_what_will_be_here(client):
    html = page(client)

    assert "Здесь появятся ваши заявки" in html
    assert "Требует вашего внимания" not in html


def test_the_latest_five_requests_are_shown(client, consumer):
    numbers = [request.number for request in ServiceRequestFactory.create_batch(6, owner=consumer.user)]

    html = page(client)

    assert [number in html for number in numbers] == [False, True, True, True, True, True]


def test_requests_of_others_are_not_shown(client):
    other = ServiceRequestFactory(status=Status.AWAITING_CONSUMER)

    assert other.number not in page(client)


# -- What waits -----------------------------------------------------------------------------------------------------


def test_a_question_leads_to_the_reply(client, consumer):
    asked = ServiceRequestFactory(owner=consumer.user, status=Status.AWAITING_CONSUMER)

    html = page(client)

    assert "Требует вашего внимания" in html
    assert f'href="{asked.get_absolute_url()}#reply">Ответить' in html


def test_an_answer_is_to_be_read(client, consumer):
    answered = ServiceRequestFactory(owner=consumer.user, status=Status.ANSWERED)

    assert f'href="{answered.get_absolute_url()}">Прочитать ответ' in page(client)


@pytest.mark.parametrize("status", [Status.REGISTERED, Status.IN_PROGRESS, Status.CLOSED, Status.REFUSED])
def test_what_needs_nothing_from_the_consumer_does_not_ask_for_attention(client, consumer, status):
    ServiceRequestFactory(owner=consumer.user, status=status)

    assert "Требует вашего внимания" not in page(client)


def test_questions_stand_before_answers_and_only_the_first_button_is_the_main_one(client, consumer):
    ServiceRequestFactory(owner=consumer.user, status=Status.ANSWERED)
    ServiceRequestFactory(owner=consumer.user, status=Status.AWAITING_CONSUMER)

    attention = page(client).split('class="attention"')[1].split("</ul>")[0]

    assert attention.index("Ответить") < attention.index("Прочитать ответ")
    assert attention.count('class="button"') == 1


def test_more_than_five_that_wait_lead_to_the_list(client, consumer):
    ServiceRequestFactory.create_batch(6, owner=consumer.user, status=Status.ANSWERED)

    html = page(client)

    assert html.count("Прочитать ответ") == 5
    assert "Все заявки, которые ждут вашего ответа" in html


def test_a_company_is_asked_for_the_contacts_that_are_missing(client):
    company = ConsumerFactory(legal_form=LegalForm.COMPANY, organisation="", phone="")
    client.force_login(company.user)

    html = page(client)

    assert "Укажите название организации, телефон:" in html
    assert f'href="{reverse("accounts:profile")}">Дополнить профиль' in html


def test_an_address_that_is_not_confirmed_is_told(client, consumer):
    consumer.user.email_confirmed_at = None
    consumer.user.save()

    assert "Подтвердите email" in page(client)


# -- Who may ----------------------------------------------------------------------------------------------------------


def test_anonymous_is_led_to_login(client):
    client.logout()

    response = client.get(CABINET)

    assert response.url == f"{reverse('accounts:login')}?next={CABINET}"


def test_staff_are_led_to_their_desk(client):
    client.force_login(StaffFactory(group="operator"))

    assert client.get(CABINET).url == reverse("admin:index")


def test_only_reading(client):
    assert client.post(CABINET).status_code == 405


@pytest.mark.parametrize("rows", [1, 50])
def test_cost_does_not_grow(client, consumer, rows, django_assert_num_queries):
    for status in (Status.AWAITING_CONSUMER, Status.ANSWERED, Status.IN_PROGRESS):
        ServiceRequestFactory.create_batch(rows, owner=consumer.user, status=status)

    with django_assert_num_queries(8):  # one each for meters to be read, surveys, late invoices, coming visits
        client.get(CABINET)
