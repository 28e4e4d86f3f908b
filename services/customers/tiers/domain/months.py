"""Closed months, and which month may close (domain 2.4, decisions 10 and 11)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from shared.contracts.customers import Tier, TierShare
from shared.errors import Conflict, NotFound
from shared.months import Month

TIERS: tuple[Tier, ...] = ("A", "B", "C", "D")


class MonthNotOver(Conflict):
    slug = "month-not-over"
    title = "The month is not over"


class MonthSkipped(Conflict):
    slug = "month-skipped"
    title = "An earlier month is still open"


class MonthWithoutData(Conflict):
    slug = "month-without-data"
    title = "There is nothing in this month to close"


class MonthNotClosed(NotFound):
    slug = "month-not-closed"
    title = "This month is not closed"


@dataclass(frozen=True, slots=True)
class ClosedMonth:
    """A month as its latest revision closed it; `stale_at`: when something came last that none has taken up."""

    month: Month
    id: UUID
    revision: int
    stale: bool
    closed_at: datetime
    policy_version: int
    customers: int
    changed: int
    tiers: dict[str, TierShare]
    moves: dict[str, int]
    stale_at: datetime | None = None
    first_closed_at: datetime | None = None

    def revision_due_at(self, quiet: timedelta) -> datetime | None:
        """When it is revised by itself unless more comes in; None where there is nothing to take up."""
        return (self.stale_at or self.closed_at) + quiet if self.stale else None


@dataclass(frozen=True, slots=True)
class Books:
    """What is known of months when one is to be closed. `closed` is in order."""

    running: Month
    first_counted: Month | None
    """From when the first customer counts."""
    first_bought: Month | None
    closed: Sequence[Month]

    @property
    def latest(self) -> Month | None:
        return self.closed[-1] if self.closed else None

    @property
    def next_open(self) -> Month | None:
        """The earliest open month since the first with data; None while nothing was bought and nothing is closed."""
        month = min([*self.closed[:1], *([self.first_bought] if self.first_bought else [])], default=None)
        closed = set(self.closed)
        while month in closed:
            month = month.plus(1)
        return month

    def check_closable(self, month: Month) -> None:
        """Raises MonthNotOver, MonthSkipped or MonthWithoutData (decision 10)."""
        if month >= self.running:
            raise MonthNotOver(f"{month} can be closed from the first day of {month.plus(1)} on")
        if month in self.closed:
            return
        if self.first_counted is None or month < self.first_counted:
            raise MonthWithoutData(f"nobody bought or was registered in {month} or before")
        due = self.next_open
        if due is not None and month > due:
            raise MonthSkipped(f"months close in order; {due} is the next")
        if due is not None and month < due and self.closed:
            raise MonthWithoutData(f"months are closed from {self.closed[0]} on; {due} is the next")


def is_history(month: Month, running: Month) -> bool:
    """Whether the close of `month` is a close of the past: only that of the month just ended is news (decision 5)."""
    return month < running.plus(-1)


def shares(sums: dict[str, tuple[int, Decimal]]) -> dict[str, TierShare]:
    """Customers, net sales in CNY and share of all sales (four places, 0 when nothing was sold), for every tier."""
    total = sum((amount for _, amount in sums.values()), Decimal())
    return {tier: _share(*sums.get(tier, (0, Decimal("0.00"))), total) for tier in TIERS}


def _share(customers: int, amount: Decimal, total: Decimal) -> TierShare:
    part = amount / total if total else Decimal()
    return TierShare(customers=customers, amount=amount, share=part.quantize(Decimal("0.0001"), ROUND_HALF_UP))
