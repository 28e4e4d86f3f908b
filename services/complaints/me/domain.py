"""What somebody has to do: their cases, and until when what of them is due."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal, TypeAlias
from uuid import UUID

from shared.contracts.settlements import ApprovalMatter

MOST: Final = 100
"""Cases of each kind that one answer shows; lists go on from there."""
KEPT_BACK: Final = 10_000
"""Events that a client of the live stream may have missed before it must read its lists anew."""
NAMING: Final = ("responsible_id", "accountable_id", "from_id", "to_id", "staff_id", "owner_id", "supervisor_id")
"""The fields by which events of a case name colleagues, one each."""
NAMING_MANY: Final = ("approver_ids",)
"""And those by which they name several."""


DueKind: TypeAlias = Literal[
    "accept", "answer", "investigate", "propose", "execute", "inspect", "settle", "reply", "resolve", "notice"
]
"""What can be due: what a case's clocks run for, and what a notice demands."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """Until when something is due."""

    complaint_id: UUID
    number: str
    kind: DueKind
    due_at: datetime
    overdue: bool


@dataclass(frozen=True, slots=True)
class MyApproval:
    """A solution, or something to be given, that awaits the word of the one who asks; `cost` is CNY, of the latter."""

    matter: ApprovalMatter
    complaint_id: UUID
    complaint_number: str
    compensation_id: UUID | None
    cost: Decimal | None
    asked_at: datetime
    asked_by: UUID


@dataclass(frozen=True, slots=True)
class MyNotice:
    """A notice that stands, to the one who asks, about a case that is not closed."""

    id: UUID
    number: str
    complaint_id: UUID
    complaint_number: str
    deadline: datetime
    issued_at: datetime
    acknowledged_at: datetime | None
    overdue: bool
