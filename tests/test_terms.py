"""Terms of answer: rows that staff edit, over what each service declares."""

import dataclasses
from datetime import date, timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from requests_app import terms
from requests_app.deadlines import DayKind
from requests_app.models import CalendarDay, ServiceTerm
from requests_app.services import SERVICES, complaint, inquiry
from tests.factories import submitted

pytestmark = pytest.mark.django_db


def add_term(days, *, valid_from, day_kind=DayKind.CALENDAR):
    return ServiceTerm.objects.create(
        service="inquiry", days=days, day_kind=day_kind, legal_basis="Новый приказ", valid_from=valid_from
    )


# -- Which is in force ----------------------------------------------------------------------------------------------


def test_the_newest_that_has_begun_is_in_force():
    first = ServiceTerm.objects.get(service="inquiry")
    second = add_term(10, valid_from=date(2026, 12, 1))

    in_force = {day: terms.current(inquiry.SERVICE, on=day) for day in (date(2026, 11, 30), date(2026, 12, 1))}

    assert in_force == {date(2026, 11, 30): first, date(2026, 12, 1): second}


def test_one_query_gives_every_service_its_term():
    ServiceTerm.objects.create(
        service="complaint", days=20, day_kind=DayKind.CALENDAR, legal_basis="Приказ", valid_from=date(2026, 2, 1)
    )

    in_force = {term.service: term.days for term in ServiceTerm.objects.current(on=date(2026, 3, 1))}

    assert in_force == {service.slug: service.default_term.days for service in SERVICES} | {"complaint": 20}


def test_without_a_row_the_declared_term_holds():
    ServiceTerm.objects.all().delete()

    assert terms.current(inquiry.SERVICE, on=timezone.localdate()) == inquiry.SERVICE.default_term


def test_a_complaint_is_answered_within_30_days():
    assert complaint.SERVICE.default_term.days == 30
    assert complaint.SERVICE.default_term.day_kind == DayKind.CALENDAR


# -- What a request gets --------------------------------------------------------------------------------------------


@time_machine.travel("2026-12-01T10:00:00+03:00", tick=False)
def test_a_request_gets_the_term_of_its_day():
    add_term(10, valid_from=date(2026, 12, 1), day_kind=DayKind.WORKING)

    service_request = submitted(inquiry.SERVICE)

    assert service_request.due_on == date(2026, 12, 15)
    assert (service_request.term_days, service_request.term_day_kind) == (10, DayKind.WORKING)
    assert service_request.term_basis == "Новый приказ"


def test_a_request_keeps_the_term_that_it_was_given():
    service_request = submitted(inquiry.SERVICE)
    due_on = service_request.due_on

    ServiceTerm.objects.update(days=1, legal_basis="Другое")
    add_term(2, valid_from=timezone.localdate())

    service_request.refresh_from_db()
    assert (service_request.due_on, service_request.term_days) == (due_on, 15)
    assert service_request.term_basis == inquiry.SERVICE.default_term.legal_basis


@pytest.mark.parametrize(
    ("moment", "due_on"),
    [
        ("2026-11-24T20:59:59Z", date(2026, 12, 9)),  # 23:59:59 in Moscow
        ("2026-11-24T21:00:00Z", date(2026, 12, 10)),  # the next day there, though not for the server
    ],
)
def test_the_day_is_that_of_moscow(moment, due_on):
    with time_machine.travel(moment, tick=False):
        assert submitted(inquiry.SERVICE).due_on == due_on


@time_machine.travel("2026-11-24T12:00:00+03:00", tick=False)
def test_days_off_of_our_own_calendar_move_the_due_date():
    CalendarDay.objects.create(date=date(2026, 12, 9), is_working=False)

    assert submitted(inquiry.SERVICE).due_on == date(2026, 12, 10)


# -- The first terms ------------------------------------------------------------------------------------------------


def test_every_service_has_a_term_after_migrating():
    for service in SERVICES:
        term = ServiceTerm.objects.get(service=service.slug)
        assert (term.days, term.day_kind, term.legal_basis) == dataclasses.astuple(service.default_term)


def test_a_new_service_gets_its_term_and_the_others_keep_theirs():
    ServiceTerm.objects.filter(service="inquiry").update(days=7)
    new = dataclasses.replace(inquiry.SERVICE, slug="survey")

    terms.seed([*SERVICES, new], using="default")
    terms.seed([*SERVICES, new], using="default")

    assert ServiceTerm.objects.filter(service="survey").count() == 1
    assert ServiceTerm.objects.get(service="inquiry").days == 7


def test_migrating_again_gives_a_service_without_a_term_its_own():
    ServiceTerm.objects.filter(service="inquiry").delete()

    call_command("migrate", verbosity=0)

    assert ServiceTerm.objects.get(service="inquiry").days == 15


def test_the_basis_of_a_term_is_no_guess():
    """What is not known as law is named as the company's own term."""
    for service in (each for each in SERVICES if each.life.promises_answer):
        basis = service.default_term.legal_basis
        assert basis.startswith(("Срок, установленный", "Единые стандарты"))


@pytest.mark.django_db(transaction=True)
def test_the_migrations_lead_back_to_nothing_and_forth_again():
    try:
        call_command("migrate", "requests_app", "zero", verbosity=0)
        tables = connection.introspection.table_names()
    finally:
        call_command("migrate", "requests_app", verbosity=0)

    assert not [table for table in tables if table.startswith("requests_app_")]
    assert ServiceTerm.objects.count() == len(SERVICES)


def test_a_term_ends_on_a_working_day():
    with time_machine.travel("2026-11-20T12:00:00+03:00", tick=False):
        due_on = terms.due_on(1, DayKind.CALENDAR)  # Saturday

    assert due_on == date(2026, 11, 20) + timedelta(days=3)
