"""What a file would change: its rows beside those of the database. Nothing is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import BinaryIO, Generic, TypeVar

from django.db.models import Model

from requests_app.models import Meter, SupplyPoint
from requests_app.supply_import.lines import (
    BOTH,
    TOO_EARLY,
    Line,
    Lines,
    PointKey,
    Problems,
    Progress,
    is_removed_too_early,
    read_lines,
    silent,
)
from requests_app.supply_import.places import Places

BATCH = 500  # points of one query

_Row = TypeVar("_Row", bound=Model)


@dataclass
class Changes(Generic[_Row]):
    """Rows of one model: to be made, to be changed (with their new values already), and how many stay."""

    new: list[_Row] = field(default_factory=list)
    changed: list[_Row] = field(default_factory=list)
    same: int = 0

    def sort(self, row: _Row, line: Line) -> None:
        """Give the row what the line says and put it where it belongs."""
        differs = [name for name, value in line.values.items() if getattr(row, name) != value]
        for name in differs:
            setattr(row, name, line.values[name])
        if row.pk is None:
            self.new.append(row)
        elif differs:
            self.changed.append(row)
        else:
            self.same += 1


@dataclass
class Plan:
    rows: int
    problems: Problems
    points: Changes[SupplyPoint] = field(default_factory=Changes)
    meters: Changes[Meter] = field(default_factory=Changes)

    @property
    def changes_nothing(self) -> bool:
        return not (self.points.new or self.points.changed or self.meters.new or self.meters.changed)

    def counts(self) -> dict[str, int]:
        """By the names of the fields of `SupplyImport`."""
        return {
            f"{name}_{what}": count
            for name, changes in (("points", self.points), ("meters", self.meters))
            for what, count in (("new", len(changes.new)), ("changed", len(changes.changed)), ("same", changes.same))
        }


def check(file: BinaryIO, *, progress: Progress = silent) -> Plan:
    """A dry run. Raises `tables.TableError` when the file cannot be read at all."""
    return compare(read_lines(file, progress=progress), progress=progress)


def compare(lines: Lines, *, progress: Progress = silent) -> Plan:
    """Two queries for each `BATCH` of points. When rows are wrong in themselves, the database is not asked."""
    plan = Plan(rows=lines.rows, problems=lines.problems)
    if plan.problems.count:
        return plan
    places = Places()
    all_keys = list(lines.points)
    for start in range(0, len(all_keys), BATCH):
        keys = all_keys[start : start + BATCH]
        known_points = _known_points(keys)
        known_meters = _known_meters(known_points)
        for meter in known_meters.values():
            if meter.serial_key not in lines.meters.get((meter.point.contract_key, meter.point.address_key), {}):
                places.add(meter)
        for key in keys:
            point = _point(plan, lines.points[key], known_points.get(key))
            for serial, line in lines.meters[key].items():
                if serial:
                    meter = _meter(plan, line, point, known_meters.get((point.pk, serial)))
                    places.add(meter, row=line.row)
        progress("Сверено точек", start + len(keys))
    for row, message in places.twice():
        plan.problems.add(row, "address", message)
    return plan


def _known_points(keys: list[PointKey]) -> dict[PointKey, SupplyPoint]:
    found = SupplyPoint.objects.filter(contract_key__in={contract for contract, _ in keys}).order_by()
    return {(point.contract_key, point.address_key): point for point in found}


def _known_meters(points: dict[PointKey, SupplyPoint]) -> dict[tuple[int, str], Meter]:
    by_pk = {point.pk: point for point in points.values()}
    found = list(Meter.objects.filter(point__in=by_pk).order_by()) if points else []
    for meter in found:
        meter.point = by_pk[meter.point_id]
    return {(meter.point_id, meter.serial_key): meter for meter in found}


def _point(plan: Plan, line: Line, known: SupplyPoint | None) -> SupplyPoint:
    point = known or SupplyPoint()
    plan.points.sort(point, line)
    point.set_keys()
    if point.ogrn and point.ogrnip:  # one of them stood in the database
        plan.problems.add(line.row, "ogrnip", BOTH)
    return point


def _meter(plan: Plan, line: Line, point: SupplyPoint, known: Meter | None) -> Meter:
    meter = known or Meter()
    meter.point = point
    plan.meters.sort(meter, line)
    meter.set_keys()
    if is_removed_too_early(meter.installed_on, meter.removed_on):  # as above
        plan.problems.add(line.row, "removed_on", TOO_EARLY)
    return meter
