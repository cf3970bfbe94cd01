"""Writes the reminders that are due."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from requests_app.reminders import write_due


class Command(BaseCommand):
    help = (
        "Write the letters that remind of what is coming. Run it every ten minutes: each reminder is written once, "
        "also when two servers run it at the same moment. Exits with 1 when some could not be written."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        written, failed = write_due(now=timezone.now())
        if failed:
            raise CommandError(f"Reminders written: {written}; not written: {failed}, see the log.")
        self.stdout.write(f"Reminders written: {written}")
