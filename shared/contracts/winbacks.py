"""What customers publishes of winning customers back (domain 2.6): ids, codes and figures."""

from datetime import datetime
from typing import ClassVar, Literal, TypeAlias
from uuid import UUID

from shared.contracts.base import Fact
from shared.contracts.customers import FACTS, Tier
from shared.money import Sum

WonBackKind: TypeAlias = Literal["disappointed", "competitor", "natural"]
ToldOffer: TypeAlias = Literal["awaits_approval", "agreed", "refused"]
HowItEnded: TypeAlias = Literal["returned", "not_returned", "dismissed"]
DismissalMeans: TypeAlias = Literal["less_service", "other_prices", "end"]


class WinbackOpened(Fact):
    """Somebody is to be won back, because of which loss; what has no time is not done for this tier."""

    TYPE: ClassVar[str] = "crm.winback.opened"
    TOPIC: ClassVar[str] = FACTS
    customer_id: UUID
    winback_id: UUID
    tier: Tier
    kind: WonBackKind
    cause: str
    assignee_id: UUID | None = None
    call_due_at: datetime | None = None
    visit_due_at: datetime | None = None
    message_due_at: datetime | None = None
    deadline: datetime
    loss_id: UUID | None = None
    at: datetime


class WinbackOffered(Fact):
    """What is offered, as it stands: agreed, waiting for a word, or refused."""

    TYPE: ClassVar[str] = "crm.winback.offered"
    TOPIC: ClassVar[str] = FACTS
    customer_id: UUID
    winback_id: UUID
    amount: Sum
    state: ToldOffer
    at: datetime


class WinbackEnded(Fact):
    """What came of it; told again where that is put right, with what was said before."""

    TYPE: ClassVar[str] = "crm.winback.ended"
    TOPIC: ClassVar[str] = FACTS
    customer_id: UUID
    winback_id: UUID
    outcome: HowItEnded
    observed_until: datetime | None = None
    means: DismissalMeans | None = None
    corrected_from: HowItEnded | None = None
    at: datetime


class CustomerDismissed(Fact):
    """Somebody is not to be kept, and nobody was winning them back."""

    TYPE: ClassVar[str] = "crm.customer.dismissed"
    TOPIC: ClassVar[str] = FACTS
    customer_id: UUID
    dismissal_id: UUID
    means: DismissalMeans
    approver_id: UUID
    at: datetime


class CustomerDismissalWithdrawn(Fact):
    """They are to be kept after all."""

    TYPE: ClassVar[str] = "crm.customer.dismissal_withdrawn"
    TOPIC: ClassVar[str] = FACTS
    customer_id: UUID
    dismissal_id: UUID
    at: datetime
