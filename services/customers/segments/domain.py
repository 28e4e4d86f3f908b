"""Segments (domain 2.5, examples 19): scores of loyalty, credit and size from data, and what they are together.

Months are complete calendar months before the running one, in CNY of mid-grade terms, net of returns; a month in which
more came back than was bought counts as nothing. Each class is judged by its score as it is shown, rounded half up to
the cent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal, TypeAlias
from uuid import UUID

from shared.contracts.worth import Cell, Level, LoyaltyCredit, LoyaltySize, StoreSize, ValueLevel
from shared.errors import NotFound
from shared.money import ZERO, to_cents

MONTHS: Final = 6
"""Loyalty looks at so many months."""
SIZE_MONTHS: Final = 3
"""Size looks at the last of them."""
INVOICES: Final = 6
"""Credit looks at so many invoices: the last that are paid or overdue."""
FOR_BUYING: Final = Decimal(60)
FOR_REGULARITY: Final = Decimal(40)
A_DAY_LATE: Final = Decimal(2)
BEST: Final = Decimal(100)
LOYAL_FROM: Final = Decimal(60)
RELIABLE_FROM: Final = Decimal(70)
LARGE_FROM: Final = Decimal(3000)


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

    @property
    def level(self) -> Level:
        return "high" if self.score >= LOYAL_FROM else "low"


@dataclass(frozen=True, slots=True)
class Credit:
    """100 less two for each day late, of the mean of the last invoices."""

    score: Decimal
    invoices: int
    mean_days_late: Decimal

    @property
    def level(self) -> Level:
        return "high" if self.score >= RELIABLE_FROM else "low"


@dataclass(frozen=True, slots=True)
class PurchaseSize:
    """CNY of the average of the last three months."""

    monthly: Decimal

    @property
    def level(self) -> StoreSize:
        return "large" if self.monthly >= LARGE_FROM else "small"


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


def loyalty(sums: Sequence[Decimal], rated: Sequence[int]) -> Loyalty:
    """60 for the months in which something was bought, 40 for how alike they are; and half of it what staff say."""
    bought = [max(each, ZERO) for each in sums]
    active = sum(1 for each in bought if each)
    behaviour, variation = ZERO, None
    if active:
        mean = sum(bought, ZERO) / MONTHS
        variation = (sum(((each - mean) * (each - mean) for each in bought), ZERO) / MONTHS).sqrt() / mean
        behaviour = FOR_BUYING * active / MONTHS + FOR_REGULARITY * (1 - min(Decimal(1), variation))
    ratings = (Decimal(sum(rated)) / len(rated) - 1) / 4 * 100 if rated else None
    score = behaviour if ratings is None else (behaviour + ratings) / 2
    return Loyalty(
        to_cents(score),
        to_cents(behaviour),
        None if ratings is None else to_cents(ratings),
        active,
        None if variation is None else to_cents(variation),
    )


def credit(days_late: Sequence[int]) -> Credit | None:
    """By the whole days that each of the last invoices was, or is, late; None without any."""
    if not days_late:
        return None
    mean = Decimal(sum(days_late)) / len(days_late)
    return Credit(to_cents(max(ZERO, BEST - A_DAY_LATE * mean)), len(days_late), to_cents(mean))


def segments(
    customer_id: UUID, sums: Sequence[Decimal], days_late: Sequence[int], rated: Sequence[int] = ()
) -> Segments:
    """`sums` are those of the six months, the earliest first; `days_late` those of the last invoices; `rated` what
    staff say by each criterion."""
    bought = [max(each, ZERO) for each in sums[-SIZE_MONTHS:]]
    size = PurchaseSize(to_cents(sum(bought, ZERO) / SIZE_MONTHS))
    return Segments(customer_id, loyalty(sums, rated), credit(days_late), size)


@dataclass(frozen=True, slots=True)
class PyramidLevel:
    """Customers of one level, and what they bought for, CNY. The first `bring_most` of all bring 80 in a hundred of all
    sales; so many of these are in this level."""

    level: ValueLevel
    customers: int
    amount: Decimal
    bring_most: int


@dataclass(frozen=True, slots=True)
class Pyramid:
    """All who bought something, by what they bought for."""

    levels: tuple[PyramidLevel, ...]

    @classmethod
    def of(cls, found: Sequence[PyramidLevel]) -> "Pyramid":
        """With the levels in which nobody is."""
        known = {each.level: each for each in found}
        return cls(tuple(known.get(level, PyramidLevel(level, 0, ZERO, 0)) for level in PYRAMID))

    @property
    def bring_most(self) -> int:
        return sum(each.bring_most for each in self.levels)

    def share(self, level: PyramidLevel) -> Decimal:
        """Of all sales, in hundredths, rounded half up to a tenth."""
        total = sum((each.amount for each in self.levels), ZERO)
        return (level.amount * 100 / total if total else ZERO).quantize(Decimal("0.1"), ROUND_HALF_UP)
