"""The letters that remind of a visit: the day before and two hours before, each once."""

from datetime import date

import pytest
import time_machine
from django.core.management import CommandError, call_command
from post_office.models import Email

from requests_app import actions, reminders
from requests_app.reminders import visits
from requests_app.services.appointment.models import Appointment, AppointmentReminder
from requests_app.services.appointment.offices import Office
from tests.factories import StaffFactory
from tests.visits import booked, make_office, moscow, moved, slot_at

pytestmark = pytest.mark.django_db

TUESDAY, THURSDAY, FRIDAY, MONDAY = (date(2026, 11, day) for day in (24, 26, 27, 30))


@pytest.fixture(autouse=True)
def _on_tuesday_morning():
    with time_machine.travel(moscow(TUESDAY, 9), tick=False):
        yield


@pytest.fixture
def office():
    return make_office()


@pytest.fixture
def service_request(office):
    """A visit on Friday at two."""
    return booked(slot=slot_at(office, FRIDAY, 14))


def remind(now):
    """Run the command at that moment; subjects of the letters it has queued."""
    Email.objects.all().delete()
    with time_machine.travel(now, tick=False):
        call_command("send_reminders", verbosity=0)
    return [letter.subject for letter in Email.objects.order_by("pk")]


@pytest.mark.parametrize(
    ("day", "hour", "minute", "letters"),
    [
        (TUESDAY, 18, 0, 0),
        (date(2026, 11, 26), 9, 59, 0),
        (date(2026, 11, 26), 10, 0, 1),
        (date(2026, 11, 26), 21, 59, 1),  # the job was down for half a day
        (date(2026, 11, 26), 22, 0, 0),  # nobody is woken
        (FRIDAY, 11, 59, 0),
        (FRIDAY, 12, 0, 1),
        (FRIDAY, 13, 59, 1),
        (FRIDAY, 14, 0, 0),  # too late
    ],
)
def test_the_letters_are_written_in_their_time(service_request, day, hour, minute, letters):
    assert len(remind(moscow(day, hour, minute))) == letters


def test_each_is_written_once(service_request):
    assert len(remind(moscow(FRIDAY, 12))) == 1
    assert remind(moscow(FRIDAY, 12)) == remind(moscow(FRIDAY, 12, 10)) == []
    assert AppointmentReminder.objects.count() == 1


def test_the_letter_names_time_and_place_and_nobody(service_request):
    remind(moscow(date(2026, 11, 26), 10))

    letter = Email.objects.get()
    text = letter.message.replace("\N{NO-BREAK SPACE}", " ")
    assert letter.to == [service_request.owner.email]
    assert "пятница, 27 ноября, 14:00" in text
    assert "ул. Менжинского, 2С" in text.replace("\N{NO-BREAK SPACE}", " ")
    assert service_request.get_absolute_url() in text
    assert "Самойлов" not in text + letter.html_message


@pytest.mark.parametrize(
    ("cutoff", "now", "may_change"),
    [
        (120, moscow(date(2026, 11, 26), 10), True),
        (120, moscow(FRIDAY, 12), False),  # the letter comes when the cut-off has come
        (60, moscow(FRIDAY, 12), True),
        (2880, moscow(date(2026, 11, 26), 10), False),
    ],
)
def test_the_letter_promises_no_cancelling_that_is_not_possible_any_more(
    office, service_request, cutoff, now, may_change
):
    Office.objects.update(cutoff_minutes=cutoff)

    remind(now)

    letter = Email.objects.get()
    for text in (letter.message, letter.html_message):
        words = text.replace("&nbsp;", " ")
        assert ("отменить запись можно в личном кабинете" in words) is may_change
        assert ("отменить запись в кабинете уже нельзя" in words) is not may_change


def test_the_letter_says_what_to_bring(office, service_request):
    Office.objects.update(bring="паспорт\nдоговор")

    remind(moscow(FRIDAY, 12))

    letter = Email.objects.get()
    for text in (letter.message, letter.html_message):
        assert "Возьмите с собой: паспорт; договор." in text.replace("&nbsp;", " ")


