"""Segments (domain 2.5, examples 19): scores of loyalty, credit and size from data, and what they are together.

Months are complete calendar months before the running one, in CNY of mid-grade terms, net of returns; a month in which
more came back than was bought counts as nothing. Each class is judged by its score as it is shown, rounded half up to
the cent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal, TypeAlias
from uuid import UUID

from services.customers.credit.domain import CreditRating
from services.customers.worth_policies.domain import SegmentRules
from shared.contracts.worth import Cell, Level, LoyaltyCredit, LoyaltySize, StoreSize, ValueLevel
from shared.errors import NotFound
from shared.money import ZERO, to_cents

BEST: Final = Decimal(100)
Dimension: TypeAlias = Literal["loyalty", "credit", "size"]
Overrides: TypeAlias = Mapping[Dimension, Decimal]
"""Scores that are said by hand and stand instead of those from data."""
_NONE: Final[Overrides] = {}


_LOYALTY_CREDIT: Final[Mapping[tuple[Level, Level], LoyaltyCredit]] = {
    ("high", "high"): "gold",
    ("low", "high"): "star",
    ("high", "low"): "risk",
    ("low", "low"): "junk",
}
_CELLS: Final[Mapping[tuple[Level, Level, StoreSize], Cell]] = {
    ("high", "high", "large"): "high_high_large",
    ("high", "high", "small"): "high_high_small",
    ("high", "low", "large"): "high_low_large",
    ("high", "low", "small"): "high_low_small",
    ("low", "high", "large"): "low_high_large",
    ("low", "high", "small"): "low_high_small",
    ("low", "low", "large"): "low_low_large",
    ("low", "low", "small"): "low_low_small",
}
_LOYALTY_SIZE: Final[Mapping[tuple[Level, StoreSize], LoyaltySize]] = {
    ("high", "large"): "cash_cow",
    ("low", "large"): "warm_up",
    ("high", "small"): "tomorrow",
    ("low", "small"): "chicken_rib",
}

YEAR: Final = 12
"""The value pyramid looks at so many complete months."""
PYRAMID: Final[Mapping[ValueLevel, tuple[int, int]]] = {"top": (5, 80), "next": (15, 15), "rest": (80, 5)}
"""Level -> how many in a hundred customers it has, and which share of all to expect of them."""
MOST_OF_IT: Final = 80
"""In hundredths: how few customers bring so much."""

Criterion: TypeAlias = Literal["repeat", "share", "tolerance", "price", "competitors", "choosing"]
LoyaltyKind: TypeAlias = Literal["monopoly", "inertia", "latent", "convenience", "price", "incentive", "super_value"]


class NotRated(NotFound):
    slug = "no-loyalty-rating"
    title = "Nobody has rated the customer's loyalty"


@dataclass(frozen=True, slots=True)
class LoyaltyRating:
    """What staff say of a customer's loyalty: 1 to 5 for each criterion they judge, the more loyal the more."""

    customer_id: UUID
    version: int
    criteria: Mapping[Criterion, int]
    kind: LoyaltyKind | None
    rated_at: datetime
    rated_by: UUID


@dataclass(frozen=True, slots=True)
class Loyalty:
    """0 to 100, of how many months something was bought in, and how alike these months are.

    `behaviour` says that; where staff have rated the customer (`ratings`, 0 to 100), the score is the mean of both.
    `variation` is the population deviation of the months' sums ÷ their mean; None where nothing was bought.
    """

    score: Decimal
    behaviour: Decimal
    ratings: Decimal | None
    active_months: int
    variation: Decimal | None
    level: Level


@dataclass(frozen=True, slots=True)
class Credit:
    """100 less two for each day late, of the mean of the last invoices. `limit_use` and `credit_rating` stand beside
    where one customer is looked at: no score is made of them."""

    score: Decimal
    invoices: int
    mean_days_late: Decimal
    level: Level
    limit_use: Decimal | None = None
    credit_rating: CreditRating | None = None


@dataclass(frozen=True, slots=True)
class PurchaseSize:
    """CNY of the average of the last three months."""

    monthly: Decimal
    level: StoreSize


@dataclass(frozen=True, slots=True)
class Together:
    """What the levels are together; credit is None where it is unknown."""

    loyalty: Level
    credit: Level | None
    size: StoreSize

    @property
    def loyalty_credit(self) -> LoyaltyCredit | None:
        return _LOYALTY_CREDIT[self.loyalty, self.credit] if self.credit else None

    @property
    def loyalty_size(self) -> LoyaltySize:
        return _LOYALTY_SIZE[self.loyalty, self.size]

    @property
    def cell(self) -> Cell | None:
        """One of eight: loyalty, credit and size, such as `high_low_large`."""
        return _CELLS[self.loyalty, self.credit, self.size] if self.credit else None


@dataclass(frozen=True, slots=True)
class Segments:
    """A customer's. Credit is unknown (None), and so is what it is part of, as long as no invoice was paid or due."""

    customer_id: UUID
    loyalty: Loyalty
    credit: Credit | None
    size: PurchaseSize
    overridden: tuple[Dimension, ...] = ()
    """Whose score was said by hand instead."""

    def with_limit(self, use: Decimal | None, rating: CreditRating | None) -> "Segments":
        """The same with what stands beside the score of credit; unknown credit stays unknown."""
        if self.credit is None:
            return self
        return replace(self, credit=replace(self.credit, limit_use=use, credit_rating=rating))

    @property
    def together(self) -> "Together":
        return Together(self.loyalty.level, self.credit.level if self.credit else None, self.size.level)

    @property
    def loyalty_credit(self) -> LoyaltyCredit | None:
        return self.together.loyalty_credit

    @property
    def loyalty_size(self) -> LoyaltySize:
        return self.together.loyalty_size

    @property
    def cell(self) -> Cell | None:
        return self.together.cell


