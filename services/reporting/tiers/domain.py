"""What a closed month says about the tiers."""

from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

EXPECTED_SHARES = MappingProxyType(
    {"A": Decimal("0.70"), "B": Decimal("0.20"), "C": Decimal("0.10"), "D": Decimal("0.01")}
)
"""The part of all sales to expect of each tier, 0 to 1 (domain 2.4: about 70, 20, 10 and 1 per cent)."""


@dataclass(frozen=True, slots=True)
class TierOfMonth:
    """One tier of a closed month: `amount` in CNY, `share` of all sales from 0 to 1."""

    customers: int
    amount: Decimal
    share: Decimal
    expected_share: Decimal


@dataclass(frozen=True, slots=True)
class MonthOfTiers:
    """A month as closed (decision 8). One that is not closed has no revision, no tiers and no moves (decision 10)."""

    month: str
    revision: int | None
    tiers: dict[str, TierOfMonth]
    moves: dict[str, int]
    """"C>A" -> customers who were in C in the closed month before and are in A in this one."""
