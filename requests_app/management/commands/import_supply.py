"""Supply points with their meters from a CSV or XLSX file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from requests_app import actions
from requests_app.supply_import.plan import Plan, check
from requests_app.tables import TableError


class Command(BaseCommand):
    help = (
        "Import supply points and meters from a table (CSV or XLSX, one row for a meter): all rows or none. The same "
        "file again changes nothing. Names what is wrong by row and column and exits with 1."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="only say what would change")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            with path.open("rb") as file:
                if options["dry_run"]:
                    counts = self._checked(check(file, progress=self._progress)).counts()
                else:
                    done = actions.import_supply(file, file_name=path.name, progress=self._progress)
                    counts = {name: getattr(done, name) for name in _COUNTS}
        except OSError as error:
            raise CommandError(f"Файл не открывается: {error.strerror}") from error
        except TableError as error:
            raise CommandError(error.message) from error
        except actions.ImportRefused as refusal:
            if refusal.plan:
                self._checked(refusal.plan)
            raise CommandError(str(refusal)) from refusal
        self._tell(counts, is_dry=options["dry_run"])

    def _checked(self, plan: Plan) -> Plan:
        """The plan, if no row is wrong."""
        if not plan.problems.count:
            return plan
        self._end_line()
        for problem in plan.problems.shown:
            self.stderr.write(str(problem))
        if plan.problems.not_shown:
            self.stderr.write(f"… и ещё: {plan.problems.not_shown}")
        raise CommandError(f"Ошибок: {plan.problems.count}. Ничего не записано.")

    def _tell(self, counts: dict[str, int], *, is_dry: bool) -> None:
        self._end_line()
        if is_dry:
            self.stdout.write("Проверка: ничего не записано.")
        for word, name in (("Точки", "points"), ("Приборы", "meters")):
            self.stdout.write(
                f"{word}: новых {counts[f'{name}_new']}, изменено {counts[f'{name}_changed']}, "
                f"без изменений: {counts[f'{name}_same']}"
            )

    def _progress(self, stage: str, done: int) -> None:
        """One line that is written over on a terminal; elsewhere, in a log, a line for each step."""
        if self.stdout.isatty():
            self.stdout.write(f"\r{stage}: {done}   ", ending="")
        else:
            self.stdout.write(f"{stage}: {done}")

    def _end_line(self) -> None:
        if self.stdout.isatty():
            self.stdout.write("")


_COUNTS = [f"{name}_{what}" for name in ("points", "meters") for what in ("new", "changed", "same")]
