"""Supply points on the work desk, and the queue of those who ask for access."""

import re

import pytest
from django.urls import reverse

from requests_app.models import AccessGrant, GrantStatus, Meter, SupplyPoint, ZoneLabel
from tests.factories import (
    AccessGrantFactory,
    ConsumerFactory,
    MeterFactory,
    StaffFactory,
    SupplyPointFactory,
    company_inn,
    ogrn,
    snils,
)

pytestmark = pytest.mark.django_db

POINTS = reverse("admin:requests_app_supplypoint_changelist")
NEW_POINT = reverse("admin:requests_app_supplypoint_add")
GRANTS = reverse("admin:requests_app_accessgrant_changelist")
INN = company_inn(60)


@pytest.fixture
def operator(client):
    operator = StaffFactory(group="operator", name="Марина Олеговна, оператор")
    client.force_login(operator)
    return operator


@pytest.fixture
def supervisor(client):
    supervisor = StaffFactory(group="supervisor")
    client.force_login(supervisor)
    return supervisor


def html_of(response):
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ")


def page(grant, name="change"):
    return reverse(f"admin:requests_app_accessgrant_{name}", args=[grant.pk])


def answers(*meters, **given):
    """What the page of a point sends; each of `meters` is a new one."""
    data = {
        "contract_number": "ТП-2019/114",
        "address": "ул. Менжинского, 4",
        "consumer_name": "ООО «Вега»",
        "meters-TOTAL_FORMS": len(meters),
        "meters-INITIAL_FORMS": 0,
        **given,
    }
    for number, meter in enumerate(meters):
        defaults = {"digits_before": 6, "digits_after": 0, "zones": 1, "ratio": 1}
        data |= {f"meters-{number}-{name}": value for name, value in {**defaults, **meter}.items()}
    return data


def errors_of(response):
    """Field → code of every error of the page, those of meters too."""
    forms = [response.context["adminform"].form]
    forms += [form for formset in response.context["inline_admin_formsets"] for form in formset.formset.forms]
    return {name: errors.as_data()[0].code for form in forms for name, errors in form.errors.items()}


# -- Points and meters ----------------------------------------------------------------------------------------------


def test_a_point_is_entered_with_its_meters(client, operator):
    meters = [{"serial": "0808180117", "zones": 3, "ratio": 60, "digits_after": 2}, {"serial": "23115502", "zones": 2}]

    response = client.post(NEW_POINT, answers(*meters, inn=f"{INN[:4]} {INN[4:]}", snils="112-233-445 95"))

    assert response.url == POINTS
    point = SupplyPoint.objects.get()
    assert (point.inn, len(point.snils_hash)) == (INN, 64)
    assert [(meter.serial_key, meter.zones, meter.ratio) for meter in point.meters.all()] == [
        ("0808180117", 3, 60),
        ("23115502", 2, 1),
    ]


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"inn": "6166000061"}, "inn", "check_digit"),
        ({"ogrn": "123"}, "ogrn", "length"),
        ({"ogrnip": "304500116000158"}, "ogrnip", "check_digit"),
        ({"snils": "112-233-445 96"}, "snils", "check_digit"),
        ({"ogrn": "1026100000080", "ogrnip": "304500116000157"}, "ogrnip", "both"),
        ({"contract_number": "№"}, "contract_number", "empty"),
        ({"address": "---"}, "address", "empty"),
        ({"consumer_name": ""}, "consumer_name", "required"),
        ({"max_power_kw": "0"}, "max_power_kw", "not_positive"),
        ({"max_power_kw": "-1"}, "max_power_kw", "not_positive"),
    ],
)
def test_bad_data_of_a_point_is_told_at_its_field(client, operator, given, field, code):
    response = client.post(NEW_POINT, answers(**given))

    assert errors_of(response)[field] == code
    assert not SupplyPoint.objects.exists()


@pytest.mark.parametrize(
    ("meters", "field", "code"),
    [
        ([{"serial": "0110-7"}, {"serial": "01107"}], "serial", "twice"),
        ([{"serial": "---"}], "serial", "empty"),
        ([{"serial": "1", "zones": 4}], "zones", "invalid_choice"),
        ([{"serial": "1", "digits_before": 3}], "digits_before", "limits"),
        ([{"serial": "1", "digits_before": 10}], "digits_before", "limits"),
        ([{"serial": "1", "digits_after": 4}], "digits_after", "limits"),
        ([{"serial": "1", "ratio": 0}], "ratio", "limits"),
        ([{"serial": "1", "ratio": 2**31}], "ratio", "limits"),
        ([{"serial": "1", "installed_on": "2024-02-01", "removed_on": "2024-01-31"}], "removed_on", "too_early"),
    ],
)
def test_bad_data_of_a_meter_is_told_at_its_field(client, operator, meters, field, code):
    response = client.post(NEW_POINT, answers(*meters))

    assert errors_of(response)[field] == code
    assert not Meter.objects.exists()


