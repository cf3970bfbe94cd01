"""Booking a visit: what is asked and refused, the limits, another time, cancelling, letters and the calendar file."""

import uuid
from datetime import UTC, date, timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse
from icalendar import Calendar
from post_office.models import Email

from requests_app import actions
from requests_app.lifecycle import Status
from requests_app.models import ServiceRequest
from requests_app.services import appointment, inquiry
from requests_app.services.appointment.models import Appointment, VisitState
from requests_app.services.base import CannotBeSent
from rsmportal.mail import message_of
from tests.factories import ConsumerFactory, StaffFactory, filled, submitted
from tests.visits import after, booked, free_times, make_office, moscow, move_form, moved, slot_at

pytestmark = pytest.mark.django_db

TUESDAY = date(2026, 11, 24)
WEDNESDAY = date(2026, 11, 25)


@pytest.fixture(autouse=True)
def _on_tuesday_morning():
    with time_machine.travel("2026-11-24T06:00:00Z", tick=False):  # nine o'clock in Moscow
        yield


@pytest.fixture
def office():
    return make_office()


@pytest.fixture
def owner():
    return ConsumerFactory().user


def codes(form):
    return {name: [error.code for error in field_errors.as_data()] for name, field_errors in form.errors.items()}


def form_for(slot, *, owner, **answers):
    return filled(appointment.SERVICE, owner=owner, slot=slot, **answers)


# -- Booking --------------------------------------------------------------------------------------------------------


def test_a_booking_takes_its_window_and_names_its_time(office, owner):
    service_request = booked(owner=owner, slot=slot_at(office, WEDNESDAY, 10, 20), needs="step_free")

    visit = service_request.appointment
    assert (visit.starts_at, visit.ends_at) == (moscow(WEDNESDAY, 10, 20), moscow(WEDNESDAY, 10, 40))
    assert (visit.window, visit.state, visit.owner) == (1, VisitState.BOOKED, owner)
    assert (visit.step_free, visit.low_vision, visit.sign_language) == (True, False, False)
    assert service_request.subject.replace("\N{NO-BREAK SPACE}", " ") == "учёт электроэнергии, 25 ноября 2026, 10:20"
    assert ServiceRequest.objects.get().due_on == WEDNESDAY


def test_the_next_visitor_of_the_same_time_goes_to_the_next_window(office):
    slot = slot_at(office, WEDNESDAY, 10)

    windows = [booked(slot=slot).appointment.window for _ in range(2)]

    assert windows == [1, 2]
    with pytest.raises(CannotBeSent) as caught:
        booked(slot=slot)
    assert caught.value.field == "slot"
    assert "заняли" in caught.value.message


@pytest.mark.parametrize(
    ("day", "hour", "minute", "words"),
    [
        (WEDNESDAY, 12, 20, "приёма нет"),  # the break
        (WEDNESDAY, 17, 0, "приёма нет"),  # closing time
        (WEDNESDAY, 10, 10, "приёма нет"),  # between two visits
        (WEDNESDAY, 4, 0, "приёма нет"),
        (date(2026, 11, 28), 10, 0, "приёма нет"),  # Saturday
        (date(2026, 12, 25), 10, 0, "приёма нет"),  # past the horizon
        (TUESDAY, 9, 40, "слишком мало"),  # sooner than the lead time
        (date(2026, 11, 23), 10, 0, "слишком мало"),  # yesterday
    ],
)
def test_a_time_that_is_not_offered_cannot_be_booked(office, owner, day, hour, minute, words):
    with pytest.raises(CannotBeSent) as caught:
        booked(owner=owner, slot=slot_at(office, day, hour, minute))

    assert caught.value.field == "slot"
    assert words in caught.value.message
    assert not ServiceRequest.objects.exists()


@pytest.mark.parametrize(
    "slot",
    [
        "",
        "nonsense",
        "\0",
        "٢@2026-11-25T10:00",
        "9" * 400,
        "1@2026-11-31T10:00",
        "1@2026-11-25T25:00",
        "1@9999-12-31T10:00",
        "1@0001-01-01T00:00",
        "999999999@2026-11-25T10:00",
        "1@2026-11-25T10:00; drop",
    ],
)
def test_a_nonsense_time_is_refused_at_its_field(office, owner, slot):
    form = form_for(slot, owner=owner)

    assert not form.is_valid()
    assert codes(form) == {"slot": ["invalid" if slot else "required"]}


