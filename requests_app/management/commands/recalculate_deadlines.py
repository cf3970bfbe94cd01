"""Counts the days of the answers anew, once the calendar has changed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from requests_app import actions


class Command(BaseCommand):
    help = (
        "Count the due day of every open request anew, by its term and the working calendar as it is now. Extended "
        "terms stay. Prints what changes; run it with --dry-run first. No letters are written."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="print what would change, and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for found in actions.recount_terms(is_dry_run=options["dry_run"]):
            count += 1
            self.stdout.write(f"{found.number}: {found.was} -> {found.becomes}")
        self.stdout.write(f"{'Would change' if options['dry_run'] else 'Changed'}: {count}")
