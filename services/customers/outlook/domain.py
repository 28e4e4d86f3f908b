"""The outlook on the close of the running month (domain 2.4, examples 18).

What is missing to the next tier, and where the run rate leads: what was bought so far ÷ days passed × days of the
month.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, ROUND_UP, Decimal
from typing import Final, Literal, TypeAlias
from uuid import UUID

from services.customers.service_figures.domain import ServiceFigures
from shared.contracts.customers import Tier
from shared.money import CENT

Direction: TypeAlias = Literal["up", "down", "same"]
_ABOVE: Final[dict[Tier, Tier]] = {"D": "C", "C": "B", "B": "A"}


@dataclass(frozen=True, slots=True)
class Days:
    """How far the running month is, in the company's zone: today counts as passed."""

    passed: int
    all: int

    @classmethod
    def of(cls, today: date) -> "Days":
        return cls(today.day, monthrange(today.year, today.month)[1])


@dataclass(frozen=True, slots=True)
class Outlook:
    """Of a customer whose window has earned `counted` and would earn `projected`, in CNY of mid-grade terms.

    What the tiers ask of the window is each threshold × the window's months that count (`divisor`). `pinned`: the tier
    is set by hand and stays. `potential` is what staff say it could buy a month, None where nobody said.
    `customer_name`: a person has none here. `service` is read for a page at once, None until then.
    """

    customer_id: UUID
    tier: Tier
    counted: Decimal
    projected: Decimal
    divisor: int
    threshold_a: Decimal
    threshold_b: Decimal
    threshold_c: Decimal
    leads_to: Tier
    pinned: bool
    potential: Decimal | None = None
    customer_name: str | None = None
    service: ServiceFigures | None = None

    @property
    def total(self) -> Decimal:
        """The average month so far, cut to cents: it never shows a threshold that was not reached."""
        return self._average(self.counted)

    @property
    def run_rate(self) -> Decimal:
        """The average month as it would be at the close, cut likewise."""
        return self._average(self.projected)

    @property
    def next_tier(self) -> Tier | None:
        """The tier above; None for A."""
        return _ABOVE.get(self.tier)

    @property
    def missing(self) -> Decimal | None:
        """How much is still to be bought to the tier above, never less than it takes; 0 where it is earned already."""
        if self.next_tier is None:
            return None
        asked = {"A": self.threshold_a, "B": self.threshold_b, "C": self.threshold_c}[self.next_tier]
        left = (asked * self.divisor - self.counted).quantize(CENT, ROUND_UP)
        return max(left, Decimal("0.00"))

    def _average(self, sum_: Decimal) -> Decimal:
        return (sum_ / self.divisor).quantize(CENT, ROUND_DOWN)
