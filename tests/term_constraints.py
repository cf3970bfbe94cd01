"""What the database refuses of extensions and reminders of terms."""

from datetime import date

from requests_app.models import TermDigest
from tests.factories import ServiceRequestFactory, StaffFactory

DAY, NEXT = date(2026, 12, 9), date(2026, 12, 10)


def _extension(**values):
    row = {"from_day": DAY, "until": NEXT, "reason": "Ждём акт осмотра", "disputes": 0, **values}
    return lambda: ServiceRequestFactory().extensions.create(by=StaffFactory(), **row)


def _reminded_twice():
    service_request = ServiceRequestFactory()
    for _ in range(2):
        service_request.term_reminders.create(kind="late", due_on=DAY)


def _two_digests():
    user = StaffFactory()
    for _ in range(2):
        TermDigest.objects.create(user=user, day=DAY)


TERM_BREAKS = {
    "term_extension_is_later": [_extension(until=DAY)],
    "term_extension_has_reason": [_extension(reason="")],
    "term_reminder_once": [_reminded_twice],
    "term_digest_once": [_two_digests],
}