def test_an_office_that_does_not_take_bookings_cannot_be_booked(owner):
    closed = make_office(name="Закрытый офис", is_open=False)

    assert codes(form_for(slot_at(closed, WEDNESDAY, 10), owner=owner)) == {"slot": ["invalid"]}


def test_topics_outside_annex_4_are_no_topics_of_a_visit(office, owner):
    form = form_for(slot_at(office, WEDNESDAY, 10), owner=owner, topic="maintenance")

    assert codes(form) == {"topic": ["invalid_choice"]}


def test_unknown_needs_are_refused(office, owner):
    form = form_for(slot_at(office, WEDNESDAY, 10), owner=owner, needs=["is_staff"])

    assert codes(form) == {"needs": ["invalid_choice"]}


def test_extra_fields_are_not_written(office, owner):
    stranger = ConsumerFactory().user
    slot = slot_at(office, WEDNESDAY, 10)

    visit = booked(owner=owner, slot=slot, window=2, state="came", starts_at="2020-01-01", sequence=7).appointment

    visit.refresh_from_db()
    assert (visit.window, visit.state, visit.sequence, visit.owner) == (1, VisitState.BOOKED, 0, owner)
    assert visit.owner != stranger


# -- One open booking of a topic ------------------------------------------------------------------------------------


def test_one_booking_of_a_topic_stands_open(office, owner):
    booked(owner=owner, slot=slot_at(office, WEDNESDAY, 10))

    with pytest.raises(CannotBeSent) as caught:
        booked(owner=owner, slot=slot_at(office, WEDNESDAY, 11))

    assert caught.value.field == "topic"
    assert booked(owner=owner, slot=slot_at(office, WEDNESDAY, 11), topic="connection")
    assert booked(slot=slot_at(office, WEDNESDAY, 11))  # of another consumer


def test_a_cancelled_booking_stands_in_nobodys_way(office, owner):
    slot = slot_at(office, WEDNESDAY, 10)
    actions.transition(booked(owner=owner, slot=slot), "cancel", by=owner)

    assert booked(owner=owner, slot=slot).appointment.window == 1


def test_a_visit_that_staff_forgot_to_mark_does_not_bar_the_next(office, owner):
    first = booked(owner=owner, slot=slot_at(office, WEDNESDAY, 10))

    with time_machine.travel(after(first, days=1), tick=False):
        second = booked(owner=owner)
        first.appointment.refresh_from_db()
        assert first.appointment.state == VisitState.PASSED
        actions.transition(first, "came", by=StaffFactory(group="operator"))  # late is better than never

    assert second.appointment.state == VisitState.BOOKED
    assert Appointment.objects.get(pk=first.pk).state == VisitState.CAME


# -- Sent once ------------------------------------------------------------------------------------------------------


def test_the_same_sending_is_one_booking(office, owner):
    key, slot = uuid.uuid4(), slot_at(office, WEDNESDAY, 10)

    first, second = (booked(owner=owner, slot=slot, submission_key=key) for _ in range(2))

    assert first == second
    assert Appointment.objects.count() == Email.objects.count() == 1


def test_two_tabs_with_the_same_answers_are_one_booking(office, owner):
    slot = slot_at(office, WEDNESDAY, 10)

    assert booked(owner=owner, slot=slot) == booked(owner=owner, slot=slot)


# -- Another time ---------------------------------------------------------------------------------------------------


def test_a_moved_visit_is_the_same_request_and_frees_its_old_time(office, owner):
    old, new = slot_at(office, WEDNESDAY, 10), slot_at(office, WEDNESDAY, 14)
    service_request = booked(owner=owner, slot=old)

    moved(service_request, new)

    visit = Appointment.objects.get()
    assert (visit.pk, visit.starts_at, visit.sequence) == (service_request.pk, moscow(WEDNESDAY, 14), 1)
    assert old in free_times(office)
    stored = ServiceRequest.objects.get()
    assert stored.status == Status.REGISTERED
    assert stored.subject.endswith("14:00")
    assert [change.event for change in stored.status_changes.all()] == ["Запись сделана", "Выбрано другое время"]


