"""What complaints publishes of clocks beside the answer's whose policies have levels: who was warned, and who was told
of a miss after the first."""

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from shared.contracts.base import CaseFact
from shared.contracts.complaints import ClockKind


class ComplaintClockWarned(CaseFact):
    """So much of the time for accepting, a step or the resolution has passed, of which its policy warns somebody."""

    TYPE: ClassVar[str] = "crm.complaint.clock_warned"
    number: str
    clock: ClockKind
    percent: Annotated[int, Field(ge=1, le=99)]
    due_at: datetime
    staff_id: UUID | None = None
    """None where nobody is there."""


class ComplaintClockEscalated(CaseFact):
    """The next person up is told that a clock was missed; `complaint.clock_missed` tells who was the first."""

    TYPE: ClassVar[str] = "crm.complaint.clock_escalated"
    number: str
    clock: ClockKind
    level: int
    """Of the chain, 2 to 5."""
    due_at: datetime
    """The missed moment; `at` is when this level is told."""
    staff_id: UUID