def loyalty(sums: Sequence[Decimal], rated: Sequence[int], rules: SegmentRules) -> Loyalty:
    """Points for the months in which something was bought, and for how alike they are; a part of it what staff say."""
    bought = [max(each, ZERO) for each in sums]
    active = sum(1 for each in bought if each)
    behaviour, variation = ZERO, None
    if active:
        mean = sum(bought, ZERO) / len(bought)
        variation = (sum(((each - mean) * (each - mean) for each in bought), ZERO) / len(bought)).sqrt() / mean
        regularity = 1 - min(Decimal(1), variation)
        behaviour = rules.for_buying * active / len(bought) + rules.for_regularity * regularity
    ratings = (Decimal(sum(rated)) / len(rated) - 1) / 4 * 100 if rated else None
    share = rules.ratings_share
    score = to_cents(behaviour if ratings is None else behaviour * (1 - share) + ratings * share)
    return Loyalty(
        score,
        to_cents(behaviour),
        None if ratings is None else to_cents(ratings),
        active,
        None if variation is None else to_cents(variation),
        _level(score, rules.loyal_from),
    )


def credit(days_late: Sequence[int], rules: SegmentRules) -> Credit | None:
    """By the whole days that each of the last invoices was, or is, late; None without any."""
    if not days_late:
        return None
    mean = Decimal(sum(days_late)) / len(days_late)
    score = to_cents(max(ZERO, BEST - rules.a_day_late * mean))
    return Credit(score, len(days_late), to_cents(mean), _level(score, rules.reliable_from))


def segments(
    customer_id: UUID,
    sums: Sequence[Decimal],
    days_late: Sequence[int],
    rated: Sequence[int],
    rules: SegmentRules,
    overrides: Overrides = _NONE,
) -> Segments:
    """`sums` are those of the months that the rules look at, the earliest first; `days_late` those of the last
    invoices; `rated` what staff say by each criterion."""
    bought = [max(each, ZERO) for each in sums[-rules.size_months :]]
    monthly = to_cents(sum(bought, ZERO) / rules.size_months)
    found = Segments(
        customer_id,
        loyalty(sums, rated, rules),
        credit(days_late, rules),
        PurchaseSize(monthly, _size(monthly, rules)),
    )
    return _overridden(found, overrides, rules) if overrides else found


def _overridden(found: Segments, by_hand: Overrides, rules: SegmentRules) -> Segments:
    loyal, paying, buying = found.loyalty, found.credit, found.size
    if (score := by_hand.get("loyalty")) is not None:
        loyal = replace(loyal, score=score, level=_level(score, rules.loyal_from))
    if (score := by_hand.get("credit")) is not None:
        paying = replace(paying or Credit(score, 0, ZERO, "low"), score=score, level=_level(score, rules.reliable_from))
    if (monthly := by_hand.get("size")) is not None:
        buying = PurchaseSize(monthly, _size(monthly, rules))
    return replace(found, loyalty=loyal, credit=paying, size=buying, overridden=tuple(sorted(by_hand)))


def _level(score: Decimal, high_from: Decimal) -> Level:
    return "high" if score >= high_from else "low"


def _size(monthly: Decimal, rules: SegmentRules) -> StoreSize:
    return "large" if monthly >= rules.large_from else "small"


def profit_of(amount: Decimal, costed: Decimal, cost: Decimal, margin: Decimal) -> Decimal:
    """What is left of an amount, CNY, half up: of its part `costed` what the cost leaves, of the rest the margin."""
    return to_cents(costed - cost + (amount - costed) * margin)


@dataclass(frozen=True, slots=True)
class PyramidLevel:
    """Customers of one level, what they bought for, of how much of it the cost is known, and what is left of it, CNY.

    The first `bring_most` of all bring 80 in a hundred of all sales, the first `bring_most_profit` that of all profit;
    so many of these are in this level.
    """

    level: ValueLevel
    customers: int
    amount: Decimal
    costed: Decimal
    profit: Decimal
    bring_most: int
    bring_most_profit: int


@dataclass(frozen=True, slots=True)
class Pyramid:
    """All who bought something, by what is left of it; `margin` is the part left of what nobody knows the cost of."""

    levels: tuple[PyramidLevel, ...]
    margin: Decimal

    @classmethod
    def of(cls, found: Sequence[PyramidLevel], margin: Decimal) -> "Pyramid":
        """With the levels in which nobody is."""
        known = {each.level: each for each in found}
        nobody = ZERO, ZERO, ZERO, 0, 0
        return cls(tuple(known.get(level, PyramidLevel(level, 0, *nobody)) for level in PYRAMID), margin)

    @property
    def bring_most(self) -> int:
        return sum(each.bring_most for each in self.levels)

    @property
    def bring_most_profit(self) -> int:
        return sum(each.bring_most_profit for each in self.levels)

    def share(self, level: PyramidLevel) -> Decimal:
        """Of all sales, in hundredths, rounded half up to a tenth."""
        total = sum((each.amount for each in self.levels), ZERO)
        return (level.amount * 100 / total if total else ZERO).quantize(Decimal("0.1"), ROUND_HALF_UP)

    def profit_share(self, level: PyramidLevel) -> Decimal:
        """Of all profit, 0 to 1, rounded half up to three places; nothing where there is none."""
        total = sum((each.profit for each in self.levels), ZERO)
        return (level.profit / total if total > 0 else ZERO).quantize(Decimal("0.001"), ROUND_HALF_UP)