@pytest.mark.parametrize(
    ("given", "field"), [({"zones": 4}, "zones"), ({"zones": 0}, "zones"), ({"number": 3}, "number")]
)
def test_a_zone_that_no_meter_has_is_told_at_its_field(client, supervisor, given, field):
    new = reverse("admin:requests_app_zonelabel_add")

    response = client.post(new, {"zones": 2, "number": 1, "label": "Утро", **given})

    assert list(response.context["adminform"].form.errors) == [field]


def label_page(label, name="change"):
    return reverse(f"admin:requests_app_zonelabel_{name}", args=[label.pk])


@pytest.mark.parametrize(("zones", "status"), [(2, 403), (3, 302)])
def test_a_zone_that_meters_have_is_not_deleted(client, zones, status):
    MeterFactory(zones=2)
    client.force_login(StaffFactory(is_superuser=True))
    label = ZoneLabel.objects.get(zones=zones, number=1)

    html = html_of(client.get(label_page(label)))
    response = client.post(label_page(label, "delete"), {"post": "yes"})

    assert response.status_code == status
    assert ZoneLabel.objects.filter(pk=label.pk).exists() is (status == 403)
    assert (label_page(label, "delete") in html) is (status == 302)
    assert "с таким числом зон, зону не удаляют" in html


@pytest.mark.parametrize(("given", "field"), [({"zones": 3}, "zones"), ({"number": 2}, "number")])
def test_a_zone_that_meters_have_is_not_moved_but_renamed(client, supervisor, given, field):
    MeterFactory(zones=2)
    ZoneLabel.objects.filter(zones=2, number=2).delete()
    ZoneLabel.objects.filter(zones=3).delete()
    label = ZoneLabel.objects.get(zones=2, number=1)
    data = {"zones": 2, "number": 1, "label": "T1 (дневная)", "hours": "8–22 ч"}

    moved = client.post(label_page(label), {**data, **given})
    renamed = client.post(label_page(label), data)

    assert errors_of(moved) == {field: "used"}
    assert renamed.status_code == 302
    label.refresh_from_db()
    assert (label.zones, label.number, label.label) == (2, 1, "T1 (дневная)")


def test_the_same_point_twice_is_told(client, operator):
    SupplyPointFactory(contract_number="№ тп-2019/114", address="Ул Менжинского 4")

    assert errors_of(client.post(NEW_POINT, answers())) == {"address": "twice"}


def test_an_empty_snils_leaves_what_is_there(client, operator):
    point = SupplyPointFactory(snils_hash="a" * 64)

    client.post(reverse("admin:requests_app_supplypoint_change", args=[point.pk]), answers())

    point.refresh_from_db()
    assert (point.snils_hash, point.contract_number) == ("a" * 64, "ТП-2019/114")


@pytest.mark.parametrize(
    "typed",
    ["тп-2019/114", "тп - 2019", "0808 180117", "менжинского 4", "МЕНЖИНСКОГО", "вега", INN, snils(7), ogrn(8)],
)
def test_points_are_found_by_whatever_is_at_hand(client, operator, typed):
    point = SupplyPointFactory(
        contract_number="ТП-2019/114",
        address="ул. Менжинского, 4",
        inn=INN,
        ogrn=ogrn(8),
        snils_hash=ConsumerFactory(snils=snils(7)).snils_hash,
    )
    MeterFactory(point=point, serial="0808180117")
    SupplyPointFactory(address="ул. Другая, 1", contract_number="ЭС-1", consumer_name="ИП Гринько Т. И.")

    response = client.get(POINTS, {"q": typed})

    assert [found.pk for found in response.context["cl"].result_list] == [point.pk]


@pytest.mark.parametrize("typed", ["нет такого", "(", "%", "\x00"])
def test_what_is_not_there_is_not_found(client, operator, typed):
    SupplyPointFactory()

    assert client.get(POINTS, {"q": typed}).status_code in (200, 302)


