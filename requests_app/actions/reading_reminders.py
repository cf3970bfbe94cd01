"""Whether a consumer is reminded of readings."""

from __future__ import annotations

from accounts.models import User
from requests_app.models import ReadingReminderRefusal


def set_reading_reminders(user: User, *, wanted: bool) -> None:
    """Twice is once."""
    if wanted:
        ReadingReminderRefusal.objects.filter(user=user).delete()
    else:
        ReadingReminderRefusal.objects.get_or_create(user=user)
