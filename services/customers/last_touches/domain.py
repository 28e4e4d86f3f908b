"""A customer's last touches, as far as a colleague who speaks with them must know (domain 2.8)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from shared.contracts.care import Contact

SHOWN: Final = 5
"""Touches that are shown of a customer, the newest first."""


@dataclass(frozen=True, slots=True)
class LastTouch:
    """A touch that was made: who, how, when. What was said stays in care."""

    task_id: UUID
    kind: str
    role: str
    contact: Contact
    staff_id: UUID | None
    at: datetime
    minutes: int | None
    staff_name: str | None
