"""What a customer means to a case: the tier orders the queue (domain 3.1)."""

from typing import Final, get_args

from shared.contracts.customers import Tier

RANKS: Final[tuple[Tier | None, ...]] = (*get_args(Tier), None)
"""Every tier a case can have, in the order of the queue: A first, unknown last."""


def rank_of(tier: Tier | None) -> int:
    """1 for A to 4 for D, 5 for unknown."""
    return RANKS.index(tier) + 1


def tier_of(rank: int) -> Tier | None:
    return RANKS[rank - 1]
