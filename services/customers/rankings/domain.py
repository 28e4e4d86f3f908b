"""80/20 of products and brands (domain 2.5): who brings most, and of how few most of it comes.

What an entry says of its lines counts: of a return without lines each line of its purchase comes back in part, and
where one line alone does not say what was paid for it, that is what the others leave of the entry.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal, TypeAlias
from uuid import UUID

from shared.money import ZERO
from shared.months import Month

RankedBy: TypeAlias = Literal["sales", "profit"]


@dataclass(frozen=True, slots=True)
class RankingAsked:
    """By what is ranked, over which months: from the first to the last."""

    by: RankedBy
    first: Month
    last: Month


_PLACES: Final = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class RankingTotals:
    """What all that is ranked comes to, CNY, and how few of it (`bring_most`) bring 80 in a hundred of its `figure`, by
    which it is ranked. `costed` is the part of the amount whose `cost` is known; None where nothing is. `sales` are
    those of every entry of the time, also of those that do not say of what."""

    ranked: int
    amount: Decimal
    costed: Decimal | None
    cost: Decimal | None
    figure: Decimal | None
    bring_most: int
    sales: Decimal

    @property
    def profit(self) -> Decimal | None:
        return _left(self.costed, self.cost)


NOTHING: Final = RankingTotals(0, ZERO, None, None, None, 0, ZERO)


@dataclass(frozen=True, slots=True)
class RankedGoods:
    """A product, or a brand (None: of none), at its place: what it brought, CNY, and what all down to it (`so_far`).

    `pieces` are those of a product that were bought, less those that came back by name.
    """

    place: int
    product: str | None
    pieces: int | None
    brand_id: UUID | None
    brand_name: str | None
    amount: Decimal
    costed: Decimal | None
    cost: Decimal | None
    figure: Decimal | None
    so_far: Decimal | None
    brings_most: bool
    totals: RankingTotals

    @property
    def profit(self) -> Decimal | None:
        return _left(self.costed, self.cost)

    @property
    def share(self) -> Decimal | None:
        """Its part of all sales, or of all profit; None where it has none that is known, or all of it is none."""
        return self._part(self.figure)

    @property
    def cumulative_share(self) -> Decimal | None:
        """The same of all down to it."""
        return self._part(self.so_far)

    def _part(self, of: Decimal | None) -> Decimal | None:
        total = self.totals.figure
        if of is None or self.figure is None or total is None or total <= 0:
            return None
        return (of / total).quantize(_PLACES, ROUND_HALF_UP)


def _left(costed: Decimal | None, cost: Decimal | None) -> Decimal | None:
    return None if costed is None or cost is None else costed - cost
