"""No hidden number follows from what is shown: proved for any table, not only for the ones in sight."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from requests_app.services.survey.disclosure import LEAST, hidden

TOTAL = "total"


def ties_of(rows, columns, *, weighted=False):
    """Of a table whose last row and column are sums."""
    ties = [{(row, TOTAL): -1, **{(row, column): 1 for column in columns}} for row in [*rows, TOTAL]]
    ties += [{(TOTAL, column): -1, **{(row, column): 1 for row in rows}} for column in [*columns, TOTAL]]
    if weighted:
        ties += [{("sum", column): -1, **{(row, column): row for row in rows}} for column in [*columns, TOTAL]]
        ties += [{("sum", TOTAL): -1, **{("sum", column): 1 for column in columns}}]
    return ties


def with_sums(cells, rows, columns):
    numbers = dict(cells)
    for row in rows:
        numbers[row, TOTAL] = sum(cells[row, column] for column in columns)
    for column in [*columns, TOTAL]:
        numbers[TOTAL, column] = sum(numbers[row, column] for row in rows)
    return numbers


def another_solution(out, ties, key):
    """
    Can `key` be another number while everything visible stays? Solved by elimination of its own: a direction of the
    null space that moves `key`.
    """
    keys = sorted(out, key=repr)
    keys.remove(key)
    # move `key` by 1: is there a move of the others that keeps every sum?
    rows = [[Fraction(tie.get(other, 0)) for other in keys] + [Fraction(-tie.get(key, 0))] for tie in ties]
    return is_consistent(rows, len(keys))


def is_consistent(rows, width):
    rows = [list(row) for row in rows]
    for column in range(width):
        pivot = next((row for row in rows if row[column] and not any(row[:column])), None)
        if pivot is None:
            continue
        for row in rows:
            if row is not pivot and row[column]:
                factor = row[column] / pivot[column]
                row[:] = [value - factor * top for value, top in zip(row, pivot, strict=True)]
    return all(any(row[:width]) or not row[width] for row in rows)


tables = st.integers(2, 5).flatmap(
    lambda rows: st.lists(st.lists(st.integers(0, 12), min_size=3, max_size=3), min_size=rows, max_size=rows)
)


def check(table, *, weighted):
    rows, columns = range(1, len(table) + 1), ["person", "sole_trader", "company"]
    cells = {(row, column): table[row - 1][place] for row in rows for place, column in enumerate(columns)}
    numbers = with_sums(cells, rows, columns)
    cost = dict(numbers)
    small = {key for key, number in numbers.items() if number < LEAST}
    if weighted:
        for column in [*columns, TOTAL]:
            numbers["sum", column], cost["sum", column] = 0, 10**6
            small |= {("sum", column)} if numbers[TOTAL, column] < LEAST else set()
    ties = ties_of(rows, columns, weighted=weighted)

    out = hidden(numbers, ties, small=small, cost=cost)

    assert small <= out
    assert [key for key in out if not another_solution(out, ties, key)] == []


@given(tables)
def test_no_hidden_number_follows_from_the_sums_of_a_table(table):
    check(table, weighted=False)


@given(tables)
def test_nor_from_the_averages(table):
    check(table, weighted=True)


def test_nothing_is_hidden_without_need():
    numbers = {(row, column): 9 for row in "ab" for column in "xy"}

    assert hidden(numbers, [], small=set(), cost=numbers) == set()


def test_one_small_number_takes_the_next_smallest_with_it():
    """40 people, 36 of them in sight: the others would be four."""
    numbers = {"a": 4, "b": 16, "c": 20}
    everybody = {"all": -1, "a": 1, "b": 1, "c": 1}

    assert hidden(numbers, [everybody], small={"a"}, cost=numbers) == {"a", "b"}


def test_an_average_needs_a_third_number_hidden():
    """Two unknown numbers, their sum and their weighted sum would be two equations."""
    numbers = {1: 2, 2: 3, 3: 8, 4: 10, 5: 17, "sum": 157}
    ties = [{"all": -1, **dict.fromkeys(range(1, 6), 1)}, {"sum": -1, **{mark: mark for mark in range(1, 6)}}]

    assert hidden(numbers, ties, small={1, 2}, cost={**numbers, "sum": 10**6}) == {1, 2, 3}