def test_the_same_move_twice_is_one(office, owner):
    service_request, key = booked(owner=owner, slot=slot_at(office, WEDNESDAY, 10)), uuid.uuid4()

    for _ in range(2):
        moved(service_request, slot_at(office, WEDNESDAY, 14), key=key)

    assert Appointment.objects.get().sequence == 1
    assert Email.objects.count() == 2  # booked, moved


def test_a_visit_is_moved_to_a_free_time_only(office, owner):
    office.windows = 1
    office.save()
    taken = slot_at(office, WEDNESDAY, 14)
    booked(slot=taken)
    service_request = booked(owner=owner, slot=slot_at(office, WEDNESDAY, 10))

    with pytest.raises(CannotBeSent):
        moved(service_request, taken)

    assert Appointment.objects.get(pk=service_request.pk).starts_at == moscow(WEDNESDAY, 10)


def test_a_move_to_its_own_time_is_none(office, owner):
    """Two windows are free, so the page offers the time; nobody is written to that it has changed."""
    service_request = booked(owner=owner, slot=slot_at(office, WEDNESDAY, 10))

    with pytest.raises(CannotBeSent) as refusal:
        moved(service_request, slot_at(office, WEDNESDAY, 10))

    assert refusal.value.field == "slot"
    assert Appointment.objects.get().sequence == 0
    assert Email.objects.count() == 1  # of the booking


def test_its_own_window_is_no_obstacle_to_a_move(office, owner):
    """The length of a visit has changed: the new time overlaps the old one."""
    office.windows = 1
    office.save()
    service_request = booked(owner=owner, slot=slot_at(office, WEDNESDAY, 10))
    office.slot_minutes = 30
    office.save()

    moved(service_request, slot_at(office, WEDNESDAY, 10))

    assert Appointment.objects.get().ends_at == moscow(WEDNESDAY, 10, 30)


@pytest.mark.parametrize(("before", "is_possible"), [(121, True), (120, True), (119, False), (0, False), (-60, False)])
def test_a_visit_is_changed_until_the_cut_off(office, owner, before, is_possible):
    service_request = booked(owner=owner, slot=slot_at(office, WEDNESDAY, 14))

    with time_machine.travel(after(service_request, minutes=-before), tick=False):
        steps = {step.name for step in actions.available_transitions(service_request, by=owner)}
        form = move_form(service_request, slot_at(office, date(2026, 11, 26), 10))
        if not is_possible:
            for act in (
                lambda: actions.transition(service_request, "cancel", by=owner),
                lambda: actions.move_visit(service_request, form=form, by=owner),
            ):
                with pytest.raises(actions.TransitionNotAllowed):
                    act()

    assert steps == ({"move", "cancel"} if is_possible else set())


def test_a_stranger_moves_nothing(office, owner):
    service_request = booked(owner=owner, slot=slot_at(office, WEDNESDAY, 14))
    form = move_form(service_request, slot_at(office, WEDNESDAY, 10))

    with pytest.raises(actions.TransitionNotAllowed):
        actions.move_visit(service_request, form=form, by=ConsumerFactory().user)


# -- Who came -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "state"), [("came", VisitState.CAME), ("missed", VisitState.MISSED)])
def test_staff_say_who_came(office, owner, name, state):
    service_request = booked(owner=owner, slot=slot_at(office, WEDNESDAY, 10))

    with time_machine.travel(after(service_request, minutes=5), tick=False):
        closed = actions.transition(service_request, name, by=StaffFactory(group="operator"))

    assert (closed.status, Appointment.objects.get().state) == (Status.CLOSED, state)
    assert Email.objects.count() == 1  # of the booking: a mark needs no letter


def test_nobody_is_marked_before_the_day_and_missed_only_after_the_time(office, owner):
    service_request, operator = booked(owner=owner, slot=slot_at(office, WEDNESDAY, 10)), StaffFactory(group="operator")

    def steps(minutes):
        with time_machine.travel(after(service_request, minutes=minutes), tick=False):
            return {step.name for step in actions.available_transitions(service_request, by=operator)}

    assert steps(-11 * 60) == {"call_off"}
    assert steps(-60) == {"call_off", "came"}
    assert steps(0) == {"call_off", "came", "missed"}


