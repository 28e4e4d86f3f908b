"""What care publishes: touches, messages and consent."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from shared.contracts.base import Fact

FACTS = "crm.care.v1"

Contact = Literal["stay", "visit", "phone", "message"]
Channel = Literal["email", "sms", "webhook"]
"""By which a message leaves the house."""
Excuse = Literal["leave", "closed"]
"""Why a missed touch costs nobody anything: the person was on leave in its whole window, or the store was closed."""


class TouchFact(Fact):
    """A task of one person towards one customer."""

    TOPIC: ClassVar[str] = FACTS
    task_id: UUID
    customer_id: UUID | None = None
    kind: str
    """`obligation`, `apology_call`, `unplanned`, …"""
    role: str
    contact: Contact
    assignee_id: UUID | None = None
    at: datetime


class TouchPlanned(TouchFact):
    """A touch is owed, in its window."""

    TYPE: ClassVar[str] = "crm.touch.planned"
    not_before: datetime
    due_at: datetime
    contract_id: UUID | None = None
    """The contract after whose end it is owed; None for other touches."""
    errand: str | None = None
    """What is done after its end: a code of the aftercare policy; None for other touches."""
    winback_id: UUID | None = None
    """The case by which the customer is to be won back; None for other touches."""


class TouchDone(TouchFact):
    """A touch was made: `at` is when it was, `recorded_late` says that it was entered after its day."""

    TYPE: ClassVar[str] = "crm.touch.done"
    minutes: int | None = None
    recorded_late: bool = False


class TouchAtRisk(TouchFact):
    """The window of a touch ends in so many days, and it is not done."""

    TYPE: ClassVar[str] = "crm.touch.at_risk"
    due_at: datetime
    days: int
    """How many before its end, by the policy: 5 and 2 unless it says otherwise."""
    supervisor_id: UUID | None = None


class TouchMissed(TouchFact):
    """The window of a touch ended unmet."""

    TYPE: ClassVar[str] = "crm.touch.missed"
    due_at: datetime
    supervisor_id: UUID | None = None
    excuse: Excuse | None = None
    """Why nobody is charged: leave in the whole window, or a closed store; None where nothing excuses it."""


class TouchMissWithdrawn(TouchFact):
    """A miss that was told is taken back: the touch was in time and entered late, and `touch.done` follows at once; or
    it is judged anew by an absence, and `touch.missed` follows."""

    TYPE: ClassVar[str] = "crm.touch.miss_withdrawn"
    due_at: datetime
    excuse: Excuse | None = None
    """What excuses it, where that is why; None else."""


class TouchMakeGoodOrdered(TouchFact):
    """A missed touch is to be made good."""

    TYPE: ClassVar[str] = "crm.touch.make_good_ordered"
    until: datetime
    """At this moment it is too late."""
    make_good_id: UUID | None = None
    """The task by which it is made good: `kind` `make_good`."""


class TouchMadeGood(TouchFact):
    """A missed touch was made good in time: `at` is when. The miss stays, and what is charged for it."""

    TYPE: ClassVar[str] = "crm.touch.made_good"
    make_good_id: UUID | None = None
    """The task by which it was made good."""


class TouchMakeGoodMissed(TouchFact):
    """The time to make a missed touch good has ended without it."""

    TYPE: ClassVar[str] = "crm.touch.make_good_missed"
    until: datetime
    supervisor_id: UUID | None = None
    make_good_id: UUID | None = None
    """The task by which it was to be made good; `assignee_id` is who had that."""


class TouchDropped(TouchFact):
    """Not owed any longer: the tier, the team or the case changed."""

    TYPE: ClassVar[str] = "crm.touch.dropped"
    reason: str


class MessageFact(Fact):
    """A message to a customer or a colleague; what it says is in no event."""

    TOPIC: ClassVar[str] = FACTS
    message_id: UUID
    customer_id: UUID | None = None
    staff_id: UUID | None = None
    occasion: str
    purpose: Literal["service", "relationship", "promotion"]
    channel: str
    at: datetime


class MessageSent(MessageFact):
    """A message has gone to its provider."""

    TYPE: ClassVar[str] = "crm.message.sent"


class MessageFailed(MessageFact):
    """A message was given up."""

    TYPE: ClassVar[str] = "crm.message.failed"
    reason: str


class ConsentWithdrawn(Fact):
    """A customer wants no more of such messages."""

    TYPE: ClassVar[str] = "crm.consent.withdrawn"
    TOPIC: ClassVar[str] = FACTS
    customer_id: UUID
    channel: str
    purpose: str
    at: datetime
