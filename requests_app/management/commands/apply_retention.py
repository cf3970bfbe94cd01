"""Removes what the rules of retention do not keep any longer."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from requests_app.actions import apply_retention


class Command(BaseCommand):
    help = "Remove rows of the logs, and drafts of surveys, that are older than their rule of retention; how many is kept in «Удаления по сроку»."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count")

    def handle(self, *args: Any, **options: Any) -> None:
        word = "would be removed" if options["dry_run"] else "removed"
        for rule, rows in apply_retention(dry_run=options["dry_run"]):
            self.stdout.write(f"{rule.what}, kept {rule.days} days: {rows} {word}")
