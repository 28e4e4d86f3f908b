"""What a customer leaves after it was served, and which relationship is aimed for (domain 2.5).

Margin is what purchases bring less what they cost: of lines whose cost is known by it, of all else by the part that is
left of a purchase as the policy of winning back says. Serving costs touches (their minutes), gifts and compensation.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final, Literal, TypeAlias, get_args
from uuid import UUID

from shared.contracts.customers import Tier
from shared.errors import Invalid
from shared.money import ZERO, to_cents
from shared.months import Month

RelationshipLevel: TypeAlias = Literal["basic", "reactive", "accountable", "proactive", "partnership"]
MarginClass: TypeAlias = Literal["low", "medium", "high"]
HowMany: TypeAlias = Literal["few", "medium", "many"]
LEVELS: Final[tuple[RelationshipLevel, ...]] = get_args(RelationshipLevel)
MARGINS: Final[tuple[MarginClass, ...]] = get_args(MarginClass)
COUNTS: Final[tuple[HowMany, ...]] = get_args(HowMany)
YEAR: Final = 12
"""The margin that says the relationship is that of so many complete months."""
_HOUR: Final = 60


class RelationshipPolicyRefused(Invalid):
    slug = "relationship-policy-refused"
    title = "This policy cannot hold"


@dataclass(frozen=True, slots=True)
class RelationshipPolicy:
    """A version of which relationship is aimed for. `margin_from` is the margin a month (CNY) from which on it is
    medium and high, `customers_from` from how many customers on they are medium and many; `hourly` is what an hour of
    touches costs, CNY."""

    version: int
    levels: Mapping[HowMany, Mapping[MarginClass, RelationshipLevel]]
    margin_from: Sequence[Decimal]
    customers_from: Sequence[int]
    hourly: Decimal
    id: UUID
    set_at: datetime
    set_by: UUID | None

    @classmethod
    def kept(cls, version: int, definition: Mapping[str, Any], **by_whom: Any) -> "RelationshipPolicy":
        """From its row, in which amounts are texts."""
        margin_from = [Decimal(each) for each in definition["margin_from"]]
        hourly = Decimal(definition["hourly"])
        return cls(version, definition["levels"], margin_from, definition["customers_from"], hourly, **by_whom)

    def definition(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "levels": {many: dict(levels) for many, levels in self.levels.items()},
            "margin_from": [str(each) for each in self.margin_from],
            "customers_from": list(self.customers_from),
            "hourly": str(self.hourly),
        }

    def margin_class(self, monthly: Decimal) -> MarginClass:
        return MARGINS[sum(monthly >= each for each in self.margin_from)]

    def how_many(self, customers: int) -> HowMany:
        return COUNTS[sum(customers >= each for each in self.customers_from)]


def check_policy(policy: RelationshipPolicy) -> None:
    """Raises RelationshipPolicyRefused for thresholds that do not rise, and where a higher margin aims lower."""
    if policy.margin_from[1] <= policy.margin_from[0]:
        raise RelationshipPolicyRefused("a high margin is above a medium one", pointer="#/margin_from")
    if policy.customers_from[1] <= policy.customers_from[0]:
        raise RelationshipPolicyRefused("many are more than a medium number", pointer="#/customers_from")
    for many, levels in policy.levels.items():
        for lower_margin, higher_margin in pairwise(MARGINS):
            if LEVELS.index(levels[higher_margin]) < LEVELS.index(levels[lower_margin]):
                raise RelationshipPolicyRefused(
                    "a higher margin aims at least as high", pointer=f"#/levels/{many}/{higher_margin}"
                )


@dataclass(frozen=True, slots=True)
class Relationship:
    """Which relationship is aimed for, and why: the margin a month, and how many customers of its tier there are
    (counted up to where they are many)."""

    customer_id: UUID
    level: RelationshipLevel
    margin: Decimal
    margin_class: MarginClass
    tier: Tier
    customers: int
    how_many: HowMany
    policy_version: int


def aimed_for(
    customer_id: UUID, margin: Decimal, tier: Tier, customers: int, policy: RelationshipPolicy
) -> Relationship:
    """By the margin of a year, in CNY, and by how many customers there are."""
    monthly = to_cents(margin / YEAR)
    margin_class, how_many = policy.margin_class(monthly), policy.how_many(customers)
    level = policy.levels[how_many][margin_class]
    return Relationship(customer_id, level, monthly, margin_class, tier, customers, how_many, policy.version)


@dataclass(frozen=True, slots=True)
class Served:
    """What a customer brought and cost in a month (an ordinal), CNY: `known` is the margin of lines whose cost is
    known, `estimated` is what was bought without. `unknown_touches` are those whose length nobody said."""

    month: int
    sales: Decimal
    known: Decimal
    estimated: Decimal
    touches: int
    unknown_touches: int
    minutes: int
    gifts: Decimal
    compensation: Decimal


@dataclass(frozen=True, slots=True)
class AccountResult:
    """What is left of a customer in some time, CNY."""

    month: Month | None
    sales: Decimal
    estimated: Decimal
    margin: Decimal
    touches: int
    unknown_touches: int
    touch_costs: Decimal
    gifts: Decimal
    compensation: Decimal
    result: Decimal


def result(served: Iterable[Served], share: Decimal, hourly: Decimal, month: Month | None = None) -> AccountResult:
    """What is left of some months; `share` is what is left of a purchase whose cost nobody knows."""
    months = list(served)
    estimated = sum((each.estimated for each in months), ZERO)
    margin = to_cents(sum((each.known for each in months), ZERO) + estimated * share)
    touches = to_cents(hourly * sum(each.minutes for each in months) / _HOUR)
    gifts = sum((each.gifts for each in months), ZERO)
    compensation = sum((each.compensation for each in months), ZERO)
    return AccountResult(
        month,
        sum((each.sales for each in months), ZERO),
        estimated,
        margin,
        sum(each.touches for each in months),
        sum(each.unknown_touches for each in months),
        touches,
        gifts,
        compensation,
        margin - touches - gifts - compensation,
    )


def margin_of(served: Iterable[Served], share: Decimal) -> Decimal:
    """The margin of some months, CNY."""
    return result(served, share, ZERO).margin
