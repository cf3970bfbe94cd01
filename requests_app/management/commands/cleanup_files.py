"""Removes uploads that never became part of a request, tables of supply points that nobody applied and of readings that
nobody sent; drafts of answers that nobody went on with, and who looked at a request long ago."""

import time
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from requests_app.actions import (
    remove_answer_drafts,
    remove_drafts,
    remove_presences,
    remove_reading_sheets,
    remove_supply_drafts,
)
from requests_app.models import AnswerDraft, Attachment, Presence, ReadingSheet, SupplyImport
from requests_app.models.answering import DRAFT_KEPT
from requests_app.models.attachment import private_storage

BATCH = 500


class Command(BaseCommand):
    help = (
        "Remove uploads of forms that were never sent, stored files without a row (a crash can leave them), and drafts of "
        f"answers after {DRAFT_KEPT.days} days."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--hours", type=int, default=24, help="how old they must be (default 24)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["hours"] < 1:
            raise CommandError("--hours must be at least 1: a file is written a moment before its row.")
        age = timedelta(hours=options["hours"])
        drafts = _remove_drafts(older_than=age)
        drafts += remove_supply_drafts(SupplyImport.objects.abandoned(before=timezone.now() - age))
        drafts += remove_reading_sheets(ReadingSheet.objects.abandoned(before=timezone.now() - age))
        drafts += remove_answer_drafts(AnswerDraft.objects.abandoned(before=timezone.now() - DRAFT_KEPT))
        remove_presences(Presence.objects.gone(before=timezone.now() - age))
        orphans = _remove_orphans(older_than=age)
        self.stdout.write(f"Drafts removed: {drafts}; files without a row removed: {orphans}")


def _remove_drafts(*, older_than: timedelta) -> int:
    abandoned = Attachment.objects.abandoned(before=timezone.now() - older_than)
    total = 0
    while removed := remove_drafts(abandoned[:BATCH]):
        total += removed
    return total


def _remove_orphans(*, older_than: timedelta) -> int:
    root = Path(private_storage().location)
    oldest = time.time() - older_than.total_seconds()
    files = [*root.glob("attachments/*/*"), *root.glob("imports/*"), *root.glob("sheets/*")]
    old = [path for path in files if path.stat().st_mtime < oldest]
    known = set(Attachment.objects.values_list("file", flat=True).iterator())  # after the list of files
    known |= set(SupplyImport.objects.values_list("file", flat=True))
    known |= set(ReadingSheet.objects.values_list("file", flat=True))
    orphans = [path for path in old if path.relative_to(root).as_posix() not in known]
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(orphans)
