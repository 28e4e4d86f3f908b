"""What is asked of a customer's purchases, and what they come to (domain 2.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.errors import Invalid
from shared.moments import day_begins
from shared.money import ZERO
from shared.months import Month

MOST_MONTHS: Final = 60
"""Months that a trend covers at most."""
USUAL_MONTHS: Final = 12
MOST_DAYS: Final = 3_653
"""Days that figures of a time cover at most: ten years."""


class PurchaseSpanRefused(Invalid):
    slug = "purchase-span-refused"
    title = "This span cannot be shown"


@dataclass(frozen=True, slots=True)
class Days:
    """Days of the company, both included; None: from the beginning, or to the end."""

    first: date | None = None
    last: date | None = None

    def check(self) -> None:
        """Raises PurchaseSpanRefused."""
        if self.first is not None and self.last is not None and self.first > self.last:
            raise PurchaseSpanRefused("`from` lies after `to`", pointer="query/from")

    def bounded(self) -> "Days":
        """The same; raises PurchaseSpanRefused, also for more days than are shown at once."""
        self.check()
        if self.first is not None and self.last is not None and (self.last - self.first).days >= MOST_DAYS:
            raise PurchaseSpanRefused(
                f"at most {MOST_DAYS:,} days are shown at once: say `from` and `to` (YYYY-MM-DD) within ten years",
                pointer="query/from",
            )
        return self

    def bounds(self, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
        """From when on, and before when. Raises PurchaseSpanRefused."""
        self.check()
        since = None if self.first is None else day_begins(self.first, zone)
        until = None if self.last is None else day_begins(self.last + timedelta(days=1), zone)
        return since, until


@dataclass(frozen=True, slots=True)
class Sums:
    """What purchases and returns come to, CNY. `bought` and `returned` are positive.

    `cost` is that of the entries whose cost is known, and `costed` their amount; None where none is.
    """

    purchases: int
    returns: int
    bought: Decimal
    returned: Decimal
    costed: Decimal | None
    cost: Decimal | None

    @property
    def amount(self) -> Decimal:
        """What was bought, less what came back."""
        return self.bought - self.returned

    @property
    def profit(self) -> Decimal | None:
        """What is left of the entries whose cost is known."""
        return None if self.cost is None or self.costed is None else self.costed - self.cost


@dataclass(frozen=True, slots=True)
class BrandMonth:
    """What a customer bought of one brand in a month; None: of no brand."""

    month: Month
    brand_id: UUID | None
    sums: Sums
    brand_name: str | None = None


NOTHING: Final = Sums(0, 0, ZERO, ZERO, None, None)


def month_by_month(found: Sequence[BrandMonth], first: Month, last: Month) -> list[BrandMonth]:
    """The same from the first month to the last; one in which there is nothing stands with zeros, of no brand."""
    bought = {month: list(brands) for month, brands in groupby(found, lambda each: each.month)}
    months = [first.plus(n) for n in range(last.since(first) + 1)]
    return [each for month in months for each in bought.get(month, [BrandMonth(month, None, NOTHING)])]


def trend_span(first: Month | None, last: Month | None, running: Month) -> tuple[Month, Month]:
    """The months of a trend: the twelve up to the running one unless said. Raises PurchaseSpanRefused."""
    last = last or (running if first is None or first <= running else first)
    first = first or last.plus(1 - USUAL_MONTHS)
    if first > last:
        raise PurchaseSpanRefused("`from` lies after `to`", pointer="query/from")
    if last.since(first) >= MOST_MONTHS:
        raise PurchaseSpanRefused(f"at most {MOST_MONTHS} months are shown at once", pointer="query/from")
    return first, last
