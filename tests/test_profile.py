"""The profile: one's own data in full, what may be changed, and the consents with what they lead to."""

import pytest
from django.urls import reverse

from accounts.models import ConsentAction, ConsentEvent, Consumer, LegalForm, Purpose
from tests.factories import ConsumerFactory, StaffFactory, publish

pytestmark = pytest.mark.django_db

PROFILE = reverse("accounts:profile")
NAMES = {"last_name": "Петрова", "first_name": "Анна", "middle_name": "", "phone": "8 928 111-22-33"}


@pytest.fixture
def consumer(client):
    consumer = ConsumerFactory(agreed=True, snils="11223344595")
    client.force_login(consumer.user)
    return consumer


@pytest.fixture
def company(client):
    company = ConsumerFactory(
        agreed=True, legal_form=LegalForm.COMPANY, organisation="", contact_name="", phone="", inn="6166000060"
    )
    client.force_login(company.user)
    return company


def set_consent(client, purpose, given):
    return client.post(reverse("accounts:set_consent", args=[purpose]), {"given": given})


def actions_of(consumer, purpose):
    events = ConsentEvent.objects.filter(user=consumer.user, document__purpose=purpose).order_by("at", "pk")
    return [event.action for event in events]


# -- Whose it is ----------------------------------------------------------------------------------------------------


def test_owner_sees_the_number_in_full(client, consumer):
    html = client.get(PROFILE).content.decode()

    assert "112-233-445 95" in html
    assert "Физическое лицо" in html
    assert consumer.user.email in html


def test_nobody_sees_the_data_of_another(client, consumer):
    client.force_login(ConsumerFactory(agreed=True, last_name="Чужой").user)

    html = client.get(PROFILE).content.decode()

    assert "112-233-445 95" not in html
    assert "Самойлов" not in html


def test_stranger_is_led_to_login_and_staff_to_their_desk(client):
    assert client.get(PROFILE)["Location"] == f"{reverse('accounts:login')}?next={PROFILE}"
    client.force_login(StaffFactory())
    assert client.get(PROFILE)["Location"] == reverse("admin:index")


def test_page_costs_the_same_queries_however_much_was_said_on_consents(client, consumer, django_assert_max_num_queries):
    for given in "1010101010":
        set_consent(client, "news", given)
    client.get(PROFILE)

    with django_assert_max_num_queries(6):
        client.get(PROFILE)


# -- What may be changed --------------------------------------------------------------------------------------------


def test_names_and_telephone_are_saved(client, consumer):
    response = client.post(PROFILE, NAMES)

    consumer.refresh_from_db()
    assert response["Location"] == PROFILE
    assert consumer.full_name == "Петрова Анна"
    assert consumer.phone.as_e164 == "+79281112233"
    assert "Профиль сохранён" in client.get(PROFILE).content.decode()


def test_company_tells_whom_to_answer(client, company):
    before = client.get(PROFILE).content.decode()
    answers = {"organisation": "ООО «Вега»", "contact_name": "Ковалёва Ирина", "phone": "8 863 250-31-02 доб. 7"}

    client.post(PROFILE, answers)

    company.refresh_from_db()
    assert "Заполните всё" in before
    assert company.missing_contacts == []
    assert company.display_name == "ООО «Вега»"
    assert "Заполните всё" not in client.get(PROFILE).content.decode()


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"last_name": ""}, "last_name", "required"),
        ({"first_name": "Анна1"}, "first_name", "characters"),
        ({"phone": "250-31-02"}, "phone", "no_area_code"),
        ({"phone": ""}, "phone", "required"),
    ],
)
def test_refusal_keeps_what_was_typed_and_changes_nothing(client, consumer, changed, field, code):
    response = client.post(PROFILE, NAMES | {"last_name": "Петрова-Новая"} | changed)

    html = response.content.decode()
    assert response.context["form"].errors.as_data()[field][0].code == code
    assert changed.get("last_name", "Петрова-Новая") in html
    assert "Петрова" not in html.partition("<main")[0]  # the header keeps the name that is stored
    assert Consumer.objects.get(pk=consumer.pk).last_name == "Самойлов"


@pytest.mark.parametrize("missing", ["organisation", "contact_name", "phone"])
def test_company_is_asked_for_all_three(client, company, missing):
    answers = {"organisation": "ООО «Вега»", "contact_name": "Ковалёва Ирина", "phone": "8 863 250-31-02"}

    response = client.post(PROFILE, answers | {missing: ""})

    assert response.context["form"].errors.as_data()[missing][0].code == "required"


