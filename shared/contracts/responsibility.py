"""What complaints publishes about money: penalties from proposal to booking, rewards, funds, costs of fault, and the
closing of the ledger's months (decision 22b).

A topic of its own, because it tells of colleagues: never for partners, webhooks, the event feed or the live page.
"""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.base import Fact
from shared.money import Money

RESPONSIBILITY = "crm.responsibility.v1"

PenaltyRule: TypeAlias = Literal[
    "unanswered",
    "dissatisfied",
    "repeat",
    "not_executed",
    "not_accepted",
    "steps_not_followed",
    "other",
    "missed_visit",
    "missed_call",
    "not_made_good",
    "scheme",
]
PenaltyReason: TypeAlias = Literal[
    "not_repeated", "not_counted", "not_applicable", "miss_withdrawn", "excused", "made_good", "entered_wrongly"
]
BookingKind: TypeAlias = Literal["penalty", "reversal", "reward", "fund_withdrawal", "fault_cost"]
BookingAccount: TypeAlias = Literal["company", "department"]


class Share(BaseModel):
    """What one person pays of a penalty."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    person_id: UUID
    department_id: UUID | None = None
    """Their department when it was decided."""
    supervisor_id: UUID | None = None
    """Who supervised them then."""
    amount: Money
    """CNY."""


class Booked(BaseModel):
    """A booking of the ledger. What a person pays is positive, what goes to a person or out of a fund negative."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: UUID
    kind: BookingKind
    account: BookingAccount
    """Whose money it is: the company's, or a department's fund."""
    fund_department_id: UUID | None = None
    """Whose fund; None for the company's account."""
    person_id: UUID | None = None
    """Who pays or is paid; None for what leaves a fund for all."""
    department_id: UUID | None = None
    """The person's department at that time."""
    supervisor_id: UUID | None = None
    """Who supervised the person at that time."""
    amount: Money
    """CNY."""
    month: str
    """In which it counts, YYYY-MM: never one that was closed before."""
    booked_at: datetime
    reverses: UUID | None = None
    """The booking that this one takes back."""


class PenaltyFact(Fact):
    """What every event of a penalty says."""

    TOPIC: ClassVar[str] = RESPONSIBILITY
    penalty_id: UUID
    complaint_id: UUID | None = None
    """The case; None for what rests on no case."""
    task_id: UUID | None = None
    """The missed task; None for what rests on none."""
    fund_department_id: UUID | None = None
    """The department whose own scheme it is by, and whose fund it goes into; None for a penalty of the company."""
    round: int = 1
    rule: PenaltyRule
    at: datetime
    """When it happened, business time."""


class PenaltyProposed(PenaltyFact):
    """A rule was found broken; also when what is proposed has another amount or person than before."""

    TYPE: ClassVar[str] = "crm.penalty.proposed"
    amount: Decimal
    """CNY, what the bound of the case leaves of the rule's amount."""
    person_id: UUID | None = None
    """Whom it is against; None while nobody answers for the case."""
    department_id: UUID | None = None
    month: str
    """In which the rule was broken, YYYY-MM."""
    policy_version: int


class PenaltyWithdrawn(PenaltyFact):
    """What was proposed holds no longer."""

    TYPE: ClassVar[str] = "crm.penalty.withdrawn"
    reason: PenaltyReason
    person_ids: list[UUID] = Field(default_factory=list)
    """Whom it was proposed against, to be told."""


class PenaltyDecided(PenaltyFact):
    """Administration has decided what is paid; it is booked when the time to appeal ends, on appeal at once."""

    TYPE: ClassVar[str] = "crm.penalty.decided"
    amount: Money
    """CNY, what all shares come to."""
    shares: list[Share]
    by: UUID
    appeal_until: datetime | None = None
    """At this moment it is booked unless somebody appeals; None on appeal: that is final."""
    on_appeal: bool = False


class PenaltyWaived(PenaltyFact):
    """Nobody pays anything."""

    TYPE: ClassVar[str] = "crm.penalty.waived"
    by: UUID
    on_appeal: bool = False
    person_ids: list[UUID] = Field(default_factory=list)
    """Who had to pay, to be told: on appeal all who paid a part, else whom it was proposed against."""


class PenaltyAppealed(PenaltyFact):
    """One of those who pay wants it decided anew, by somebody else: nothing is booked until then."""

    TYPE: ClassVar[str] = "crm.penalty.appealed"
    by: UUID


class PenaltyBooked(PenaltyFact):
    """What was decided stands in the ledger, a booking for each who pays."""

    TYPE: ClassVar[str] = "crm.penalty.booked"
    bookings: list[Booked]


class PenaltyReversed(PenaltyFact):
    """What was decided holds no longer; what was booked of it is taken back by bookings of the open month."""

    TYPE: ClassVar[str] = "crm.penalty.reversed"
    reason: PenaltyReason
    bookings: list[Booked]
    """Negative; none when it was never booked."""
    person_ids: list[UUID] = Field(default_factory=list)
    """All who paid a part, to be told."""


class LedgerFact(Fact):
    """What every event of the ledger says that is no penalty's."""

    TOPIC: ClassVar[str] = RESPONSIBILITY
    at: datetime
    """When it happened, business time."""


class RewardGranted(LedgerFact):
    """Somebody is rewarded, or a team."""

    TYPE: ClassVar[str] = "crm.reward.granted"
    reward_id: UUID
    bookings: list[Booked]
    """Negative: a booking for each who is paid."""


class RewardReversed(LedgerFact):
    """A reward was granted by mistake; it is taken back by bookings of the open month."""

    TYPE: ClassVar[str] = "crm.reward.reversed"
    reward_id: UUID
    bookings: list[Booked]
    """Positive: against each that was paid."""


class FundWithdrawn(LedgerFact):
    """A department's staff have agreed to take money out of their fund."""

    TYPE: ClassVar[str] = "crm.fund.withdrawn"
    withdrawal_id: UUID
    department_id: UUID
    bookings: list[Booked]
    """Negative."""


class FundWithdrawalReversed(LedgerFact):
    """What was taken out of a fund by mistake is back in it, by a booking of the open month."""

    TYPE: ClassVar[str] = "crm.fund.withdrawal_reversed"
    withdrawal_id: UUID
    department_id: UUID
    bookings: list[Booked]
    """Positive."""


class FaultCostBooked(LedgerFact):
    """What a promise outside the rules costs is booked on who made it, or taken back by a booking against it."""

    TYPE: ClassVar[str] = "crm.fault_cost.booked"
    internal_id: UUID
    """The internal case that settled it."""
    complaint_id: UUID | None = None
    bookings: list[Booked]


class LedgerClosed(LedgerFact):
    """A month of the ledger is closed: what is booked later counts in the next open one."""

    TYPE: ClassVar[str] = "crm.ledger.closed"
    month: str
    """YYYY-MM."""