# -- Letters and the calendar ---------------------------------------------------------------------------------------


def event_of(letter):
    """The event in the file of a letter."""
    (name, text, kind) = message_of(letter).attachments[0]
    assert (name, kind) == ("priem.ics", "text/calendar")
    return Calendar.from_ical(text).walk("VEVENT")[0]


def test_the_letters_tell_the_time_and_carry_the_event(office, owner):
    service_request = booked(owner=owner, slot=slot_at(office, WEDNESDAY, 10, 20), visitor="Тайный Посетитель")
    moved(service_request, slot_at(office, WEDNESDAY, 14))
    actions.transition(service_request, "cancel", by=owner)

    letters = list(Email.objects.order_by("pk"))
    events = [event_of(letter) for letter in letters]

    assert [str(event["status"]) for event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert [event["sequence"] for event in events] == [0, 1, 2]
    assert len({str(event["uid"]) for event in events}) == 1
    assert str(events[0]["uid"]) == f"{service_request.number}@testserver"
    starts = [event["dtstart"].dt for event in events]
    assert starts == [moscow(WEDNESDAY, 10, 20), moscow(WEDNESDAY, 14), moscow(WEDNESDAY, 14)]
    assert all(start.tzinfo == UTC or start.utcoffset() == timedelta(0) for start in starts)
    for letter in letters:
        text = letter.message.replace("\N{NO-BREAK SPACE}", " ")
        assert service_request.get_absolute_url() in text
        assert "25 ноября" in text
        assert "Тайный" not in text + letter.html_message


def test_the_letter_is_sent_with_its_file(office, owner, smtp):
    booked(owner=owner, slot=slot_at(office, WEDNESDAY, 10))

    call_command("mail_worker", "--once")

    (letter,) = smtp.messages
    (file,) = [part for part in letter.walk() if part.get_filename() == "priem.ics"]
    assert file.get_content_type() == "text/calendar"
    assert b"BEGIN:VEVENT" in file.get_payload(decode=True)


def test_a_rolled_back_booking_leaves_no_letter(office, owner, monkeypatch):
    def fail(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr("requests_app.actions.submission.notifications.request_registered", fail)
    with pytest.raises(ZeroDivisionError):
        booked(owner=owner, slot=slot_at(office, WEDNESDAY, 10))

    assert not Email.objects.exists()
    assert not Appointment.objects.exists()
    assert slot_at(office, WEDNESDAY, 10) in free_times(office)


def test_lines_of_the_event_cannot_be_forged(office, owner):
    office.address = "ул. Менжинского, 2С\r\nATTENDEE:mailto:evil@example.org; a, b"
    office.save()

    event = event_of_visit(booked(owner=owner, slot=slot_at(office, WEDNESDAY, 10)))

    assert "ATTENDEE" not in event
    assert "evil" in str(event["location"])


def event_of_visit(service_request):
    text = service_request.appointment.letter_files()["priem.ics"]
    return Calendar.from_ical(text).walk("VEVENT")[0]


def test_the_cabinet_reminds_of_what_is_coming(client, office, owner):
    service_request = booked(owner=owner, slot=slot_at(office, WEDNESDAY, 10, 20))
    booked(slot=slot_at(office, WEDNESDAY, 11))
    client.force_login(owner)
    cabinet = reverse("requests:cabinet")

    before = client.get(cabinet).content.decode().replace("\N{NO-BREAK SPACE}", " ")
    with time_machine.travel(after(service_request, minutes=1), tick=False):
        client.force_login(owner)
        later = client.get(cabinet).content.decode()

    assert before.count("Приём 25 ноября в 10:20") == 1
    assert "Приём 25" not in later


def test_every_service_but_this_one_has_no_page_to_move(client, owner):
    service_request = submitted(inquiry.SERVICE, owner=owner)
    client.force_login(owner)

    for name in ("requests:move", "requests:calendar"):
        assert client.get(reverse(name, args=[service_request.number])).status_code == 404