def test_identifiers_cannot_be_guessed_by_the_address(client, operator):
    for lookup in ("snils_hash__startswith", "inn__startswith", "grants__user__password__startswith"):
        assert client.get(POINTS, {lookup: "a"}).status_code == 400


@pytest.mark.parametrize("rows", [1, 30])
def test_cost_of_the_list_of_points_does_not_grow(client, operator, rows, django_assert_num_queries):
    MeterFactory.create_batch(rows)

    with django_assert_num_queries(7):  # session, user, two of permissions, count, points, meters
        client.get(POINTS)


# -- The queue ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["эс-118", "0091 21544", "портовая", "person@example.org", snils(7)])
def test_grants_are_found_by_whatever_is_at_hand(client, operator, typed):
    consumer = ConsumerFactory(user__email="person@example.org", snils=snils(7))
    grant = AccessGrantFactory(
        user=consumer.user, contract_number="ЭС-118/2024", meter_serial="009121544", address="ул. Портовая, 71"
    )
    AccessGrantFactory(contract_number="ТП-1", meter_serial="1")

    assert list(client.get(GRANTS, {"q": typed}).context["cl"].result_list) == [grant]


def test_grants_are_found_by_the_point_that_was_confirmed(client, operator):
    grant = AccessGrantFactory(status=GrantStatus.CONFIRMED, point=MeterFactory(serial="0808180117").point)
    AccessGrantFactory()

    assert list(client.get(GRANTS, {"q": "0808180117"}).context["cl"].result_list) == [grant]


@pytest.mark.parametrize("rows", [1, 30])
def test_cost_of_the_queue_does_not_grow(client, operator, rows, django_assert_num_queries):
    AccessGrantFactory.create_batch(rows, status=GrantStatus.REVOKED)

    with django_assert_num_queries(6):  # session, user, two of permissions, count, grants
        client.get(GRANTS)


def test_the_page_of_one_says_who_asks_and_offers_the_decisions(client, operator):
    consumer = ConsumerFactory(snils=snils(7))
    grant = AccessGrantFactory(user=consumer.user, contract_number="ЭС-118/2024")

    html = html_of(client.get(page(grant)))

    assert "Самойлов Николай Петрович" in html
    assert snils(7) not in re.sub(r"[- ]", "", html)
    assert "не подтверждён" in html
    for name, is_offered in (("confirm", True), ("refuse", True), ("revoke", False)):
        assert (f'href="{page(grant, name)}"' in html) == is_offered


def test_revoking_is_offered_to_the_supervisor_alone(client, operator):
    grant = AccessGrantFactory(status=GrantStatus.CONFIRMED)
    assert page(grant, "revoke") not in html_of(client.get(page(grant)))

    client.force_login(StaffFactory(group="supervisor"))

    assert page(grant, "revoke") in html_of(client.get(page(grant)))


# -- Confirming -----------------------------------------------------------------------------------------------------


def test_the_likely_point_is_found_and_confirmed(client, operator):
    point = MeterFactory(serial="011076148", point__contract_number="ТП-2019/114").point
    grant = AccessGrantFactory(contract_number="тп-2019/114", meter_serial="0110-76148")
    html = html_of(client.get(page(grant, "confirm")))
    assert "Совпадает: номер договора, номер счётчика." in html

    response = client.post(page(grant, "confirm"), {"point": point.pk}, follow=True)

    assert "Доступ подтверждён." in html_of(response)
    grant.refresh_from_db()
    assert (grant.status, grant.point, grant.decided_by) == (GrantStatus.CONFIRMED, point, operator)


def test_another_point_is_looked_for(client, operator):
    point = SupplyPointFactory(address="ул. Портовая, 71")
    grant = AccessGrantFactory()
    assert "Подходящих точек нет" in html_of(client.get(page(grant, "confirm")))

    client.post(f"{page(grant, 'confirm')}?q=портовая", {"point": point.pk})

    grant.refresh_from_db()
    assert grant.point == point


def test_a_conflict_of_identities_is_shown(client, operator):
    owner = ConsumerFactory(legal_form="company", inn=INN, ogrn=ogrn(8))
    claimant = ConsumerFactory(legal_form="company", inn=INN, ogrn=ogrn(9))
    point = MeterFactory(point__inn=owner.inn, point__ogrn=owner.ogrn, point__contract_number="ТП-2019/114").point
    grant = AccessGrantFactory(user=claimant.user, contract_number="ТП-2019/114", meter_serial="другой")
    AccessGrantFactory(user=owner.user, status=GrantStatus.CONFIRMED, point=point)

    html = html_of(client.get(page(grant, "confirm")))

    assert "Совпадает: номер договора, ИНН." in html
    assert "Расходится: номер счётчика, ОГРН." in html
    assert "Номера из договора указаны ещё в 1 кабинете." in html


