"""
Readings are reminded of some days before their window closes: once a month, who has meters of which nothing was sent,
or only what was read too early, unless they said that they do not want it. The days are rows (`ReadingReminderRule`) beside the windows.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from accounts import consent
from accounts.models import LegalForm, Purpose, User
from requests_app.dates import day_in_words
from requests_app.models import (
    AccessGrant,
    GrantStatus,
    Meter,
    Reading,
    ReadingPeriod,
    ReadingReminder,
    ReadingReminderRefusal,
    ReadingReminderRule,
)
from requests_app.reading_windows import MOSCOW, Window, moscow_day, next_month, window_at
from requests_app.reminders.base import Reminder
from rsmportal import mail

MORNING, EVENING = time(9), time(21)  # letters are written between these, Moscow time

_SALT = "requests_app.reminders.readings"


def due(now: datetime) -> Iterable[int]:
    """The keys of the users to be written to now. Two queries, and one for each legal form that is due."""
    if not MORNING <= now.astimezone(MOSCOW).time() < EVENING:
        return
    for legal_form, window in _closing(moscow_day(now)).items():
        yield from _silent(window).filter(consumer__legal_form=legal_form).values_list("pk", flat=True)


def write(pk: int, now: datetime) -> bool:
    """Write to one of them; False when it was done or has lost its reason meanwhile."""
    day = moscow_day(now)
    with transaction.atomic():
        user = (
            User.objects.select_for_update(of=("self",), no_key=True).select_related("consumer").get(pk=pk)
        )  # others wait
        window = _closing(day).get(LegalForm(user.consumer.legal_form))
        if window is None or not _silent(window).filter(pk=pk).exists():
            return False
        agreement = consent.states(user).get(Purpose.REGISTRATION)
        if agreement and agreement.is_withdrawn:
            return False
        ReadingReminder.objects.create(user=user, month=window.month, written_at=now)
        _queue(user, window, day)
    return True


def refusal_link(user: User) -> str:
    """The address behind «Не напоминать»: opens without a login, and does one thing only."""
    token = signing.dumps(user.pk, salt=_SALT)
    return f"{settings.SITE_URL}{reverse('requests:reading_reminders_off', args=[token])}"


def user_of_refusal(token: str) -> User | None:
    """Whose link it is; None for one that we did not make."""
    try:
        return User.objects.filter(pk=signing.loads(token, salt=_SALT)).first()
    except signing.BadSignature:
        return None


def _closing(day: date) -> dict[LegalForm, Window]:
    """The windows that are open on `day` and close so soon that it is time to remind."""
    closed = ReadingPeriod.objects.closed_months(since=next_month(day, -1))
    found = {}
    for rule in ReadingReminderRule.objects.select_related("window"):
        window = window_at(day, rule.window.rule, closed=closed)
        if window.is_open(day) and day >= window.closes - timedelta(days=rule.days_before):
            found[LegalForm(rule.window.legal_form)] = window
    return found


def _silent(window: Window) -> QuerySet[User]:
    """Who may send readings of some meter of which there are none for the month, or only early ones; not yet reminded."""
    given = Reading.objects.current().in_time(window).filter(meter=OuterRef("pk"))
    missing = Meter.objects.installed().filter(~Exists(given), point=OuterRef("point"), is_remote=False)
    grants = AccessGrant.objects.filter(Exists(missing), user=OuterRef("pk"), status=GrantStatus.CONFIRMED)
    reminded = ReadingReminder.objects.filter(user=OuterRef("pk"), month=window.month)
    refused = ReadingReminderRefusal.objects.filter(user=OuterRef("pk"))
    silent = User.objects.filter(Exists(grants), ~Exists(reminded), ~Exists(refused), is_active=True)
    return silent.order_by("pk")


def _queue(user: User, window: Window, day: date) -> None:
    """Until when, and the link: which meters they are stands in the cabinet alone."""
    closes = day_in_words(window.closes, today=day)
    context = {
        "closes": closes,
        "link": settings.SITE_URL + reverse("requests:meters"),
        "refusal_link": refusal_link(user),
    }
    mail.queue("readings_reminder", to=user.email, subject=f"Передайте показания до {closes}", context=context)


REMINDERS = (Reminder(name="readings", due=due, write=write),)
