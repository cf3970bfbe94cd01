"""«Мои объекты»: the list, the form that asks, the page of one, withdrawing."""

import pytest
from django.urls import reverse
from django.utils import timezone

from requests_app.models import AccessGrant, Attachment, GrantStatus
from tests.factories import (
    AccessGrantFactory,
    ConsumerFactory,
    MeterFactory,
    StaffFactory,
    SupplyPointFactory,
)
from tests.files import empty_storage, upload

pytestmark = pytest.mark.django_db

OBJECTS = reverse("requests:objects")
NEW = reverse("requests:object_new")
TYPED = {"contract_number": "ТП-2019/114", "meter_serial": "011076148"}


@pytest.fixture(autouse=True)
def _empty_storage():
    empty_storage()


@pytest.fixture
def user():
    return ConsumerFactory().user


@pytest.fixture
def client(client, user):
    client.force_login(user)
    return client


def html_of(response):
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ")


def withdraw(grant):
    return reverse("requests:object_withdraw", args=[grant.pk])


# -- The list -------------------------------------------------------------------------------------------------------


def test_the_menu_leads_here(client):
    html = html_of(client.get(reverse("requests:cabinet")))

    assert html.count(f'href="{OBJECTS}"') == 1


def test_an_empty_list_says_how_to_add_one(client):
    html = html_of(client.get(OBJECTS))

    assert "Объектов пока нет" in html
    assert f'href="{NEW}"' in html


def test_own_objects_stand_with_their_state(client, user):
    point = MeterFactory(point__address="ул. Портовая, 71").point
    MeterFactory(point=point, removed_on="2024-01-01")
    AccessGrantFactory(user=user, status=GrantStatus.CONFIRMED, point=point)
    AccessGrantFactory(user=user, address="пр. Шолохова, 130")
    AccessGrantFactory(user=user, status=GrantStatus.REVOKED, point__address="ул. Отозванная, 1")
    AccessGrantFactory(address="ул. Чужая, 1")
    AccessGrantFactory(user=user, status=GrantStatus.WITHDRAWN, address="ул. Лишняя, 1")

    html = html_of(client.get(OBJECTS))

    assert "ул. Портовая, 71</a>" in html
    assert "1 счётчик<" in html
    assert 'data-status="confirmed">Подтверждён' in html
    assert "пр. Шолохова, 130</a>" in html
    assert 'data-status="asked">На проверке' in html
    for hidden in ("Чужая", "Лишняя", "Отозванная"):
        assert hidden not in html


@pytest.mark.parametrize("rows", [1, 20])
def test_cost_of_the_list_does_not_grow(client, user, rows, django_assert_num_queries):
    for _ in range(rows):
        AccessGrantFactory(user=user, status=GrantStatus.CONFIRMED, point=MeterFactory().point)

    with django_assert_num_queries(3):  # session, user, grants
        client.get(OBJECTS)


# -- Asking ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_known", [True, False])
def test_the_answer_does_not_tell_whether_there_is_such_an_object(client, user, is_known):
    if is_known:
        MeterFactory(serial="011076148", point__contract_number="ТП-2019/114", point__address="ул. Тайная, 1")

    response = client.post(NEW, TYPED, follow=True)

    html = html_of(response)
    grant = AccessGrant.objects.get()
    assert response.redirect_chain == [(grant.get_absolute_url(), 302)]
    assert (grant.user, grant.status) == (user, GrantStatus.ASKED)
    assert "Данные отправлены на проверку." in html
    assert "Тайная" not in html
    assert "Меркурий" not in html


def test_what_is_confirmed_is_not_said_to_be_checked(client, user):
    AccessGrantFactory(user=user, status=GrantStatus.CONFIRMED, **TYPED)

    html = html_of(client.post(NEW, TYPED, follow=True))

    assert "Этот объект уже подтверждён" in html
    assert "отправлены на проверку" not in html


def test_a_document_instead_of_the_meter(client):
    client.post(NEW, {"contract_number": "ТП-2019/114", "files": [upload("Договор.pdf")]})

    grant = AccessGrant.objects.get()
    assert grant.attachments.get().original_name == "Договор.pdf"
    assert "Договор.pdf" in html_of(client.get(grant.get_absolute_url()))


