"""What a customer was promised and still waits for, as far as a colleague who speaks with them must know of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

SHOWN: Final = 20
"""Promises that are shown of a customer, the earliest due first."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise that nobody has done yet: a code and a date, its words stay where it was recorded (domain 3.6)."""

    commitment_id: UUID
    complaint_id: UUID | None
    staff_id: UUID
    code: str
    due_at: datetime
    staff_name: str | None

    def overdue(self, now: datetime) -> bool:
        """Whether its time is over."""
        return self.due_at <= now
