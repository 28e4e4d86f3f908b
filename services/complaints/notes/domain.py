"""Notes: what colleagues write down about a case for each other, never for the complainant."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

NOTE: Final = "note"
"""By this word a note stands in the history of its case."""


@dataclass(frozen=True, slots=True)
class WrittenNote:
    """A note as it is read."""

    id: UUID
    round: int
    written_at: datetime
    written_by: UUID
    author: str | None
    text: str
