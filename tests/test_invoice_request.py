"""The request for an invoice: the payer of each legal form, the period, amounts."""

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import LegalForm
from requests_app.codes import Category
from requests_app.models import GrantStatus
from requests_app.services import invoice
from tests.factories import AccessGrantFactory, ConsumerFactory, filled, submitted

pytestmark = pytest.mark.django_db

SERVICE = invoice.SERVICE


def errors(form):
    """Field → codes of its errors."""
    return {name: [error.code for error in field_errors.as_data()] for name, field_errors in form.errors.items()}


def owner_of(legal_form):
    return ConsumerFactory(legal_form=legal_form).user


def month(months_ahead):
    today = timezone.localdate()
    number = today.year * 12 + today.month - 1 + months_ahead
    return f"{number // 12}-{number % 12 + 1:02}"


# -- The payer ------------------------------------------------------------------------------------------------------

PAYER = {
    LegalForm.PERSON: ["payer_name"],
    LegalForm.SOLE_TRADER: ["payer_name", "payer_inn", "payer_ogrnip"],
    LegalForm.COMPANY: ["payer_name", "payer_inn", "payer_kpp", "payer_address"],
}


@pytest.mark.parametrize("legal_form", LegalForm)
def test_only_what_a_payer_of_this_form_has_is_asked(legal_form):
    form = SERVICE.form_class(owner=owner_of(legal_form))

    assert [name for name in form.fields if name.startswith("payer_")] == PAYER[legal_form]


def test_the_payer_is_filled_in_from_the_profile():
    company = ConsumerFactory(legal_form=LegalForm.COMPANY)
    trader = ConsumerFactory(legal_form=LegalForm.SOLE_TRADER, inn="500100732259")

    of_company, of_trader = (SERVICE.form_class(owner=consumer.user) for consumer in (company, trader))

    assert (of_company["payer_name"].initial, of_company["payer_inn"].initial) == ("ООО «Вега»", company.inn)
    assert (of_trader["payer_inn"].initial, of_trader["payer_ogrnip"].initial) == (trader.inn, trader.ogrnip)
    assert SERVICE.form_class(owner=owner_of("person"))["payer_name"].initial == "Самойлов Николай Петрович"


@pytest.mark.parametrize("legal_form", LegalForm)
def test_every_part_of_the_payer_is_needed(legal_form):
    form = filled(SERVICE, owner=owner_of(legal_form), **dict.fromkeys(PAYER[LegalForm.COMPANY] + ["payer_ogrnip"], ""))

    assert errors(form) == {name: ["required"] for name in PAYER[legal_form]}


@pytest.mark.parametrize("legal_form", LegalForm)
def test_the_payer_is_kept_as_it_was_said(legal_form):
    owner = owner_of(legal_form)
    detail = submitted(SERVICE, owner=owner, payer_name="Плательщик").detail
    owner.consumer.organisation = owner.consumer.last_name = "Переименован"
    owner.consumer.save()

    detail.refresh_from_db()

    assert (detail.payer_form, detail.payer_name) == (legal_form, "Плательщик")


@pytest.mark.parametrize(
    ("legal_form", "inn", "code"),
    [
        ("company", "500100732259", "wrong_kind"),
        ("company", "6166000061", "check_digit"),
        ("company", "0000000000", "same_digits"),
        ("company", "616600006", "length"),
        ("company", "61660000б0", "not_digits"),
        ("company", "٦١٦٦٠٠٠٠٦٠", "not_digits"),
        ("sole_trader", "6166000060", "wrong_kind"),
        ("sole_trader", "500100732258", "check_digit"),
        ("sole_trader", "5" * 41, "max_length"),
    ],
)
def test_the_number_of_the_payer_is_checked(legal_form, inn, code):
    assert errors(filled(SERVICE, owner=owner_of(legal_form), payer_inn=inn)) == {"payer_inn": [code]}


@pytest.mark.parametrize(("ogrnip", "code"), [("304500116000158", "check_digit"), ("1027700132195", "wrong_kind")])
def test_the_ogrnip_is_checked(ogrnip, code):
    form = filled(SERVICE, owner=owner_of("sole_trader"), payer_ogrnip=ogrnip)

    assert errors(form) == {"payer_ogrnip": [code]}


@pytest.mark.parametrize("kpp", ["61660100", "6166010011", "6166б1001", "61660100A", "A16601001", "٦١٦٦٠١٠٠١", "\x00"])
def test_a_wrong_kpp_is_refused(kpp):
    assert set(errors(filled(SERVICE, owner=owner_of("company"), payer_kpp=kpp))) == {"payer_kpp"}


