from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import connection, transaction

from requests_app import numbers
from requests_app.models import ServiceRequest
from requests_app.services import inquiry
from tests.factories import submitted


@pytest.mark.django_db
def test_numbers_of_a_year_follow_each_other():
    taken = [numbers.next_number(on=date(2026, 11, 24)) for _ in range(3)]

    assert taken == ["2026-000001", "2026-000002", "2026-000003"]


@pytest.mark.django_db
def test_each_year_begins_with_one():
    numbers.next_number(on=date(2026, 12, 31))

    assert numbers.next_number(on=date(2027, 1, 1)) == "2027-000001"


@pytest.mark.django_db
def test_a_late_number_of_the_old_year_goes_on_counting():
    numbers.next_number(on=date(2026, 12, 31))
    numbers.next_number(on=date(2027, 1, 1))

    assert numbers.next_number(on=date(2026, 12, 31)) == "2026-000002"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("moment", "year"),
    [
        (datetime(2026, 12, 31, 20, 59, 59, tzinfo=UTC), "2026"),  # 23:59:59 in Moscow
        (datetime(2026, 12, 31, 21, 0, 0, tzinfo=UTC), "2027"),  # midnight in Moscow, the server still in the old year
    ],
)
def test_the_year_is_that_of_moscow(moment, year):
    with time_machine.travel(moment, tick=False):
        service_request = submitted(inquiry.SERVICE)

    assert service_request.number == f"{year}-000001"


@pytest.mark.django_db
def test_the_number_of_a_deleted_request_is_not_given_again():
    first = submitted(inquiry.SERVICE)
    ServiceRequest.objects.filter(pk=first.pk).delete()

    second = submitted(inquiry.SERVICE)

    assert (first.number[5:], second.number[5:]) == ("000001", "000002")


@pytest.mark.django_db(transaction=True)
def test_parallel_takers_get_different_numbers():
    def take(_):
        try:
            with transaction.atomic():
                return numbers.next_number(on=date(2031, 5, 1))
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        taken = list(pool.map(take, range(20)))

    assert sorted(taken) == [f"2031-{number:06d}" for number in range(1, 21)]


@pytest.mark.django_db(transaction=True)
def test_a_number_of_a_failed_transaction_is_free_again():
    with transaction.atomic():
        numbers.next_number(on=date(2031, 5, 1))
        transaction.set_rollback(True)

    with transaction.atomic():
        assert numbers.next_number(on=date(2031, 5, 1)) == "2031-000001"


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("2026-000123", "2026-000123"),
        (" № 2026-123 ", "2026-000123"),
        ("№2026–000123", "2026-000123"),
        ("n 2026/123", "2026-000123"),
        ("No. 2026-1234567", "2026-1234567"),
        ("2026-", None),
        ("26-000123", None),
        ("2026-000123-1", None),
        ("2026-000123\n2026-000124", None),
        ("٢٠٢٦-١٢٣", None),
        ("", None),
    ],
)
def test_a_typed_number_is_understood(typed, number):
    assert numbers.parse(typed) == number
