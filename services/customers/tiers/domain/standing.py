"""What judges a customer's standing tier, what it has earned, and why it moves (domain 2.4, decisions 9 to 12).

The judging itself is set-based and stands in `store/judging.py`.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.customers.service_figures.domain import ServiceFigures
from shared.contracts.customers import Tier, TierCause
from shared.months import Month


@dataclass(frozen=True, slots=True)
class Rules:
    """What judges: the latest closed window by the policy it was closed with, the running month by the one in force;
    months between them, which are over and not closed yet, by `open_policy`, None: each by the one that will close it.
    """

    closed: Month | None
    closed_policy: int
    running: Month
    running_policy: int
    open_policy: int | None = None
    open_counts: bool = True
    """Not where a month closes for the first time: that alone lowers to what the month earned."""


@dataclass(frozen=True, slots=True)
class Move:
    """Why and when tiers move; `month` is the closed month for the causes close and revision."""

    at: datetime
    cause: TierCause
    historical: bool
    month: Month | None = None


@dataclass(frozen=True, slots=True)
class Earned:
    """What a customer's purchases earn it now, whatever stands."""

    customer_id: UUID
    standing: Tier
    tier: Tier
    total: Decimal
    policy_version: int


@dataclass(frozen=True, slots=True)
class Mover(Earned):
    """Who would move by a policy; `potential` is what staff say the customer could buy a month, None where nobody
    said. `service` is read for a page at once, None until then."""

    potential: Decimal | None
    service: ServiceFigures | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """A closed month: per tier customers and net sales in CNY, and who moved since the month before."""

    sums: dict[str, tuple[int, Decimal]]
    moves: dict[str, int]
    changed: int
    """Standing tiers moved."""


@dataclass(frozen=True, slots=True)
class TierChange:
    """A line of the tier history. `total` in CNY of mid-grade terms."""

    version: int
    from_tier: Tier
    to_tier: Tier
    at: datetime
    cause: TierCause
    total: Decimal
    policy_version: int
    month: Month | None
    merged_id: UUID | None = None
    """The merged customer whose it was; None: the customer's own."""
