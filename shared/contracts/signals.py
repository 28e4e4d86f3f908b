"""What customers publishes of signals (domain 2.5): who may rise, who weakens, who may go to a competitor; ids, codes
and figures."""

from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar, Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, Field

from shared.contracts.base import Fact
from shared.contracts.customers import FACTS, Tier
from shared.money import Sum

SignalKind: TypeAlias = Literal["rising_star", "watch", "competitor"]
SignalCode: TypeAlias = Literal[
    "trend", "purchases_weaken", "overdue", "pays_later", "stopped_rising", "orders_elsewhere"
]
SignalEnd: TypeAlias = Literal["over", "tier", "erased", "doubled"]


class SignalReason(BaseModel):
    """Why a signal is given, with its figures: those that belong to its code, the others are null."""

    code: SignalCode
    before: Sum | None = None
    now: Sum | None = None
    rise: Sum | None = None
    threshold: Sum | None = None
    months: int | None = None
    days: Decimal | None = None
    on: date | None = None
    competitor_id: UUID | None = None


class SignalRaised(Fact):
    """A customer gives a signal; `leads_to` is the tier to which a rising star rises."""

    TYPE: ClassVar[str] = "crm.signal.raised"
    TOPIC: ClassVar[str] = FACTS
    customer_id: UUID
    signal_id: UUID
    kind: SignalKind
    tier: Tier
    leads_to: Tier | None = None
    reasons: list[SignalReason] = Field(default_factory=list)
    policy_version: int
    at: datetime


class SignalEnded(Fact):
    """It is given no longer; `tier` is the customer's by then."""

    TYPE: ClassVar[str] = "crm.signal.ended"
    TOPIC: ClassVar[str] = FACTS
    customer_id: UUID
    signal_id: UUID
    kind: SignalKind
    cause: SignalEnd
    tier: Tier
    at: datetime
