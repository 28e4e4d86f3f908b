"""What customers publishes of what a customer is worth and how far it has come (domain 2.5, 2.6): codes and figures."""

from datetime import date, datetime
from typing import ClassVar, Literal, TypeAlias
from uuid import UUID

from shared.contracts.base import Fact
from shared.contracts.customers import FACTS
from shared.money import Sum

Stage: TypeAlias = Literal["potential", "exploration", "formation", "stable", "decline", "lost"]
Level: TypeAlias = Literal["high", "low"]
StoreSize: TypeAlias = Literal["large", "small"]
LoyaltyCredit: TypeAlias = Literal["gold", "star", "risk", "junk"]
LoyaltySize: TypeAlias = Literal["cash_cow", "warm_up", "tomorrow", "chicken_rib"]
Cell: TypeAlias = Literal[
    "high_high_large",
    "high_high_small",
    "high_low_large",
    "high_low_small",
    "low_high_large",
    "low_high_small",
    "low_low_large",
    "low_low_small",
]
"""Loyalty, credit and size."""
ValueLevel: TypeAlias = Literal["top", "next", "rest"]


class SegmentChanged(Fact):
    """A customer turned: by loyalty, credit, size or its place among all.

    Credit, and what it is part of, is null as long as no invoice was paid or overdue. Scores are of 100, `monthly` CNY
    of mid-grade terms. `was_` is what stood before.
    """

    TYPE: ClassVar[str] = "crm.segment.changed"
    TOPIC: ClassVar[str] = FACTS
    customer_id: UUID
    loyalty: Level
    credit: Level | None = None
    size: StoreSize
    loyalty_credit: LoyaltyCredit | None = None
    loyalty_size: LoyaltySize
    cell: Cell | None = None
    value: ValueLevel
    loyalty_score: Sum
    credit_score: Sum | None
    monthly: Sum
    was_loyalty_credit: LoyaltyCredit | None = None
    was_loyalty_size: LoyaltySize
    was_cell: Cell | None = None
    was_value: ValueLevel
    at: datetime
    policy_version: int | None = None
    policy_id: UUID | None = None


class LifecycleChanged(Fact):
    """A customer came into a stage of its life, on the day `since`."""

    TYPE: ClassVar[str] = "crm.lifecycle.changed"
    TOPIC: ClassVar[str] = FACTS
    customer_id: UUID
    from_stage: Stage
    to_stage: Stage
    since: date | None = None
    at: datetime
    policy_version: int | None = None
    policy_id: UUID | None = None
