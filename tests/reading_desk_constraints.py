"""How the constraints of tables of readings and of reminders are broken; for test_constraints.py."""

from datetime import date

from requests_app.models import ReadingReminder, ReadingReminderRule, ReadingSheet
from tests.factories import ConsumerFactory, ServiceRequestFactory


def sheet(**fields):
    def break_it():
        by = ConsumerFactory().user
        if fields.pop("is_sent", False):
            fields["service_request"] = ServiceRequestFactory(owner=by)
        ReadingSheet.objects.create(by=by, file_name="Показания.csv", sha256="0" * 64, **fields)

    return break_it


def reminded_twice():
    user = ConsumerFactory().user
    for _ in range(2):
        ReadingReminder.objects.create(user=user, month=date(2026, 11, 1))


def reminded_of_a_day():
    ReadingReminder.objects.create(user=ConsumerFactory().user, month=date(2026, 11, 2))


READING_DESK = {
    "reading_sheet_file_until_sent": [sheet(file=""), sheet(file="sheets/kept", is_sent=True)],
    "reading_reminder_once": [reminded_twice],
    "reading_reminder_is_of_a_month": [reminded_of_a_day],
    "reading_reminder_rule_days": [lambda: ReadingReminderRule.objects.update(days_before=29)],
}
