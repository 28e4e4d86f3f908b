"""What customers publishes of customers who are lost (domain 2.6): ids, codes and figures."""

from datetime import date, datetime
from typing import ClassVar, Literal, TypeAlias
from uuid import UUID

from shared.contracts.base import Fact
from shared.contracts.customers import FACTS, Tier
from shared.money import Sum

ChurnKind: TypeAlias = Literal["disappointed", "competitor", "malicious", "natural"]
"""失望 竞争 恶意 自然."""


class ChurnConfirmed(Fact):
    """A customer is lost since a day: by the best tier of its last year, with what it bought in it and its margin.
    `returned_on` where it has come back by the time that this is told."""

    TYPE: ClassVar[str] = "crm.churn.confirmed"
    TOPIC: ClassVar[str] = FACTS
    customer_id: UUID
    loss_id: UUID
    lost_on: date
    tier: Tier
    yearly: Sum
    cost: Sum
    kind: ChurnKind | None = None
    cause: str | None = None
    returned_on: date | None = None
    at: datetime


class ChurnCauseSaid(Fact):
    """How and why it left, as it is said now."""

    TYPE: ClassVar[str] = "crm.churn.cause_said"
    TOPIC: ClassVar[str] = FACTS
    customer_id: UUID
    loss_id: UUID
    kind: ChurnKind | None = None
    cause: str | None = None
    at: datetime


class ChurnWithdrawn(Fact):
    """It never was lost: a purchase came to light, or what was taken back counts again. `lost_on` and `found_at` are
    those of the loss that was told."""

    TYPE: ClassVar[str] = "crm.churn.withdrawn"
    TOPIC: ClassVar[str] = FACTS
    customer_id: UUID
    loss_id: UUID
    lost_on: date
    found_at: datetime
    at: datetime
