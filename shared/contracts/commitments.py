"""What complaints publishes of what customers were promised: a code and a date, never the words."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from shared.contracts.base import CASES, Fact

CommitmentState = Literal["open", "kept", "broken", "withdrawn"]


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
