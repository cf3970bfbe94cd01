"""Two people, one slot, the same second: one of them gets it, and the other can go on with what was typed."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from requests_app import actions, reminders
from requests_app.models import NumberSequence, ServiceRequest, StatusChange
from requests_app.services.appointment.models import Appointment, VisitState
from requests_app.services.appointment.offices import Office
from requests_app.services.base import CannotBeSent
from tests.factories import ConsumerFactory, StaffFactory
from tests.test_idempotency import clients, in_parallel
from tests.visits import booked, make_office, move_form, moved, times_of_a_day

pytestmark = pytest.mark.django_db(transaction=True)

BOOK = reverse("requests:book")
PEOPLE = 20


@pytest.fixture
def office():
    return make_office(windows=1)


def answers(slot, **changes):
    typed = {"submission_key": str(uuid.uuid4()), "slot": slot, "topic": "metering", "visitor": "Самойлов Н. П."}
    return {**typed, "phone": "8 928 123-45-67", "comment": "Договор ЭС-118", **changes}


def of_everybody(count=PEOPLE):
    """A browser of each of so many consumers."""
    return [clients(ConsumerFactory().user, 1)[0] for _ in range(count)]


@pytest.mark.parametrize("windows", [1, 3])
def test_of_twenty_people_as_many_get_the_time_as_there_are_windows(office, windows):
    Office.objects.update(windows=windows)
    slot, browsers = times_of_a_day(office)[3], of_everybody()

    responses = in_parallel(PEOPLE, lambda number: browsers[number].post(BOOK, answers(slot)))

    statuses = sorted(response.status_code for response in responses)
    assert statuses == [200] * (PEOPLE - windows) + [302] * windows
    assert sorted(Appointment.objects.values_list("window", flat=True)) == list(range(1, windows + 1))
    assert ServiceRequest.objects.count() == Email.objects.count() == StatusChange.objects.count() == windows
    assert NumberSequence.objects.get().last == windows
    for response in responses:
        if response.status_code == 200:
            html = response.content.decode()
            assert "Это время только что заняли" in html
            assert ">\nДоговор ЭС-118</textarea>" in html
            assert times_of_a_day(office)[3] in html


def test_twenty_people_at_twenty_times_do_not_disturb_one_another(office):
    slots, browsers = times_of_a_day(office)[:PEOPLE], of_everybody()

    responses = in_parallel(PEOPLE, lambda number: browsers[number].post(BOOK, answers(slots[number])))

    assert {response.status_code for response in responses} == {302}
    assert Appointment.objects.count() == len(set(Appointment.objects.values_list("starts_at"))) == PEOPLE


def test_a_double_click_of_the_same_moment_is_one_booking(office):
    slot, browsers = times_of_a_day(office)[3], clients(ConsumerFactory().user, 6)
    typed = answers(slot)

    responses = in_parallel(6, lambda number: browsers[number].post(BOOK, typed))

    assert {response.status_code for response in responses} == {302}
    assert Appointment.objects.count() == Email.objects.count() == 1


def test_two_tabs_of_one_consumer_do_not_book_one_topic_twice(office):
    slots, browsers = times_of_a_day(office)[:6], clients(ConsumerFactory().user, 6)

    responses = in_parallel(6, lambda number: browsers[number].post(BOOK, answers(slots[number])))

    assert sorted(response.status_code for response in responses) == [200] * 5 + [302]
    assert Appointment.objects.booked().count() == 1


def test_of_visits_moved_to_one_time_one_gets_it(office):
    visits = [booked(slot=slot) for slot in times_of_a_day(office)[:8]]
    wanted = times_of_a_day(office)[5]
    forms = [move_form(visit, wanted) for visit in visits]

    def move(number):
        visit = visits[number]
        try:
            actions.move_visit(visit, form=forms[number], by=visit.owner)
        except CannotBeSent:
            return False
        return True

    assert sum(in_parallel(8, move)) == 1
    assert len(set(Appointment.objects.values_list("starts_at", "window"))) == 8


def test_moves_and_bookings_do_not_block_one_another_for_good(office):
    """They lock the office and their own rows in one order: nobody dies of a deadlock."""
    visits = [booked(slot=slot) for slot in times_of_a_day(office)[:5]]
    slots, browsers = times_of_a_day(office)[:10], of_everybody(5)

    def act(number):
        if number < 5:
            return moved(visits[number], slots[number]) is not None
        return browsers[number - 5].post(BOOK, answers(slots[number])).status_code == 302

    assert all(in_parallel(10, act))


def test_a_day_is_closed_while_people_book(office):
    """Who came before the closing is told, who came after it is refused: nobody stands before a closed door."""
    slots, browsers = times_of_a_day(office), of_everybody(6)
    tomorrow = [slot for slot in slots if slot.partition("@")[2][:10] == slots[-1].partition("@")[2][:10]][:6]
    day = timezone.datetime.fromisoformat(tomorrow[0].partition("@")[2]).date()
    supervisor = StaffFactory(group="supervisor")

    def act(number):
        if number == 6:
            actions.close_day(office, day=day, reason="Ремонт", by=supervisor)
            return "closed"
        return browsers[number].post(BOOK, answers(tomorrow[number])).status_code

    in_parallel(7, act)
    standing = list(Appointment.objects.booked().select_related("service_request"))
    actions.call_off(standing, reason="Ремонт", by=supervisor)

    assert not Appointment.objects.booked().exists()
    with pytest.raises(CannotBeSent):
        booked(slot=tomorrow[0])


def test_a_visit_cancelled_and_called_off_in_one_moment_ends_once(office):
    service_request, supervisor = booked(slot=times_of_a_day(office)[-1]), StaffFactory(group="supervisor")
    visit = Appointment.objects.select_related("service_request").get()

    def act(number):
        if number:
            return len(actions.call_off([visit], reason="Ремонт", by=supervisor))
        try:
            actions.transition(service_request, "cancel", by=service_request.owner)
        except actions.TransitionNotAllowed:
            return 0
        return 1

    assert sum(in_parallel(2, act)) == 1
    assert Appointment.objects.get().state == VisitState.CANCELLED
    assert Email.objects.count() == 2  # of the booking and of its end


def test_servers_that_remind_at_the_same_moment_write_one_letter(office):
    visits = [booked(slot=slot) for slot in times_of_a_day(office)[-3:]]
    now = Appointment.objects.get(pk=visits[0].pk).starts_at - timedelta(minutes=30)
    Appointment.objects.update(set_at=now - timedelta(days=3))
    Email.objects.all().delete()

    results = in_parallel(4, lambda _: reminders.write_due(now=now))

    assert sum(written for written, _ in results) == Email.objects.count() == 3
    assert sum(failed for _, failed in results) == 0
