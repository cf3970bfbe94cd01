"""What is kept for longer than its rule says is removed; how much, stays known."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from auditlog.models import LogEntry
from axes.models import AccessAttempt
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import DataView
from requests_app.models import FileAccess, Kept, RetentionRule, RetentionRun
from requests_app.services.survey.answers import Participation

BATCH = 5000  # rows a transaction, so that nobody waits for it
logger = logging.getLogger(__name__)


def apply_retention(*, dry_run: bool = False) -> Iterator[tuple[RetentionRule, int]]:
    """Each rule with how many rows it has removed, or would remove when `dry_run`. Rows that go leave a `RetentionRun`."""
    for rule in RetentionRule.objects.all():
        before = timezone.now() - timedelta(days=rule.days)
        expired = _older(rule.what, before)
        yield rule, expired.count() if dry_run else _removed(rule, expired, before)


def _removed(rule: RetentionRule, expired: QuerySet[Any], before: datetime) -> int:
    removed = 0
    while keys := list(expired.values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            expired.filter(pk__in=keys).delete()
        removed += len(keys)
    if removed:
        RetentionRun.objects.create(what=rule.what, before=before, days=rule.days, removed=removed)
        logger.info("Retention: %d rows of %s are removed", removed, rule.what)
    return removed


def _older(what: str, before: datetime) -> QuerySet[Any]:
    found: dict[str, QuerySet[Any]] = {
        Kept.VIEWS: DataView.objects.filter(at__lt=before),
        Kept.CHANGES: LogEntry.objects.filter(timestamp__lt=before),
        Kept.DOWNLOADS: FileAccess.objects.filter(at__lt=before),
        Kept.LOGINS: AccessAttempt.objects.filter(attempt_time__lt=before),
        Kept.DRAFTS: Participation.objects.begun().filter(survey__closes_on__lt=timezone.localdate(before)),
    }
    return found[what].order_by()
