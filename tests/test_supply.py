"""Supply points and meters: how their numbers are compared, what the contract and the cabinet have in common."""

import pytest

from requests_app.models import GrantStatus, Meter, SupplyPoint, ZoneLabel
from requests_app.supply_keys import address_key, contract_key, serial_key
from tests.factories import (
    AccessGrantFactory,
    ConsumerFactory,
    MeterFactory,
    SupplyPointFactory,
    company_inn,
    ogrn,
    snils,
)


@pytest.mark.parametrize(
    "typed",
    [
        "ТП-2019/114",
        "тп-2019/114",
        "№ ТП-2019/114",
        " ТП – 2019 / 114 ",
        "TП-2019/114",
        "ТП\N{NON-BREAKING HYPHEN}2019/114",
    ],
)
def test_a_contract_is_recognised_however_it_is_written(typed):
    assert contract_key(typed) == "ТП-2019/114"


def test_the_stroke_in_a_contract_number_counts():
    assert contract_key("ТП-201/9114") != contract_key("ТП-2019/114")


@pytest.mark.parametrize("typed", ["011076148", "0110 76148", "№ 0110-76148", "０１１０７６１４８"])
def test_a_serial_is_recognised_however_it_is_written(typed):
    assert serial_key(typed) == "011076148"


def test_leading_zeros_of_a_serial_count():
    assert serial_key("11076148") != serial_key("011076148")


@pytest.mark.parametrize("typed", ["Ул. Королёва, 7", "ул Королева 7", "УЛ.КОРОЛЁВА , 7"])
def test_an_address_is_recognised_however_it_is_written(typed):
    assert address_key(typed) == "ул королева 7"


@pytest.mark.parametrize("key", [contract_key, serial_key, address_key])
@pytest.mark.parametrize("typed", ["", " ", "№", "№ "])
def test_nothing_makes_no_key(key, typed):
    assert key(typed) == ""


@pytest.mark.django_db
def test_the_point_of_contract_and_meter_comes_before_the_others():
    by_meter = MeterFactory(serial="011076148").point
    by_contract = SupplyPointFactory(contract_number="ТП-2019/114", address="а")
    by_both = MeterFactory(serial="0110-76148", point__contract_number="тп-2019/114", point__address="б").point
    SupplyPointFactory()

    found = SupplyPoint.objects.meant_by(contract="TП–2019/114", serial="0110 76148")

    assert list(found) == [by_both, by_contract, by_meter]


@pytest.mark.django_db
def test_an_empty_serial_means_no_meter():
    MeterFactory()

    assert not SupplyPoint.objects.meant_by(contract="1", serial="").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("status", GrantStatus)
def test_only_a_confirmed_grant_opens_a_point(status):
    grant = AccessGrantFactory(status=status)

    assert SupplyPoint.objects.confirmed_for(grant.user).exists() == (status == GrantStatus.CONFIRMED)
    assert not SupplyPoint.objects.confirmed_for(ConsumerFactory().user).exists()


@pytest.mark.django_db
def test_several_consumers_share_a_point():
    point = SupplyPointFactory()

    users = [AccessGrantFactory(status=GrantStatus.CONFIRMED, point=point).user for _ in range(2)]

    assert [SupplyPoint.objects.confirmed_for(user).get() for user in users] == [point, point]


@pytest.mark.django_db
def test_identifiers_are_compared_where_both_sides_have_them():
    person = ConsumerFactory(snils=snils(7))
    company = ConsumerFactory(legal_form="company", inn=company_inn(7), ogrn=ogrn(7))

    of_person = SupplyPointFactory(snils_hash=person.snils_hash, inn="500100732259")
    of_company = SupplyPointFactory(inn=company_inn(7), ogrn=ogrn(8))

    assert of_person.identifiers_of(person) == (["СНИЛС"], [])
    assert of_company.identifiers_of(company) == (["ИНН"], ["ОГРН"])
    assert SupplyPointFactory().identifiers_of(company) == ([], [])


@pytest.mark.django_db
def test_labels_of_zones_are_data():
    labels = ZoneLabel.objects.by_zones()

    assert {zones: len(names) for zones, names in labels.items()} == {1: 1, 2: 2, 3: 3}
    assert [str(label) for label in labels[2]] == ["T1 (день), 7–23 ч", "T2 (ночь), 23–7 ч"]


@pytest.mark.django_db
def test_verification_ends_after_its_day():
    meter = MeterFactory.build(verified_until=None)
    assert meter.is_verified(on="2030-01-01")

    meter.verified_until = "2029-12-31"

    assert meter.is_verified(on="2029-12-31")
    assert not meter.is_verified(on="2030-01-01")


@pytest.mark.django_db
def test_a_removed_meter_stands_last():
    point = SupplyPointFactory()
    MeterFactory(point=point, serial="1", removed_on="2024-01-01")
    MeterFactory(point=point, serial="2")

    assert [meter.serial for meter in point.meters.all()] == ["2", "1"]
    assert [meter.serial for meter in Meter.objects.installed()] == ["2"]


@pytest.mark.django_db
def test_rows_tell_what_they_are():
    assert str(SupplyPoint(contract_number="ТП-1", address="ул. Портовая, 71")) == "ТП-1, ул. Портовая, 71"
    assert str(Meter(serial="011")) == "№ 011"
    assert str(ZoneLabel(label="Сутки")) == "Сутки"
    assert str(AccessGrantFactory.build(contract_number="ТП-1", user=None)) == "Договор ТП-1"
