"""
Letters that are written when their time has come, by `manage.py send_reminders`. Another kind is a module here with
its `Reminder`s, and their names in the tuple.
"""

from __future__ import annotations

import logging
from datetime import datetime

from requests_app.reminders import absences, readings, terms, visits
from requests_app.reminders.base import Reminder

logger = logging.getLogger(__name__)

REMINDERS: tuple[Reminder, ...] = (*visits.REMINDERS, *readings.REMINDERS, *terms.REMINDERS, *absences.REMINDERS)


def write_due(*, now: datetime) -> tuple[int, int]:
    """
    Write every reminder that is due, each in a transaction of its own: one that fails is logged and tried again at the
    next run, and does not stop the others. Returns how many were written and how many failed.
    """
    written = failed = 0
    for reminder in REMINDERS:
        for pk in reminder.due(now):
            try:
                written += reminder.write(pk, now)
            except Exception as error:  # noqa: BLE001  whatever is wrong with one row, the others must go
                failed += 1
                logger.error("Reminder %s of %s is not written: %s", reminder.name, pk, type(error).__name__)
    return written, failed