def test_who_else_sees_the_point_is_shown(client, operator):
    grant = AccessGrantFactory(status=GrantStatus.CONFIRMED)
    other = AccessGrantFactory(status=GrantStatus.CONFIRMED, point=grant.point)

    assert other.user.email in html_of(client.get(page(grant)))


@pytest.mark.parametrize("typed", ["", "0", "abc"])
def test_no_point_no_confirmation(client, operator, typed):
    MeterFactory(serial="1", point__contract_number="ТП-1")
    grant = AccessGrantFactory(contract_number="ТП-1", meter_serial="1")

    response = client.post(page(grant, "confirm"), {"point": typed})

    assert "point" in response.context["form"].errors
    assert AccessGrant.objects.get().status == GrantStatus.ASKED


def test_a_point_that_was_not_found_is_not_taken(client, operator):
    grant = AccessGrantFactory()

    client.post(page(grant, "confirm"), {"point": SupplyPointFactory().pk})

    assert AccessGrant.objects.get().status == GrantStatus.ASKED


@pytest.mark.parametrize("points", [1, 10])
def test_cost_of_confirming_does_not_grow(client, operator, points, django_assert_num_queries):
    grant = AccessGrantFactory(contract_number="ТП-1")
    for number in range(points):
        MeterFactory(point__contract_number="ТП-1", point__address=f"ул. Портовая, {number}", point__inn=INN)

    # session, user, two of permissions, grant, its user, consumer, points, meters, claimants, choices, files
    with django_assert_num_queries(12):
        client.get(page(grant, "confirm"))


# -- Refusing and revoking ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "source", "target"),
    [("refuse", GrantStatus.ASKED, GrantStatus.REFUSED), ("revoke", GrantStatus.CONFIRMED, GrantStatus.REVOKED)],
)
def test_a_decision_takes_a_reason_and_is_made_once(client, supervisor, name, source, target):
    grant = AccessGrantFactory(status=source)
    assert AccessGrant.objects.get().status == source
    asked = client.post(page(grant, name), {"reason": " "})
    assert asked.context["form"].errors["reason"].as_data()[0].code == "required"

    client.post(page(grant, name), {"reason": "Договор расторгнут."})
    second = html_of(client.post(page(grant, name), {"reason": "Ещё раз."}))

    assert "Состояние уже другое" in second
    assert "Ещё раз.</textarea>" in second
    grant.refresh_from_db()
    assert grant.status == target
    assert "Договор расторгнут." in (grant.reason, grant.revocation_reason)
    assert supervisor in (grant.decided_by, grant.revoked_by)


@pytest.mark.parametrize("name", ["confirm", "refuse", "revoke"])
def test_a_look_decides_nothing(client, supervisor, name):
    grant = AccessGrantFactory(status=GrantStatus.WITHDRAWN)

    html = html_of(client.get(page(grant, name)))

    assert "Сейчас этого сделать нельзя" in html
    assert 'method="post" novalidate' not in html


@pytest.mark.parametrize("name", ["confirm", "refuse", "revoke"])
@pytest.mark.parametrize("group", ["", "editor", "dpo"])
def test_who_sees_no_grants_decides_nothing(client, name, group):
    grant = AccessGrantFactory()
    client.force_login(StaffFactory(group=group))

    assert client.post(page(grant, name), {"reason": "Так."}).status_code == 403


def test_an_operator_does_not_revoke(client, operator):
    grant = AccessGrantFactory(status=GrantStatus.CONFIRMED)

    assert client.post(page(grant, "revoke"), {"reason": "Так."}).status_code == 403


def test_markup_that_was_typed_is_text(client, operator):
    MeterFactory(serial="<i>1</i>", point__contract_number="ТП-1", point__address="<b>1</b>")
    grant = AccessGrantFactory(contract_number="ТП-1", address="<script>1</script>")

    for address in (GRANTS, POINTS, page(grant), page(grant, "confirm")):
        html = html_of(client.get(address))
        for markup in ("<i>1", "<b>1", "<script>1"):
            assert markup not in html
