"""Supply points from a table: kept while somebody looks at what it would change, then written as a whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, BinaryIO, cast

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import Model
from django.utils import timezone

from accounts.models import User
from requests_app.actions.files import FilesNotStored
from requests_app.attachments import clean_name
from requests_app.models import Meter, SupplyImport, SupplyPoint
from requests_app.models.attachment import private_storage
from requests_app.models.supply_import import SupplyImportQuerySet, random_name
from requests_app.supply_import.columns import METER, POINT
from requests_app.supply_import.lines import Progress, read_lines, silent
from requests_app.supply_import.plan import Changes, Plan, compare

PERMISSION = "requests_app.import_supplypoint"
MAX_DRAFTS = 3  # of one person: files that were only looked at must not fill the disk
BATCH = 1_000  # rows of one statement

_LOCK = 20_190_114  # any number that no other advisory lock of this database has


class ImportRefused(Exception):
    """Nothing was written. The text says why; `plan` holds the wrong rows when it is because of them."""

    def __init__(self, message: str, plan: Plan | None = None) -> None:
        super().__init__(message)
        self.plan = plan


def upload_supply_table(upload: UploadedFile[Any], *, by: User) -> SupplyImport:
    """Keep the file of `by` until it is applied or a day has passed. Raises `FilesNotStored`, `PermissionDenied`."""
    _check_permission(by)
    upload.seek(0)
    sha256 = hashlib.file_digest(cast(Any, upload), "sha256").hexdigest()
    draft = SupplyImport(by=by, file_name=clean_name(upload.name or ""), sha256=sha256)
    name = random_name(draft, "")
    try:
        draft.file.name = private_storage().save(name, upload)
        draft.save()
    except OSError as error:
        private_storage().delete(name)
        raise FilesNotStored from error
    surplus = SupplyImport.objects.drafts_of(by).order_by("-pk").values("pk")[MAX_DRAFTS:]
    remove_supply_drafts(SupplyImport.objects.filter(pk__in=[row["pk"] for row in surplus]))
    return draft


def apply_supply_table(draft: SupplyImport, *, by: User) -> SupplyImport:
    """
    Write what the kept file says and forget the file; twice is once. Everything is checked anew. Raises
    `ImportRefused`, `tables.TableError`, `PermissionDenied`.
    """
    _check_permission(by)
    if draft.by_id != by.pk:
        raise PermissionDenied("Only who uploaded may apply")
    if draft.applied_at:
        return draft
    try:
        with private_storage().open(str(draft.file)) as file:
            return _import(file, draft, progress=silent)
    except FileNotFoundError:  # another click may have been quicker
        draft.refresh_from_db()
        if draft.applied_at:
            return draft
        raise


def import_supply(file: BinaryIO, *, file_name: str, progress: Progress = silent) -> SupplyImport:
    """The same from the command line of the server, by nobody in particular."""
    sha256 = hashlib.file_digest(cast(Any, file), "sha256").hexdigest()
    return _import(file, SupplyImport(file_name=clean_name(file_name), sha256=sha256), progress=progress)


def remove_supply_drafts(drafts: SupplyImportQuerySet) -> int:
    """Delete files that were looked at and not applied, rows first, files after the commit. Returns how many."""
    with transaction.atomic():
        doomed = list(drafts.filter(applied_at=None).select_for_update())
        for draft in doomed:
            transaction.on_commit(partial(private_storage().delete, str(draft.file)), robust=True)
        SupplyImport.objects.filter(pk__in=[draft.pk for draft in doomed]).delete()
    return len(doomed)


def _check_permission(by: User) -> None:
    if not by.has_perm(PERMISSION):
        raise PermissionDenied("This one may not import supply points")


def _import(file: BinaryIO, row: SupplyImport, *, progress: Progress) -> SupplyImport:
    lines = read_lines(file, progress=progress)  # before the lock: this is what takes long
    with _one_at_a_time():
        if row.pk and not (row := SupplyImport.objects.select_for_update().get(pk=row.pk)).file:
            return row  # by another click
        plan = compare(lines, progress=progress)
        if plan.problems.count:
            raise ImportRefused("В файле есть ошибки, ничего не записано.", plan)
        _write(plan.points, POINT, ["contract_key", "address_key"], progress)
        _write(plan.meters, METER, ["point", "serial_key"], progress)
        if row.file:
            transaction.on_commit(partial(private_storage().delete, str(row.file)), robust=True)
        row.file, row.applied_at = "", timezone.now()
        for name, count in plan.counts().items():
            setattr(row, name, count)
        row.save()
    return row


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """
    A transaction in which no other import runs. On SQLite there is one writer anyway; on PostgreSQL two imports with
    the same new points would write over each other.
    """
    try:
        with transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            yield
    except OperationalError as error:  # waited in vain
        raise ImportRefused(
            "База данных занята: может быть, идёт другой импорт. Подождите минуту и попробуйте снова."
        ) from error
    except (IntegrityError, SupplyImport.DoesNotExist) as error:  # a point or the file went while we compared
        raise ImportRefused("Данные только что изменил кто-то другой. Загрузите файл ещё раз.") from error


def _write(changes: Changes[Any], columns: dict[str, Any], unique: list[str], progress: Progress) -> None:
    """
    Insert or update by the keys, new and changed rows alike: a changed row goes without its number, is found by its
    keys and gets the same number back. One statement for a batch, where `bulk_update` takes one long CASE per column.
    """
    model: type[Model] = SupplyPoint if columns is POINT else Meter
    rows = [*changes.new, *changes.changed]
    for row in changes.changed:
        row.pk = None
    for start in range(0, len(rows), BATCH):
        model._default_manager.bulk_create(
            rows[start : start + BATCH], update_conflicts=True, unique_fields=unique, update_fields=list(columns)
        )
        progress("Записано точек" if columns is POINT else "Записано приборов", min(start + BATCH, len(rows)))
