"""What the database itself refuses, and how a consumer is called."""

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Consumer, LegalForm, User
from tests.factories import ConsumerFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db

PERSON, SOLE_TRADER, COMPANY = LegalForm.PERSON, LegalForm.SOLE_TRADER, LegalForm.COMPANY


@pytest.mark.parametrize("legal_form", LegalForm)
def test_each_legal_form_is_accepted(legal_form):
    assert ConsumerFactory(legal_form=legal_form).legal_form == legal_form


@pytest.mark.parametrize(
    ("legal_form", "broken"),
    [
        (PERSON, {"last_name": ""}),
        (PERSON, {"first_name": ""}),
        (PERSON, {"phone": ""}),
        (PERSON, {"snils_hash": ""}),
        (PERSON, {"snils_hash": "11223344595"}),
        (PERSON, {"snils_encrypted": ""}),
        (PERSON, {"inn": "6166000060"}),
        (PERSON, {"ogrn": "1026100000080"}),
        (PERSON, {"ogrnip": "304500116000157"}),
        (SOLE_TRADER, {"ogrnip": ""}),
        (SOLE_TRADER, {"ogrnip": "104500116000157"}),
        (SOLE_TRADER, {"ogrnip": "30450011600015"}),
        (SOLE_TRADER, {"inn": "6166000060"}),
        (SOLE_TRADER, {"ogrn": "1026100000080"}),
        (SOLE_TRADER, {"snils_hash": "a" * 64}),
        (SOLE_TRADER, {"snils_encrypted": "token"}),
        (SOLE_TRADER, {"last_name": ""}),
        (SOLE_TRADER, {"first_name": ""}),
        (SOLE_TRADER, {"phone": ""}),
        (COMPANY, {"inn": ""}),
        (COMPANY, {"inn": "500100732259"}),
        (COMPANY, {"ogrn": ""}),
        (COMPANY, {"ogrn": "102610000008"}),
        (COMPANY, {"ogrnip": "304500116000157"}),
        (COMPANY, {"snils_hash": "a" * 64}),
        (COMPANY, {"snils_encrypted": "token"}),
        (PERSON, {"legal_form": COMPANY}),
        (COMPANY, {"legal_form": "club"}),
    ],
)
def test_what_does_not_fit_the_legal_form_is_refused(legal_form, broken):
    consumer = ConsumerFactory(legal_form=legal_form)

    with pytest.raises(IntegrityError, match="consumer_fits_legal_form"), transaction.atomic():
        Consumer.objects.filter(pk=consumer.pk).update(**broken)


def test_company_needs_no_more_than_the_guide_asks_for():
    consumer = ConsumerFactory(legal_form=COMPANY, organisation="", contact_name="", phone="")

    assert consumer.missing_contacts == ["organisation", "contact_name", "phone"]


@pytest.mark.parametrize("legal_form", [PERSON, SOLE_TRADER])
def test_only_a_company_has_missing_contacts(legal_form):
    assert ConsumerFactory(legal_form=legal_form).missing_contacts == []


def test_email_is_one_mailbox_whatever_its_case():
    UserFactory(email="ivan@example.org")

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("IVAN@example.org")
    with pytest.raises(IntegrityError, match="user_email_lower_case"), transaction.atomic():
        User.objects.create(email="Maria@example.org")


def test_snils_is_nowhere_in_the_table_in_clear():
    consumer = ConsumerFactory(snils="11223344595")

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_consumer WHERE user_id = %s", [consumer.pk])
        row = cursor.fetchone()

    assert Consumer.objects.get(pk=consumer.pk).snils == "11223344595"
    assert not any("11223344595" in str(value) for value in row)


# -- What it is called ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("legal_form", "answers", "name"),
    [
        (PERSON, {}, "Самойлов Николай Петрович"),
        (PERSON, {"middle_name": ""}, "Самойлов Николай"),
        (SOLE_TRADER, {}, "ИП Гринько Тамара Ильинична"),
        (COMPANY, {}, "ООО «Вега»"),
        (COMPANY, {"organisation": ""}, "Организация без названия"),
    ],
)
def test_display_name_is_never_a_number(legal_form, answers, name):
    user = ConsumerFactory(legal_form=legal_form, **answers).user

    assert user.display_name == name
    assert str(user) == name


def test_staff_are_called_by_their_signature_or_address():
    assert StaffFactory(name="Марина Олеговна").display_name == "Марина Олеговна"
    assert StaffFactory(name="", email="new@example.org").display_name == "new@example.org"


@pytest.mark.parametrize(
    ("legal_form", "answers", "greeting"),
    [
        (PERSON, {}, "Николай Петрович"),
        (SOLE_TRADER, {"middle_name": ""}, "Тамара"),
        (COMPANY, {}, "Ковалёва Ирина Павловна"),
        (COMPANY, {"contact_name": ""}, ""),
    ],
)
def test_greeting_is_a_person(legal_form, answers, greeting):
    assert ConsumerFactory(legal_form=legal_form, **answers).greeting == greeting


def test_snils_is_masked_for_others_and_whole_for_its_owner():
    consumer = ConsumerFactory(snils="11223344595")

    assert consumer.masked_identifier == "СНИЛС 112-***-*** 95"
    assert consumer.full_identifiers == [("СНИЛС", "112-233-445 95")]


def test_public_numbers_are_shown_as_they_are():
    sole_trader = ConsumerFactory(legal_form=SOLE_TRADER, ogrnip="304500116000157", inn="500100732259")
    company = ConsumerFactory(legal_form=COMPANY, inn="6166000060", ogrn="1026100000080")

    assert sole_trader.masked_identifier == "ОГРНИП 304500116000157"
    assert sole_trader.full_identifiers == [("ОГРНИП", "304500116000157"), ("ИНН", "500100732259")]
    assert company.masked_identifier == "ИНН 6166000060, ОГРН 1026100000080"
    assert company.full_identifiers == [("ИНН", "6166000060"), ("ОГРН", "1026100000080")]


# -- The same number twice ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("legal_form", "number"),
    [
        (PERSON, {"snils": "11223344595"}),
        (SOLE_TRADER, {"ogrnip": "304500116000157"}),
        (COMPANY, {"inn": "6166000060"}),
        (COMPANY, {"ogrn": "1026100000080"}),
    ],
)
def test_conflict_of_numbers_is_found(legal_form, number):
    first = ConsumerFactory(legal_form=legal_form, **number)
    second = ConsumerFactory(legal_form=legal_form, **number)
    third = ConsumerFactory(legal_form=legal_form)

    assert list(Consumer.objects.claiming_identifier_of(first)) == [second]
    assert not Consumer.objects.claiming_identifier_of(third)
    assert set(Consumer.objects.with_shared_identifier()) == {first, second}
