"""
Which numbers of a table must stay hidden so that nobody can work out a small one. Pure.

A small number is hidden; so is as much more as is needed that no hidden number follows from the visible ones and from
the sums that tie them: of a row, of a column, the weighted one behind an average.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction
from typing import TypeVar

LEAST = 5  # answers: a smaller number might be traced to people

Key = TypeVar("Key", bound=Hashable)  # of a number


def hidden(
    numbers: Mapping[Key, int], sums: Sequence[Mapping[Key, int]], *, small: set[Key], cost: Mapping[Key, int]
) -> set[Key]:
    """
    The numbers to hide: the `small` ones and, cheapest by `cost` first, those without which a hidden one would follow.

    `numbers`: every number that could be shown. `sums`: what anybody knows of them, the coefficient of each number, all
    of it together zero; a key that is not in `numbers` is known to everybody and never hidden.
    """
    out = set(small)
    order = {key: place for place, key in enumerate(numbers)}
    while given_away := _follows(out, sums):
        tied = {key for each in sums if given_away & set(each) for key in each}
        candidates = (tied & set(numbers)) - out
        if not candidates:
            break  # nothing visible is left beside it: it follows from what everybody knows
        out.add(min(candidates, key=lambda key: (cost[key], order[key])))
    return out


def _follows(unknown: set[Key], sums: Sequence[Mapping[Key, int]]) -> set[Key]:
    """Those of the unknown numbers that the sums leave exactly one value."""
    keys = sorted({key for each in sums for key in each if key in unknown}, key=repr)
    rows = [[Fraction(each.get(key, 0)) for key in keys] for each in sums]
    reduced = _reduced(rows, len(keys))
    alone = ([place for place, value in enumerate(row) if value] for row in reduced)
    return {keys[places[0]] for places in alone if len(places) == 1}


def _reduced(rows: list[list[Fraction]], width: int) -> list[list[Fraction]]:
    """The reduced row echelon form: a number is fixed exactly when it stands alone in a row of it."""
    done = 0
    for column in range(width):
        pivot = next((place for place in range(done, len(rows)) if rows[place][column]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        head = rows[done][column]
        rows[done] = [value / head for value in rows[done]]
        for place, row in enumerate(rows):
            if place != done and row[column]:
                factor = row[column]
                rows[place] = [value - factor * top for value, top in zip(row, rows[done], strict=True)]
        done += 1
    return rows[:done]
