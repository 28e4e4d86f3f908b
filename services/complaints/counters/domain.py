"""How many cases wait, by whom and how: kept in memory, never counted in the database.

A process keeps of each open case the little that is counted. Who asks brings it up to date first, with the cases that
something has happened to since, by complaints' own log; what time alone changes (overdue, due soon) is found by the
order of due moments.
"""

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from services.complaints.customers.domain import RANKS

SOON: Final = timedelta(hours=1)
"""What is due within so much time is due soon."""
UNKNOWN: Final = "unknown"
"""The tier of who is nobody's customer, or of whom no tier is known."""


class CountedCase(NamedTuple):
    """What of a case is counted; `due_at` is None while its clock is paused, and only an open case is counted."""

    id: UUID
    open: bool
    handler_id: UUID | None
    tier_rank: int
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Open cases: all, and how many of them stand how."""

    open: int
    overdue: int
    due_soon: int
    """Not late, and due `SOON`."""
    paused: int
    by_tier: dict[str, int]


@dataclass(slots=True)
class _Pile:
    """Open cases of a kind: by tier, and their due moments in order."""

    by_rank: dict[int, int] = field(default_factory=lambda: dict.fromkeys(range(1, len(RANKS) + 1), 0))
    due: list[datetime] = field(default_factory=list)

    @property
    def open(self) -> int:
        return sum(self.by_rank.values())

    def add(self, case: CountedCase) -> None:
        self.by_rank[case.tier_rank] += 1
        if case.due_at is not None:
            insort(self.due, case.due_at)

    def remove(self, case: CountedCase) -> None:
        self.by_rank[case.tier_rank] -= 1
        if case.due_at is not None:
            del self.due[bisect_right(self.due, case.due_at) - 1]

    def figures(self, now: datetime) -> Figures:
        late = bisect_right(self.due, now)
        soon = bisect_right(self.due, now + SOON) - late
        tiers: dict[str, int] = {tier or UNKNOWN: self.by_rank[rank] for rank, tier in enumerate(RANKS, start=1)}
        return Figures(self.open, late, soon, self.open - len(self.due), tiers)


class OpenCases:
    """The open cases of the company as one process knows them."""

    def __init__(self) -> None:
        self._cases: dict[UUID, CountedCase] = {}
        self._all = _Pile()
        self._of: defaultdict[UUID | None, _Pile] = defaultdict(_Pile)

    def count(self, cases: Iterable[CountedCase]) -> None:
        """Counts cases as they are now, in place of what was known of them."""
        for case in cases:
            before = self._cases.pop(case.id, None)
            if before is not None:
                self._all.remove(before)
                self._of[before.handler_id].remove(before)
            if case.open:
                self._cases[case.id] = case
                self._all.add(case)
                self._of[case.handler_id].add(case)

    def figures(self, now: datetime) -> Figures:
        """Of all open cases."""
        return self._all.figures(now)

    def figures_of(self, handler_id: UUID, now: datetime) -> Figures:
        """Of the cases that somebody handles."""
        return (self._of.get(handler_id) or _Pile()).figures(now)

    @property
    def unassigned(self) -> int:
        """Open cases that nobody handles."""
        pile = self._of.get(None)
        return pile.open if pile is not None else 0
