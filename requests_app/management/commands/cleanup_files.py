"""Removes uploads that never became part of a request."""

import time
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from requests_app.actions import remove_drafts
from requests_app.models import Attachment
from requests_app.models.attachment import private_storage


class Command(BaseCommand):
    help = "Remove uploads of forms that were never sent, and stored files without a row (a crash can leave them)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--hours", type=int, default=24, help="how old they must be (default 24)")

    def handle(self, *args: Any, **options: Any) -> None:
        age = timedelta(hours=options["hours"])
        drafts = remove_drafts(Attachment.objects.abandoned(before=timezone.now() - age).iterator())
        orphans = _remove_orphans(older_than=age)
        self.stdout.write(f"Drafts removed: {drafts}; files without a row removed: {orphans}")


def _remove_orphans(*, older_than: timedelta) -> int:
    known = set(Attachment.objects.values_list("file", flat=True).iterator())
    root = Path(private_storage().location)
    oldest = time.time() - older_than.total_seconds()
    orphans = [
        path
        for path in root.glob("attachments/*/*")
        if path.relative_to(root).as_posix() not in known and path.stat().st_mtime < oldest
    ]
    for path in orphans:
        path.unlink()
    return len(orphans)
