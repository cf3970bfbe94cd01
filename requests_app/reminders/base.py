"""What a reminder is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Reminder:
    """
    `due` gives the keys of what is to be reminded of now. `write` queues the letter for one of them and marks that it
    was written, in one transaction; False when it was written or has lost its reason meanwhile, so that the command
    may run on two servers at once.
    """

    name: str
    due: Callable[[datetime], Iterable[int]]
    write: Callable[[int, datetime], bool]
