"""What a customer was judged to be, as it is kept and told (domain 2.5, 2.6)."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from services.customers.lifecycle.domain import Life
from services.customers.segments.domain import Together
from shared.contracts.worth import Level, Stage, StoreSize, ValueLevel
from shared.money import ZERO

NEW_STAGE: Final[Stage] = "potential"
NEW: Final = {"stage": NEW_STAGE, "loyalty": "low", "size": "small", "value": "rest"}
"""What somebody is of whom nothing is known: nobody needs to be told that."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a customer was judged to be last, with the scores that say so."""

    loyalty: Level
    credit: Level | None
    size: StoreSize
    value: ValueLevel
    loyalty_score: Decimal
    credit_score: Decimal | None
    monthly: Decimal
    profit: Decimal
    policy_version: int | None
    policy_id: UUID | None

    @classmethod
    def of_new(cls) -> "Standing":
        return cls("low", None, "small", "rest", ZERO, None, ZERO, ZERO, None, None)

    @property
    def together(self) -> Together:
        return Together(self.loyalty, self.credit, self.size)


@dataclass(frozen=True, slots=True)
class SegmentChange:
    """What a customer, or `merged_id` that was merged into it, came to be, with the scores that said so; `profit` is
    None where that was before it was kept."""

    version: int
    at: datetime
    loyalty: Level
    credit: Level | None
    size: StoreSize
    value: ValueLevel
    loyalty_score: Decimal
    credit_score: Decimal | None
    monthly: Decimal
    profit: Decimal | None
    policy_version: int | None
    policy_id: UUID | None
    merged_id: UUID | None = None

    @property
    def together(self) -> Together:
        return Together(self.loyalty, self.credit, self.size)


@dataclass(frozen=True, slots=True)
class StageMove:
    """That a customer, or `merged_id`, came into a stage on the day `since`, as it was found and told at `at`."""

    version: int
    at: datetime
    from_stage: Stage
    to_stage: Stage
    since: date | None
    policy_version: int | None
    policy_id: UUID | None
    merged_id: UUID | None = None

    def holds(self, life: Life) -> bool:
        """Whether it is true by what is known of the customer's life today."""
        if self.to_stage == NEW_STAGE:
            return not life.changes
        return any((change.stage, change.on) == (self.to_stage, self.since) for change in life.changes)
