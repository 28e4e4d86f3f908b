"""What somebody has to do: their cases, and until when what of them is due."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from shared.contracts.complaints import ClockKind

MOST: Final = 100
"""Cases of each kind that one answer shows; lists go on from there."""
KEPT_BACK: Final = 10_000
"""Events that a client of the live stream may have missed before it must read its lists anew."""
NAMING: Final = ("responsible_id", "accountable_id", "from_id", "to_id", "staff_id", "owner_id")
"""The fields by which events of a case name colleagues."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """Until when something is due."""

    complaint_id: UUID
    number: str
    kind: ClockKind
    due_at: datetime
    overdue: bool