@pytest.mark.parametrize(
    ("typed", "field", "code"),
    [
        ({"meter_serial": ""}, "meter_serial", "required"),
        ({"contract_number": ""}, "contract_number", "required"),
        ({"contract_number": "№ "}, "contract_number", "no_digits"),
        ({"contract_number": "—"}, "contract_number", "no_digits"),
        ({"meter_serial": "---"}, "meter_serial", "no_digits"),
        ({"contract_number": "1" * 61}, "contract_number", "max_length"),
        ({"meter_serial": "1" * 41}, "meter_serial", "max_length"),
        ({"contract_number": "1\x00"}, "contract_number", "null_characters_not_allowed"),
        ({"address": "я" * 301}, "address", "max_length"),
    ],
)
def test_bad_input_is_told_at_its_field_and_stays(client, typed, field, code):
    response = client.post(NEW, {**TYPED, "address": "ул. Портовая, 71", **typed})

    assert response.status_code == 200
    assert response.context["form"].errors[field].as_data()[0].code == code
    assert typed.get("address", "ул. Портовая, 71") in html_of(response)
    assert not AccessGrant.objects.exists()


def test_a_file_of_a_refused_form_need_not_be_chosen_again(client, user):
    refused = client.post(NEW, {"contract_number": "", "files": [upload("Договор.pdf")]})
    key = refused.context["form"].key
    assert "Убрать «Договор.pdf»" in html_of(refused)

    client.post(NEW, {"contract_number": "ТП-2019/114", "submission_key": str(key)})

    assert AccessGrant.objects.get().attachments.get().original_name == "Договор.pdf"


def test_fields_that_the_form_does_not_have_are_ignored(client, user):
    point = SupplyPointFactory()

    client.post(
        NEW, {**TYPED, "status": "confirmed", "point": point.pk, "user": StaffFactory().pk, "basis": "document"}
    )

    grant = AccessGrant.objects.get()
    assert (grant.status, grant.point, grant.user, grant.basis) == (GrantStatus.ASKED, None, user, "meter")


def test_too_many_are_told_and_the_text_stays(client, monkeypatch):
    monkeypatch.setattr("requests_app.actions.access.MAX_WAITING", 0)

    html = html_of(client.post(NEW, TYPED))

    assert "Дождитесь решения" in html
    assert 'value="011076148"' in html


def test_what_was_typed_survives_the_end_of_the_session(client, user):
    mark = client.get(NEW).context["mark"]
    client.logout()
    assert client.post(NEW, {**TYPED, "given_to": mark}).url == f"{reverse('accounts:login')}?next={NEW}"

    client.force_login(user)

    assert 'value="011076148"' in html_of(client.get(NEW))
    assert not AccessGrant.objects.exists()


def test_markup_that_was_typed_is_text(client):
    client.post(NEW, {**TYPED, "contract_number": "<script>1</script>", "address": "<b>1</b>"})

    html = html_of(client.get(AccessGrant.objects.get().get_absolute_url()))

    assert "<script>1" not in html
    assert "<b>1" not in html


# -- One object -----------------------------------------------------------------------------------------------------


def test_a_confirmed_one_shows_contract_meters_and_zones(client, user):
    point = SupplyPointFactory(contract_number="ТП-2019/114", tariff_note="Первая категория", max_power_kw="630.00")
    MeterFactory(point=point, serial="0808180117", zones=3, ratio=60, verified_until="2020-05-01")
    MeterFactory(point=point, serial="23115502", zones=2, is_remote=True)
    grant = AccessGrantFactory(user=user, status=GrantStatus.CONFIRMED, point=point)

    html = html_of(client.get(grant.get_absolute_url()))

    for shown in (
        "ТП-2019/114",
        "Первая категория",
        "630 кВт",
        "0808180117",
        "<dd>60</dd>",
        "T3 (полупик), 10–17 и 21–23 ч",
    ):
        assert shown in html
    assert "1 мая 2020, срок поверки прошёл" in html
    assert "Снимаются дистанционно" in html


