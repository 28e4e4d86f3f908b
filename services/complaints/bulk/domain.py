"""The same done with many cases: each by itself, so that one that is refused holds up no other."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from shared.errors import DomainError

MOST: Final = 100
"""Cases of one request."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a case; without a refusal it was done."""

    id: UUID
    refusal: DomainError | None = None