@pytest.mark.parametrize(
    ("typed", "kept"), [("6166 01 001", "616601001"), ("6166AB001", "6166AB001"), ("6166ав001", "6166AB001")]
)
def test_a_kpp_is_kept_in_one_way(typed, kept):
    """Letters of a КПП are Latin; typed with the Russian keyboard they look the same."""
    assert submitted(SERVICE, owner=owner_of("company"), payer_kpp=typed).detail.payer_kpp == kept


def test_numbers_with_spaces_are_kept_bare():
    owner = owner_of("sole_trader")
    detail = submitted(SERVICE, owner=owner, payer_inn="500 100-732 259", payer_ogrnip="3 04 500116000157").detail

    assert (detail.payer_inn, detail.payer_ogrnip) == ("500100732259", "304500116000157")


def test_what_another_legal_form_has_is_not_written():
    """Neither the form of the payer nor the numbers of another one are for a POST to say."""
    forged = {"payer_form": "company", "payer_inn": "6166000060", "payer_kpp": "616601001", "payer_address": "Ростов"}

    detail = submitted(SERVICE, owner=owner_of("person"), **forged).detail

    assert (detail.payer_form, detail.payer_inn, detail.payer_kpp, detail.payer_address) == ("person", "", "", "")


# -- What for -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "period", "expected"),
    [
        ("transmission", "", {"period": ["required"]}),
        ("transmission", "10.2025", {}),
        ("transmission", month(0), {}),
        ("transmission", month(1), {"period": ["future"]}),
        ("metering", "", {}),
        ("metering", month(1), {"period": ["future"]}),
        ("metering", "когда-нибудь", {"period": ["invalid"]}),
        ("transmission", "٢٠٢٥-٠١", {"period": ["invalid"]}),
    ],
)
def test_the_period_is_possible(kind, period, expected):
    assert errors(filled(SERVICE, owner=owner_of("person"), kind=kind, period=period)) == expected


def test_the_contract_is_named_or_chosen():
    owner = owner_of("person")
    grant = AccessGrantFactory(user=owner, status=GrantStatus.CONFIRMED)

    assert errors(filled(SERVICE, owner=owner, contract_number="")) == {"contract_number": ["required"]}
    assert submitted(SERVICE, owner=owner, contract_number="", object_address="СНТ «Маяк»").detail.point is None
    chosen = submitted(SERVICE, owner=owner, point=grant.point_id, contract_number="")
    assert (chosen.detail.point, chosen.contract_number) == (grant.point, grant.point.contract_number)


def test_a_point_of_another_is_an_error_by_its_field():
    stranger = AccessGrantFactory(status=GrantStatus.CONFIRMED).point_id

    assert errors(filled(SERVICE, owner=owner_of("person"), point=stranger)) == {"point": ["invalid_choice"]}


def test_amounts_are_read_as_people_write_them():
    detail = submitted(SERVICE, amount="192 318,75", volume_kwh="1840,5").detail

    assert (detail.amount, detail.volume_kwh) == (Decimal("192318.75"), Decimal("1840.5"))


@pytest.mark.parametrize("typed", ["-1", "1e9", "NaN", "сто", "1.234", "99999999999", "١٢", "\x00"])
def test_a_wrong_amount_is_refused(typed):
    assert set(errors(filled(SERVICE, owner=owner_of("person"), amount=typed))) == {"amount"}


@pytest.mark.parametrize(
    ("typed", "is_right"),
    [("buh@example.org", True), ("", True), ("buh", False), ("a@example.org\r\nBcc: b@c.d", False)],
)
def test_the_accountant_has_an_address(typed, is_right):
    form = filled(SERVICE, owner=owner_of("person"), accountant_email=typed)

    assert form.is_valid() == is_right
    assert is_right or set(errors(form)) == {"accountant_email"}


@pytest.mark.parametrize(("name", "code"), [("kind", "invalid_choice"), ("closing", "invalid_choice")])
def test_a_choice_is_one_of_the_list(name, code):
    assert errors(filled(SERVICE, owner=owner_of("person"), **{name: "nonsense"})) == {name: [code]}


def test_every_kind_has_a_category():
    assert set(invoice.CATEGORY_OF_KIND) == set(invoice.InvoiceKind)
    assert submitted(SERVICE, kind="connection").category == Category.APPEAL_CONNECTION


def test_the_form_says_who_sells_energy_to_households(client):
    client.force_login(owner_of("person"))

    assert "гарантирующий поставщик" in client.get(reverse("requests:submit", args=["invoice"])).content.decode()


def test_rows_tell_the_payer_and_round_numbers():
    rows = {row.label: row.value for row in submitted(SERVICE, amount="1000", volume_kwh="1840").detail.rows()}

    assert rows["Сумма, ₽"] == "1\N{NO-BREAK SPACE}000,00"
    assert rows["Объём, кВт·ч"] == "1\N{NO-BREAK SPACE}840"
    assert rows["Плательщик"] == "Самойлов Николай Петрович"
