"""What customers publishes of winning customers back (domain 2.6): ids, codes and figures."""

from datetime import datetime
from typing import ClassVar, Literal, TypeAlias
from uuid import UUID

from pydantic import Field

from shared.contracts.base import Fact
from shared.contracts.customers import FACTS, Tier
from shared.money import Sum

WonBackKind: TypeAlias = Literal["disappointed", "competitor", "natural"]
ToldOffer: TypeAlias = Literal["awaits_approval", "agreed", "refused"]
HowItEnded: TypeAlias = Literal["returned", "not_returned", "dismissed"]


class WinbackOpened(Fact):
    """Somebody is to be won back; what has no time is not done for this tier."""

    TYPE: ClassVar[str] = "crm.winback.opened"
    TOPIC: ClassVar[str] = FACTS
    customer_id: UUID
    winback_id: UUID
    tier: Tier = Field(description="by which tier's terms")
    kind: WonBackKind = Field(description="how it left")
    cause: str = Field(description="why: a code")
    assignee_id: UUID | None = Field(default=None, description="who cares for the case; null: nobody yet")
    call_due_at: datetime | None = Field(default=None, description="by when somebody calls; null: nobody")
    visit_due_at: datetime | None = Field(default=None, description="by when a manager visits; null: nobody")
    message_due_at: datetime | None = Field(default=None, description="by when a message goes out; null: none")
    deadline: datetime = Field(description="by when the case should have an outcome")
    at: datetime


class WinbackOffered(Fact):
    """What is offered, as it stands: agreed, waiting for a word, or refused."""

    TYPE: ClassVar[str] = "crm.winback.offered"
    TOPIC: ClassVar[str] = FACTS
    customer_id: UUID
    winback_id: UUID
    amount: Sum = Field(description="what it costs, CNY")
    state: ToldOffer = Field(description="how it stands")
    at: datetime


class WinbackEnded(Fact):
    """What came of it."""

    TYPE: ClassVar[str] = "crm.winback.ended"
    TOPIC: ClassVar[str] = FACTS
    customer_id: UUID
    winback_id: UUID
    outcome: HowItEnded = Field(description="what came of it")
    observed_until: datetime | None = Field(
        default=None, description="until when who has returned is observed; else null"
    )
    at: datetime
