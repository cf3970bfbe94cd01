"""Tables, decisions and reminders of readings by several hands at once."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from requests_app.lifecycle import Status
from requests_app.models import Reading, ReadingReminder, ReadingReminderRule, ReadingSheet, ServiceRequest
from requests_app.reading_windows import first_of, moscow_day
from requests_app.reminders import readings
from requests_app.services.meter_readings.standing import window_for
from tests.reading_sheets import csv_file, meters, send_sheet, uploaded
from tests.readings import confirmed_meter, operator, owner_of
from tests.test_idempotency import in_parallel

pytestmark = pytest.mark.django_db(transaction=True)


def this_month(owner):
    return window_for(owner.consumer.legal_form, moscow_day(timezone.now())).month


def logged_in(user):
    client = Client()
    client.force_login(user)
    return client


def test_a_table_sent_five_times_at_once_is_one_request():
    owner, found = meters(3)
    url = uploaded(Client(), owner, csv_file(*((meter.serial, "", "5100", "", "") for meter in found)))
    clients = [logged_in(owner) for _ in range(5)]
    key = clients[0].get(url).context["form"].key

    answers = in_parallel(5, lambda number: clients[number].post(url, {"submission_key": key}))

    assert {answer.url for answer in answers} == {ServiceRequest.objects.get().get_absolute_url()}
    assert Reading.objects.current().of_month(this_month(owner)).count() == 3
    assert ReadingSheet.objects.get().service_request == ServiceRequest.objects.get()
    assert Email.objects.filter(to=[owner.email]).count() == 1


def test_two_tables_with_the_same_meters_at_once_leave_one_current_value_each():
    owner, found = meters(3)
    urls = [
        uploaded(Client(), owner, csv_file(*((meter.serial, "", value, "", "") for meter in rows)))
        for value, rows in (("5100", found), ("5090", found[::-1]))
    ]
    clients = [logged_in(owner) for _ in urls]

    answers = in_parallel(2, lambda number: clients[number].post(urls[number]))

    assert sorted(answer.status_code for answer in answers) == [200, 302]  # the other is asked to look again
    values = Reading.objects.current().of_month(this_month(owner)).values_list("value", flat=True)
    assert len(values) == 3
    assert len(set(values)) == 1


def test_of_two_operators_one_decides_about_a_meter():
    owner, [meter] = meters(1)
    sent = send_sheet(Client(), owner, csv_file((meter.serial, "", "9000", "", "верно"))).service_request
    row = sent.readings.get()
    clients = [logged_in(operator()) for _ in range(2)]
    steps = [("accept", {}), ("reject", {"reason": "Нет."})]

    answers = in_parallel(
        2,
        lambda number: clients[number].post(
            reverse(f"admin:requests_app_reading_{steps[number][0]}", args=[row.pk]), steps[number][1]
        ),
    )

    assert sorted(answer.status_code for answer in answers) == [200, 302]
    sent.refresh_from_db()
    assert sent.status == Status.CLOSED
    assert sent.status_changes.count() == 2


def test_two_servers_write_one_reminder():
    owner = owner_of(confirmed_meter())
    ReadingReminderRule.objects.update(days_before=28)
    month = first_of(this_month(owner))
    moment = datetime(month.year, month.month, 20, 9, 0, tzinfo=UTC)

    with time_machine.travel(moment, tick=True):
        written = in_parallel(4, lambda number: readings.write(owner.pk, moment))

    assert sorted(written) == [False, False, False, True]
    assert ReadingReminder.objects.count() == Email.objects.filter(to=[owner.email]).count() == 1
