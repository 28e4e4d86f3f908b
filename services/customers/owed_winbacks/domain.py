"""A win-back that is owed: somebody is lost, or warned of, and no case was opened since they bought last, or it was
said that they have returned and they were observed to the end without buying. A purchase ends a dismissal.

The terms of a tier may say within how many days a case is opened. Unless they do it is for an A the same day, for
others as long as they leave for the visit, or for the call where nobody visits; for whom neither is done (a D: only
when it is cheap) no case is owed, nor for who left in malice, bought nothing or is dismissed, nor because of what a
takeover brought (decision 5). No case opens by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, Literal, TypeAlias
from uuid import UUID

from services.customers.winbacks.domain import TierTerms
from shared.contracts.customers import Tier
from shared.contracts.losses import ChurnKind

OwedBecause: TypeAlias = Literal["lost", "warned"]
SAME_DAY: Final[Tier] = "A"
DAY: Final = timedelta(days=1) // timedelta(hours=1)
"""Of so many hours."""


@dataclass(frozen=True, slots=True)
class OwedWinback:
    """Who is to be won back and why, since which day, and the last day on which a case is in time; `yearly` in CNY.
    How and why they left as far as it is said of the loss."""

    customer_id: UUID
    customer_name: str | None
    because: OwedBecause
    loss_id: UUID | None
    warning_id: UUID | None
    tier: Tier
    yearly: Decimal
    since: date
    due_on: date
    kind: ChurnKind | None
    cause: str | None

    def overdue(self, today: date) -> bool:
        return self.due_on < today


def opens_within(terms: Mapping[Tier, TierTerms]) -> dict[Tier, int]:
    """Within how many days a case is opened, by tier; tiers for which none is owed are not in it."""
    days = {tier: _days(tier, each) for tier, each in terms.items()}
    return {tier: each for tier, each in days.items() if each is not None}


def _days(tier: Tier, terms: TierTerms) -> int | None:
    """Of hours the days on which they end."""
    if terms.case_days is not None or (terms.visit_days is None and terms.call_hours is None):
        return terms.case_days
    if tier == SAME_DAY:
        return 0
    return terms.visit_days if terms.visit_days is not None else -(-(terms.call_hours or 0) // DAY)
