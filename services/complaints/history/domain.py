"""What happened to a case, as it is read."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A movement with its words."""

    id: UUID
    round: int
    what: str
    at: datetime
    entered_at: datetime
    entered_by: UUID
    text: str | None
