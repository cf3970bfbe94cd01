"""What stands beside a request: the consumer's other requests and objects, and what is about the same place or meter."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from requests_app.admin.around import MOST_SHOWN, around
from requests_app.models import GrantStatus, PlaceKey, PlaceKind, ServiceRequest
from requests_app.models.request import HIDDEN_NAME
from requests_app.services import complaint, inquiry, meter_readings, violation_report
from tests.factories import (
    AccessGrantFactory,
    ConsumerFactory,
    ServiceRequestFactory,
    StaffFactory,
    SupplyPointFactory,
    submitted,
)

pytestmark = pytest.mark.django_db

PLACE = "г. Ростов-на-Дону, ул. Портовая, 71"


@pytest.fixture
def operator():
    return StaffFactory(group="operator")


@pytest.fixture
def supervisor():
    return StaffFactory(group="supervisor")


def about(service_request, **fields):
    """The same request, about another place."""
    ServiceRequest.objects.filter(pk=service_request.pk).update(**fields)
    service_request.refresh_from_db()
    PlaceKey.objects.note(service_request)
    return service_request


def hidden(**answers):
    return submitted(violation_report.SERVICE, **{"reporter": "anonymous", "place": PLACE, **answers})


def related(service_request, by):
    return {neighbour.service_request: neighbour.why for neighbour in around(service_request, by=by).related}


# -- About the same -------------------------------------------------------------------------------------------------


def test_the_same_address_contract_and_meter_are_found_however_they_are_written(operator):
    first = submitted(inquiry.SERVICE, object_address=PLACE, contract_number="ТП-2019/114")
    same_place = submitted(complaint.SERVICE, object_address="Г Ростов-на-Дону  ул Портовая 71", contract_number="1")
    same_contract = submitted(complaint.SERVICE, object_address="Другой, 1", contract_number="№ тп–2019 / 114")
    both = submitted(complaint.SERVICE, object_address=PLACE.upper(), contract_number="TП-2019/114")
    submitted(complaint.SERVICE, object_address="Другой, 2", contract_number="2")

    assert related(first, operator) == {
        both: "тот же адрес, тот же договор",
        same_contract: "тот же договор",
        same_place: "тот же адрес",
    }
    assert first in related(both, operator)


def test_the_same_meter_is_found_before_it_is_matched(operator):
    first, second = (submitted(meter_readings.SERVICE) for _ in range(2))
    serials = {key for _, key in first.place_keys.filter(kind=PlaceKind.SERIAL).values_list("kind", "key")}
    row = PlaceKey.objects.create(service_request=second, kind=PlaceKind.SERIAL, key=serials.pop())

    assert row.key
    assert "тот же счётчик" in related(first, operator)[second]


def test_a_replaced_meter_has_two_numbers():
    service_request = submitted(meter_readings.SERVICE)
    detail = service_request.detail
    detail.new_serial = "9-99 77"
    detail.save()

    PlaceKey.objects.note(service_request)

    assert PlaceKey.objects.filter(service_request=service_request, kind=PlaceKind.SERIAL, key="99977").exists()
    assert service_request.place_keys.filter(kind=PlaceKind.SERIAL).count() == 2


def test_a_report_is_found_by_its_place_for_whom_it_is(operator, supervisor):
    service_request = submitted(inquiry.SERVICE, object_address=PLACE)
    report = submitted(violation_report.SERVICE, place=PLACE)

    assert related(service_request, supervisor) == {report: "тот же адрес"}
    assert related(service_request, operator) == {}
    assert related(report, supervisor) == {service_request: "тот же адрес"}


def test_nothing_named_is_about_nothing(operator):
    for _ in range(2):
        service_request = submitted(inquiry.SERVICE, object_address="", contract_number=" ")

    assert related(service_request, operator) == {}
    assert not service_request.place_keys.exists()


# -- Nobody hidden --------------------------------------------------------------------------------------------------


def test_an_anonymous_report_leads_to_no_person(client, supervisor):
    """Neither to what else its reporter sent, nor from there to it."""
    report = hidden()
    ServiceRequest.objects.filter(pk=report.pk).update(contract_number="ТП-2019/114")
    PlaceKey.objects.note(ServiceRequest.objects.get(pk=report.pk))
    theirs = submitted(inquiry.SERVICE, owner=report.owner, object_address="Другой, 1", contract_number="ТП-2019/114")
    AccessGrantFactory(user=report.owner, status=GrantStatus.CONFIRMED)

    of_report, of_theirs = around(report, by=supervisor), around(theirs, by=supervisor)

    assert (of_report.requests, of_report.grants, of_report.related) == ([], [], [])
    assert [neighbour.service_request for neighbour in of_theirs.requests] == []
    assert of_theirs.related == []
    client.force_login(supervisor)
    html = client.get(reverse("admin:requests_app_servicerequest_change", args=[report.pk])).content.decode()
    assert theirs.number not in html
    assert report.owner.email not in html


def test_an_anonymous_report_is_told_of_by_its_place_without_a_name(client, supervisor):
    report = hidden()
    service_request = submitted(inquiry.SERVICE, owner=report.owner, object_address=PLACE)
    client.force_login(supervisor)

    html = client.get(reverse("admin:requests_app_servicerequest_change", args=[service_request.pk])).content.decode()
    beside = html.split('id="related"')[1].split("</section>")[0]

    assert report.number in beside
    assert HIDDEN_NAME in beside
    assert service_request.applicant_name not in beside


# -- The consumer's -------------------------------------------------------------------------------------------------


def test_the_other_requests_of_the_consumer_are_the_newest_that_one_may_see(operator, supervisor):
    owner = ConsumerFactory().user
    service_request = ServiceRequestFactory(owner=owner)
    others = [ServiceRequestFactory(owner=owner) for _ in range(MOST_SHOWN)]
    report = submitted(violation_report.SERVICE, owner=owner)
    ServiceRequestFactory()

    def shown(by):
        return [neighbour.service_request for neighbour in around(service_request, by=by).requests]

    assert shown(operator) == others[::-1]
    assert shown(supervisor) == [report, *others[:0:-1]]


def test_the_objects_of_the_consumer_are_shown_with_what_is_asked_for(client, operator):
    service_request = ServiceRequestFactory()
    owner, point = service_request.owner, SupplyPointFactory()
    confirmed = AccessGrantFactory(user=owner, status=GrantStatus.CONFIRMED, point=point)
    asked = AccessGrantFactory(user=owner)
    for status in (GrantStatus.REFUSED, GrantStatus.REVOKED, GrantStatus.WITHDRAWN):
        AccessGrantFactory(user=owner, status=status)
    AccessGrantFactory(status=GrantStatus.CONFIRMED)
    client.force_login(operator)

    html = client.get(reverse("admin:requests_app_servicerequest_change", args=[service_request.pk])).content.decode()

    assert set(around(service_request, by=operator).grants) == {confirmed, asked}
    assert reverse("admin:requests_app_supplypoint_change", args=[point.pk]) in html
    assert reverse("admin:requests_app_accessgrant_change", args=[asked.pk]) in html


def test_who_may_not_see_objects_is_shown_none():
    report = submitted(violation_report.SERVICE)
    AccessGrantFactory(user=report.owner, status=GrantStatus.CONFIRMED)

    assert around(report, by=StaffFactory(group="inspector")).grants == []


# -- Cost -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("many", [1, 15])
def test_the_cost_is_flat(operator, many, django_assert_num_queries):
    service_request = submitted(inquiry.SERVICE, object_address=PLACE, contract_number="ТП-2019/114")
    for _ in range(many):
        ServiceRequestFactory(owner=service_request.owner)
        about(ServiceRequestFactory(), object_address=PLACE, contract_number="ТП-2019/114")
        AccessGrantFactory(user=service_request.owner)
    operator.has_perm("requests_app.view_servicerequest")  # as any page has asked by then

    with django_assert_num_queries(5):  # what it is about, two of the same, other requests, objects
        found = around(service_request, by=operator)

    assert len(found.related) == min(many, MOST_SHOWN)


def test_the_same_is_found_down_an_index():
    with connection.cursor() as cursor:
        query = PlaceKey.objects.newest_with("address", "а").values("pk")[:6].query
        sql, parameters = query.sql_with_params()
        explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"{explain} {sql}", parameters)
        plan = " ".join(str(row) for row in cursor.fetchall())

    assert "place_key_newest" in plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan


def test_keys_by_constraint():
    service_request = submitted(inquiry.SERVICE, object_address=PLACE)
    row = {"service_request": service_request, "kind": "address", "key": "а"}

    PlaceKey.objects.create(**row)
    for wrong in (row, row | {"key": ""}, row | {"kind": "person"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            PlaceKey.objects.create(**wrong)