def test_a_moved_visit_is_reminded_of_anew(office, service_request):
    assert len(remind(moscow(date(2026, 11, 26), 10))) == 1
    with time_machine.travel(moscow(date(2026, 11, 26), 11), tick=False):
        moved(service_request, slot_at(office, MONDAY, 14))

    assert remind(moscow(FRIDAY, 12)) == []
    assert len(remind(moscow(date(2026, 11, 29), 10))) == 1
    assert len(remind(moscow(MONDAY, 12))) == 1


@pytest.mark.parametrize("end", ["cancel", "call_off"])
def test_a_cancelled_visit_is_not_reminded_of(service_request, end):
    if end == "cancel":
        actions.transition(service_request, "cancel", by=service_request.owner)
    else:
        visit = Appointment.objects.select_related("service_request").get()
        actions.call_off([visit], reason="Ремонт", by=StaffFactory(group="operator"))

    assert remind(moscow(FRIDAY, 12)) == []


def test_a_visit_just_booked_needs_no_reminder(office):
    """Its confirmation is minutes old."""
    with time_machine.travel(moscow(date(2026, 11, 26), 15), tick=False):
        booked(slot=slot_at(office, FRIDAY, 14))

    assert remind(moscow(date(2026, 11, 26), 15, 10)) == []
    assert len(remind(moscow(FRIDAY, 12))) == 1


@pytest.mark.parametrize(
    ("booked_at", "looked_at", "promised"),
    [
        ((TUESDAY, 9), (TUESDAY, 9), "Напомним письмом за день и за два часа."),
        ((TUESDAY, 9), (THURSDAY, 10), "Напомним письмом за два часа."),  # the first is being written
        ((THURSDAY, 15), (THURSDAY, 15), "Напомним письмом за два часа."),
        ((TUESDAY, 9), (FRIDAY, 12), ""),
        ((FRIDAY, 13), (FRIDAY, 13), ""),  # for the same day, an hour ahead
    ],
)
def test_only_the_reminders_that_will_come_are_promised(client, office, booked_at, looked_at, promised):
    with time_machine.travel(moscow(*booked_at), tick=False):
        service_request = booked(slot=slot_at(office, FRIDAY, 14))

    with time_machine.travel(moscow(*looked_at), tick=False):
        client.force_login(service_request.owner)
        html = client.get(service_request.get_absolute_url()).content.decode().replace("\N{NO-BREAK SPACE}", " ")
    assert f"<p>Приходите к назначенному времени. {promised}".strip() + "</p>" in html


def test_one_bad_record_does_not_stop_the_others(office, service_request, monkeypatch, caplog):
    other = booked(slot=slot_at(office, FRIDAY, 13, 40))
    write = visits.notifications.visit_comes

    def fail_for_the_first(appointment):
        if appointment.pk == other.pk:
            raise ValueError("secret@example.org")
        write(appointment)

    Email.objects.all().delete()
    monkeypatch.setattr("requests_app.reminders.visits.notifications.visit_comes", fail_for_the_first)
    with time_machine.travel(moscow(FRIDAY, 12), tick=False), pytest.raises(CommandError, match="not written: 1"):
        call_command("send_reminders", verbosity=0)

    assert Email.objects.get().to == [service_request.owner.email]
    assert "secret@example.org" not in caplog.text
    assert str(other.pk) in caplog.text
    monkeypatch.undo()
    assert len(remind(moscow(FRIDAY, 12, 10))) == 1  # tried again


def test_what_was_cancelled_meanwhile_is_left_alone(service_request):
    """Between the look at what is due and the letter."""
    now = moscow(FRIDAY, 12)
    (hours,) = [reminder for reminder in reminders.REMINDERS if reminder.name == "visit-hours"]
    due = list(hours.due(now))
    actions.transition(service_request, "cancel", by=service_request.owner)

    assert due == [service_request.pk]
    assert hours.write(service_request.pk, now) is False
    assert not AppointmentReminder.objects.exists()


@pytest.mark.parametrize("rows", [1, 10])
def test_looking_costs_the_same_however_many_come(office, rows, django_assert_num_queries):
    for number in range(rows):
        booked(slot=slot_at(office, FRIDAY, 13 + number // 3, number % 3 * 20))

    with django_assert_num_queries(2):  # one for each kind
        for kind in visits.REMINDERS:
            assert list(kind.due(moscow(TUESDAY, 12))) == []