@pytest.mark.parametrize("status", [status for status in GrantStatus if status != GrantStatus.CONFIRMED])
def test_before_and_after_a_confirmation_nothing_of_the_point_is_shown(client, user, status):
    meter = MeterFactory(serial="777", point__address="ул. Тайная, 1", point__consumer_name="ООО «Тайна»")
    is_known = status == GrantStatus.REVOKED
    grant = AccessGrantFactory(user=user, status=status, point=meter.point if is_known else None)

    html = html_of(client.get(grant.get_absolute_url()))

    for secret in ("Тайн", "777", meter.point.contract_number):
        assert secret not in html


@pytest.mark.parametrize(
    ("status", "told"), [(GrantStatus.REFUSED, "Договор не ваш."), (GrantStatus.REVOKED, "Доверенность закончилась.")]
)
def test_the_reason_is_told_and_not_who_decided(client, user, status, told):
    grant = AccessGrantFactory(user=user, status=status)

    html = html_of(client.get(grant.get_absolute_url()))

    assert told in html
    assert "Марина" not in html
    assert f'href="{NEW}"' in html


@pytest.mark.parametrize("meters", [1, 20])
def test_cost_of_a_page_does_not_grow(client, user, meters, django_assert_num_queries):
    point = SupplyPointFactory()
    MeterFactory.create_batch(meters, point=point)
    grant = AccessGrantFactory(user=user, status=GrantStatus.CONFIRMED, point=point)

    with django_assert_num_queries(6):  # session, user, grant and point, meters, labels, files
        client.get(grant.get_absolute_url())


@pytest.mark.parametrize("who", ["stranger", "sharer"])
def test_the_grant_of_another_is_404(client, user, who):
    grant = AccessGrantFactory(status=GrantStatus.CONFIRMED)
    if who == "sharer":
        AccessGrantFactory(user=user, status=GrantStatus.CONFIRMED, point=grant.point)

    assert client.get(grant.get_absolute_url()).status_code == 404
    assert client.post(withdraw(grant)).status_code == 404


def test_a_document_is_not_for_another(client):
    grant = AccessGrantFactory()
    client.force_login(grant.user)
    client.post(
        NEW, {"contract_number": grant.contract_number, "meter_serial": grant.meter_serial, "files": [upload()]}
    )
    file = Attachment.objects.get()
    client.force_login(ConsumerFactory().user)

    assert client.get(file.get_absolute_url()).status_code == 404


# -- Withdrawing ----------------------------------------------------------------------------------------------------


def test_a_look_withdraws_nothing(client, user):
    grant = AccessGrantFactory(user=user)

    html = html_of(client.get(withdraw(grant)))

    assert "Отозвать просьбу?" in html
    assert AccessGrant.objects.get().status == GrantStatus.ASKED


def test_withdrawn_it_is_gone_from_the_list(client, user):
    grant = AccessGrantFactory(user=user)

    html = html_of(client.post(withdraw(grant), follow=True))

    assert "Просьба отозвана." in html
    assert "Объектов пока нет" in html


def test_too_late_to_withdraw(client, user):
    grant = AccessGrantFactory(user=user, status=GrantStatus.CONFIRMED)

    html = html_of(client.post(withdraw(grant)))

    assert "Состояние уже другое: «Подтверждён»" in html
    assert AccessGrant.objects.get().status == GrantStatus.CONFIRMED


# -- Who may --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [OBJECTS, NEW])
def test_anonymous_is_led_to_login(client, address):
    client.logout()

    assert client.get(address).url == f"{reverse('accounts:login')}?next={address}"


@pytest.mark.parametrize("address", [OBJECTS, NEW])
def test_staff_are_led_to_their_desk(client, address):
    client.force_login(StaffFactory())

    assert client.get(address).url == reverse("admin:index")


def test_only_reading(client, user):
    grant = AccessGrantFactory(user=user, asked_at=timezone.now())

    assert client.post(OBJECTS).status_code == 405
    assert client.post(grant.get_absolute_url()).status_code == 405
    assert client.put(NEW).status_code == 405
