"""What complaints publishes of what customers were promised: a code and a date, never the words."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from shared.contracts.base import CASES, Fact

CommitmentState = Literal["open", "kept", "broken", "withdrawn"]
ConfirmationState = Literal["asked", "confirmed", "denied", "insisted", "reached", "failed"]
"""How the confirmation of a promise outside the rules stands."""


class CommitmentFact(Fact):
    """What every event of a promise says."""

    TOPIC: ClassVar[str] = CASES
    commitment_id: UUID
    customer_id: UUID
    complaint_id: UUID | None = None
    """The case in which it was promised; None for one outside of any."""
    staff_id: UUID
    """Who promised it."""
    code: str
    """What was promised, by the table of such codes: display, gift, delivery."""
    due_at: datetime
    """The promise is kept before this moment; for a day, the end of it."""
    at: datetime
    """When it happened, business time."""


class CommitmentMade(CommitmentFact):
    """Somebody promised a customer something; `at` is when they did."""

    TYPE: ClassVar[str] = "crm.commitment.made"
    outside_rules: bool = False


class CommitmentKept(CommitmentFact):
    """What was promised was done."""

    TYPE: ClassVar[str] = "crm.commitment.kept"
    late: bool = False
    """After its time: it stays broken, and nothing more is owed."""


class CommitmentBroken(CommitmentFact):
    """The time of a promise is over, and nobody has kept it; `at` is its due moment, whenever that was noticed."""

    TYPE: ClassVar[str] = "crm.commitment.broken"


class CommitmentWithdrawn(CommitmentFact):
    """The customer agreed that it need not be kept."""

    TYPE: ClassVar[str] = "crm.commitment.withdrawn"


class CommitmentCorrected(CommitmentFact):
    """What was entered wrongly was put right: code and date are those that hold."""

    TYPE: ClassVar[str] = "crm.commitment.corrected"
    state: CommitmentState
    """How it stands by what holds."""
    fulfilled: bool = False
    """Whether what was promised has been done."""
    from_customer_id: UUID | None = None
    """To whom it was taken for promised; None where that was right."""
    from_staff_id: UUID | None = None
    """Who was taken for having promised it; None where that was right."""
    asked: bool = False
    """Whether who promised it is to confirm it, and was not asked before."""


class CommitmentConfirmed(CommitmentFact):
    """Who made a promise outside the rules has confirmed it: it is honoured without conditions."""

    TYPE: ClassVar[str] = "crm.commitment.confirmed"
    by: UUID
    """Who entered it: who promised, or administration for somebody who left."""


class CommitmentDenied(CommitmentFact):
    """Who is said to have made a promise outside the rules does not confirm it."""

    TYPE: ClassVar[str] = "crm.commitment.denied"
    by: UUID


class CommitmentInsisted(CommitmentFact):
    """The customer insists on a promise that was not confirmed: who is said to have made it and their supervisor are to
    reach an understanding with them."""

    TYPE: ClassVar[str] = "crm.commitment.insisted"
    deadline: datetime
    """At this moment it has failed."""
    supervisor_id: UUID | None = None


class CommitmentUnderstandingReached(CommitmentFact):
    """The customer agrees: nobody is at fault, and nothing is owed any longer."""

    TYPE: ClassVar[str] = "crm.commitment.understanding_reached"
    by: UUID


class CommitmentUnderstandingFailed(CommitmentFact):
    """No understanding was reached with the customer: responsibility is to be settled."""

    TYPE: ClassVar[str] = "crm.commitment.understanding_failed"
    lapsed: bool = False
    """Whether the deadline was over, which is `at`, whenever that was noticed; else somebody said so."""