def test_numbers_address_and_legal_form_stay_whatever_is_sent(client, consumer):
    before = Consumer.objects.get(pk=consumer.pk)
    extra = {
        "snils": "12345678964",
        "inn": "6166000060",
        "ogrn": "1026100000080",
        "legal_form": "company",
        "organisation": "ООО «Чужое»",
        "email": "evil@example.org",
        "is_staff": "1",
        "email_confirmed_at": "2026-01-01",
    }

    client.post(PROFILE, NAMES | extra)

    after = Consumer.objects.select_related("user").get(pk=consumer.pk)
    assert (after.snils, after.inn, after.ogrn, after.legal_form) == (before.snils, "", "", before.legal_form)
    assert (after.organisation, after.user.email) == ("", consumer.user.email)
    assert (after.user.is_staff, after.user.email_confirmed_at) == (False, None)


def test_name_of_an_organisation_is_text_and_no_markup(client, company):
    answers = {"organisation": "<script>alert(1)</script> & К", "contact_name": "Ян", "phone": "8 863 250-31-02"}

    client.post(PROFILE, answers)

    html = client.get(PROFILE).content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; К" in html


# -- The address ----------------------------------------------------------------------------------------------------


def test_unconfirmed_address_offers_another_letter(client, consumer):
    assert reverse("accounts:resend_confirmation") in client.get(PROFILE).content.decode()


def test_confirmed_address_does_not(client):
    client.force_login(ConsumerFactory(agreed=True, user__email_confirmed_at="2026-11-24T09:00:00Z").user)

    html = client.get(PROFILE).content.decode()

    assert "Подтверждён 24 ноября 2026" in html
    assert reverse("accounts:resend_confirmation") not in html


# -- Consents -------------------------------------------------------------------------------------------------------


def test_news_are_given_and_withdrawn_with_a_record_of_each(client, consumer):
    given = set_consent(client, "news", "1")
    set_consent(client, "news", "1")
    set_consent(client, "news", "0")
    set_consent(client, "news", "0")

    assert given["Location"] == PROFILE
    assert actions_of(consumer, Purpose.NEWS) == [ConsentAction.GIVEN, ConsentAction.WITHDRAWN]
    assert client.get(PROFILE).status_code == 200


def test_consent_is_recorded_with_where_it_came_from(client, consumer):
    client.post(
        reverse("accounts:set_consent", args=["news"]),
        {"given": "1"},
        REMOTE_ADDR="192.0.2.7",
        headers={"user-agent": "Проба" * 100},
    )

    event = ConsentEvent.objects.last_words(consumer.user)[Purpose.NEWS]
    assert event.ip == "192.0.2.7"
    assert event.user_agent == ("Проба" * 100)[:300]
    assert event.sha256 == event.document.sha256


def test_consent_to_an_older_text_can_be_withdrawn(client, consumer):
    set_consent(client, "news", "1")
    publish(Purpose.NEWS)

    set_consent(client, "news", "0")

    withdrawn = ConsentEvent.objects.last_words(consumer.user)[Purpose.NEWS]
    assert (withdrawn.action, withdrawn.document.version) == (ConsentAction.WITHDRAWN, 1)


def test_without_the_registration_consent_the_cabinet_asks_for_it_first(client, consumer):
    set_consent(client, "registration", "0")

    response = client.get(PROFILE)

    assert actions_of(consumer, Purpose.REGISTRATION) == [ConsentAction.GIVEN, ConsentAction.WITHDRAWN]
    assert response["Location"].startswith(reverse("accounts:consent"))
    client.post(reverse("accounts:consent"), {"next": PROFILE, "accept": "on"})
    assert client.get(PROFILE).status_code == 200
    assert actions_of(consumer, Purpose.REGISTRATION)[-1] == ConsentAction.GIVEN


def test_page_tells_when_which_version_was_accepted(client, consumer):
    html = client.get(PROFILE).content.decode()

    assert "редакция 1" in html
    assert "Дано " in html
    assert "Отозвать согласие" in html


def test_policy_is_no_consent_that_could_be_withdrawn(client, consumer):
    assert client.post("/accounts/consents/policy/", {"given": "0"}).status_code == 404


def test_consents_are_set_by_a_button_of_their_owner(client, consumer):
    address = reverse("accounts:set_consent", args=["news"])

    assert client.get(address).status_code == 405
    client.logout()
    assert client.post(address, {"given": "1"})["Location"].startswith(reverse("accounts:login"))
    assert actions_of(consumer, Purpose.NEWS) == []
