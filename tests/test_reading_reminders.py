"""Reminders of readings: to whom, when, once; switched off in one click."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.urls import reverse
from post_office.models import Email

from accounts import consent
from accounts.models import ConsentEvent, LegalForm, Purpose
from requests_app import actions
from requests_app.models import Reading, ReadingReminder, ReadingReminderRefusal, ReadingReminderRule
from requests_app.reminders import readings, write_due
from tests.factories import AccessGrantFactory, ConsumerFactory, MeterFactory
from tests.readings import NOVEMBER, confirmed_meter, owner_of, reading, send, supervisor

pytestmark = pytest.mark.django_db

DECEMBER = date(2026, 12, 1)
IN_TIME = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)  # noon in Moscow, three days before the 25th


def at(moment=IN_TIME):
    """Everything due at this moment; returns who was written to."""
    before = set(Email.objects.values_list("pk", flat=True))
    with time_machine.travel(moment, tick=False):
        write_due(now=moment)
    return sorted(address for letter in Email.objects.exclude(pk__in=before) for address in letter.to)


# -- To whom --------------------------------------------------------------------------------------------------------


def test_who_has_sent_nothing_or_only_some_is_reminded():
    nothing, some = confirmed_meter(), confirmed_meter()
    owner = owner_of(some)
    confirmed_meter(owner=owner)
    everything = confirmed_meter()
    with time_machine.travel(IN_TIME, tick=False):
        send(some, "100")
        send(everything, "100")

    assert at() == sorted([owner_of(nothing).email, owner.email])


@pytest.mark.parametrize("about", [{"is_remote": True}, {"removed_on": date(2026, 1, 1)}], ids=["remote", "removed"])
def test_meters_that_nobody_sends_are_no_reason(about):
    confirmed_meter(**about)

    assert at() == []


def test_who_has_only_asked_for_access_is_not_reminded():
    AccessGrantFactory(meter_serial=MeterFactory().serial)

    assert at() == []


def test_a_value_in_question_is_sent():
    meter = confirmed_meter()
    reading(meter, 100, state="in_question", accepted_at=None)

    assert at() == []


@pytest.mark.parametrize(
    ("about", "written"),
    [
        ({"day": 27, "taken_in": NOVEMBER}, True),  # after the window of November: it counts for December
        ({"day": 1, "taken_in": DECEMBER}, False),
        ({"day": 27, "taken_in": NOVEMBER, "source": "control"}, False),  # staff's own business
    ],
)
def test_what_was_read_before_the_month_is_asked_for_anew(about, written):
    meter = confirmed_meter()
    taken_on = about.pop("taken_in").replace(day=about.pop("day"))
    row = reading(meter, 100, month=DECEMBER, **about)
    Reading.objects.filter(pk=row.pk).update(taken_on=taken_on)

    assert bool(at(datetime(2026, 12, 22, 9, tzinfo=UTC))) is written


def test_a_company_that_read_before_its_window_is_reminded():
    early, in_time = (ConsumerFactory(legal_form=LegalForm.COMPANY).user for _ in range(2))
    reading(confirmed_meter(owner=early), 100, day=4)
    reading(confirmed_meter(owner=in_time), 100, day=25)

    assert at(datetime(2026, 12, 1, 9, tzinfo=UTC)) == [early.email]


def test_a_rejected_value_is_not():
    meter = confirmed_meter()
    by = supervisor()
    reading(meter, 100, state="rejected", accepted_at=None, decided_by=by, decided_at=IN_TIME, decision_reason="Нет")

    assert at() == [owner_of(meter).email]


def test_whoever_left_is_not_reminded():
    owner = owner_of(confirmed_meter())
    owner.is_active = False
    owner.save()

    assert at() == []


def test_whoever_withdrew_the_consent_is_not_reminded():
    owner = owner_of(confirmed_meter())
    later = datetime(2027, 1, 23, 9, tzinfo=UTC)
    document = consent.documents()[Purpose.REGISTRATION]
    ConsentEvent.objects.create(user=owner, document=document, action="withdrawn", ip="192.0.2.1", user_agent="tests")

    assert at(later) == []


# -- When -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (datetime(2026, 11, 21, 9, tzinfo=UTC), False),  # four days before
        (datetime(2026, 11, 22, 5, 59, tzinfo=UTC), False),  # 8:59 in Moscow
        (datetime(2026, 11, 22, 6, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 25, 17, 59, tzinfo=UTC), True),  # the last day, 20:59
        (datetime(2026, 11, 25, 18, 0, tzinfo=UTC), False),
        (datetime(2026, 11, 26, 9, tzinfo=UTC), False),  # the window has closed
        (datetime(2027, 2, 22, 9, tzinfo=UTC), True),  # February
    ],
)
def test_it_is_written_in_the_last_days_of_the_window(moment, written):
    confirmed_meter()

    assert bool(at(moment)) is written


def test_each_legal_form_has_its_own_window_and_days():
    person = owner_of(confirmed_meter())
    company = ConsumerFactory(legal_form=LegalForm.COMPANY).user
    confirmed_meter(owner=company)

    assert at(IN_TIME) == [person.email]
    assert at(datetime(2026, 12, 1, 9, tzinfo=UTC)) == [company.email]


def test_the_days_are_a_row():
    confirmed_meter()
    ReadingReminderRule.objects.filter(window__legal_form="person").update(days_before=0)

    assert at(IN_TIME) == []
    ReadingReminderRule.objects.all().delete()
    assert at(datetime(2026, 11, 25, 9, tzinfo=UTC)) == []


def test_of_a_closed_month_nobody_is_reminded():
    meter = confirmed_meter()
    reading(confirmed_meter(owner=owner_of(meter)), 100)
    actions.close_period(NOVEMBER, by=supervisor())

    assert at() == []


# -- Once -----------------------------------------------------------------------------------------------------------


def test_it_is_written_once_a_month():
    owner = owner_of(confirmed_meter())

    assert at() == [owner.email]
    assert at() == []
    assert at(datetime(2026, 11, 25, 9, tzinfo=UTC)) == []
    assert at(datetime(2026, 12, 23, 9, tzinfo=UTC)) == [owner.email]


def test_what_another_server_has_written_meanwhile_is_not_written_again():
    owner = owner_of(confirmed_meter())
    assert list(readings.due(IN_TIME)) == [owner.pk]
    at()

    with time_machine.travel(IN_TIME, tick=False):
        assert readings.write(owner.pk, IN_TIME) is False
    assert ReadingReminder.objects.count() == 1


def test_one_bad_record_does_not_stop_the_others(capsys):
    bad, good = owner_of(confirmed_meter()), owner_of(confirmed_meter())
    type(bad).objects.filter(pk=bad.pk).update(email="no address")

    with time_machine.travel(IN_TIME, tick=False), pytest.raises(CommandError, match="written: 1; not written: 1"):
        call_command("send_reminders")

    assert [letter.to for letter in Email.objects.all()] == [[good.email]]
    assert ReadingReminder.objects.get().user == good  # the other is tried again
    assert "no address" not in capsys.readouterr().err


@pytest.mark.parametrize("count", [1, 10])
def test_looking_who_is_due_costs_the_same_for_many(count, django_assert_num_queries):
    for _ in range(count):
        confirmed_meter()

    with django_assert_num_queries(3):
        assert len(list(readings.due(IN_TIME))) == count


# -- The letter and its link ----------------------------------------------------------------------------------------


def test_the_letter_has_the_day_and_the_links_and_no_meter():
    meter = confirmed_meter()
    at()

    letter = Email.objects.get()
    assert letter.subject == "Передайте показания до 25 ноября"
    for text in (letter.message, letter.html_message):
        assert reverse("requests:meters") in text
        assert "/reminders/readings/off/" in text
        assert meter.serial not in text
        assert meter.point.address not in text


def test_opening_the_link_changes_nothing_and_the_button_does(client):
    owner = owner_of(confirmed_meter())
    link = readings.refusal_link(owner)
    address = link[link.index("/reminders") :]

    opened = client.get(address)
    assert opened.status_code == 200
    assert not ReadingReminderRefusal.objects.exists()
    done = client.post(address)
    client.post(address)

    assert "Больше не&nbsp;напоминаем" in done.content.decode()
    assert [refusal.user for refusal in ReadingReminderRefusal.objects.all()] == [owner]
    assert owner.email not in opened.content.decode() + done.content.decode()
    assert at() == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_broken_link_does_nothing(client, method):
    link = readings.refusal_link(owner_of(confirmed_meter()))

    response = getattr(client, method)(link[link.index("/reminders") : -3] + "x/")

    assert response.status_code == 404
    assert not ReadingReminderRefusal.objects.exists()


# -- The switch in the profile --------------------------------------------------------------------------------------


def test_the_switch_in_the_profile(client):
    owner = ConsumerFactory(agreed=True).user
    client.force_login(owner)
    switch, profile = reverse("requests:reading_reminders"), reverse("accounts:profile")
    assert "Не&nbsp;напоминать" in client.get(profile).content.decode()

    client.post(switch, {"wanted": "0"})
    assert ReadingReminderRefusal.objects.filter(user=owner).exists()
    assert "Напоминать о&nbsp;показаниях</button>" in client.get(profile).content.decode()
    client.post(switch, {"wanted": "1"})

    assert not ReadingReminderRefusal.objects.exists()


def test_the_switch_takes_only_posts_of_consumers(client):
    switch = reverse("requests:reading_reminders")
    assert client.post(switch, {"wanted": "0"}).url.startswith(reverse("accounts:login"))
    client.force_login(ConsumerFactory(agreed=True).user)

    assert client.get(switch).status_code == 405
    assert not ReadingReminderRefusal.objects.exists()
