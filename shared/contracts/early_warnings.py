"""What customers publishes of who is about to leave (domain 2.6): codes and figures."""

from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar, Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.contracts.base import Fact
from shared.contracts.customers import FACTS

ReasonCode: TypeAlias = Literal["interval", "alive", "tie", "trend", "overdue", "missed", "dissatisfied", "consent"]
EndOfWarning: TypeAlias = Literal["purchase", "lost", "over"]
TieKind: TypeAlias = Literal["economic", "technical", "contractual"]
TieSource: TypeAlias = Literal["entered", "contract", "rebate"]
"""A contract with a term and an agreement on rebates tie by themselves, as long as they hold."""


class ChurnReason(BaseModel):
    """Why somebody is warned of, with the figures that it has."""

    model_config = ConfigDict(frozen=True, extra="ignore", from_attributes=True)

    code: ReasonCode
    days: int | None = None
    """Interval: so many have passed since the last purchase."""
    usual: Decimal | None = None
    """Interval: the own rhythm in days; None before there is one."""
    change: Decimal | None = None
    """Trend: the mean of the last two complete months against that of the four before, such as -0.31."""
    count: int | None = None
    """How often within the last days."""
    on: date | None = None
    """When last; of a tie, when it ends."""
    share: Decimal | None = None
    """Alive: the chance that it still buys. Dissatisfied: what was perceived of what was expected. Both 0 to 1."""
    tie_id: UUID | None = None
    """The tie that ends first, the contract or the agreement."""
    tie_kind: TieKind | None = None
    tie_source: TieSource | None = None


class ChurnWarned(Fact):
    """A customer is about to leave; told again with the next `number` when a reason is new.

    `raised_on` is the day on which what raised it first held, `since` the day since which it stands as it is told here
    (None: told before this was); `noticed_at` when that was noticed, where it was not on the day.
    """

    TYPE: ClassVar[str] = "crm.churn.warned"
    TOPIC: ClassVar[str] = FACTS
    customer_id: UUID
    warning_id: UUID
    number: int
    raised_on: date
    reasons: list[ChurnReason]
    at: datetime
    policy_version: int | None = None
    policy_id: UUID | None = None
    since: date | None = None
    noticed_at: datetime | None = None


class ChurnWarningEnded(Fact):
    """Nothing raises the warning any more: the customer bought, was lost, or what raised it is over; `since` a day
    (None: told before this was), and `noticed_at` likewise."""

    TYPE: ClassVar[str] = "crm.churn.warning_ended"
    TOPIC: ClassVar[str] = FACTS
    customer_id: UUID
    warning_id: UUID
    cause: EndOfWarning
    at: datetime
    since: date | None = None
    noticed_at: datetime | None = None
