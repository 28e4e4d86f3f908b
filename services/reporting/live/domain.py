"""How things stand now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.reporting.messages.domain import MessageCount

SOON = timedelta(hours=1)
"""What is due within so much time is due soon."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The cases that wait for their answer now: all of them, and how many of them stand how."""

    open: int
    overdue: int
    due_soon: int
    """Not late, and due `SOON`."""
    paused: int
    unreached: int
    """The chain reached nobody: administration is alarmed."""


@dataclass(frozen=True, slots=True)
class QueuedCase:
    """A case that waits for its answer; `answer_due_at` is None while the clock is paused."""

    id: UUID
    number: str
    kind: str
    subject: str
    tier: str | None
    """The customer's present one, else the one when the case was recorded."""
    customer_id: UUID | None
    customer_name: str | None
    """A store's; persons are not named."""
    responsible_id: UUID | None
    responsible_name: str | None
    accountable_id: UUID | None
    accountable_name: str | None
    notice_number: str | None
    round: int
    taken_over: bool
    began_at: datetime | None
    answer_due_at: datetime | None
    overdue: bool
    escalation_level: int
    unreached: bool
    """The chain reached nobody, and nobody has been named since."""


@dataclass(frozen=True, slots=True)
class Board:
    """How things stand at `now` (business time). `last_update` is the number of the newest update of the stream."""

    now: datetime
    last_update: int
    standing: Standing
    today: MessageCount
    """Of the company's day."""
    queue: Sequence[QueuedCase]
