"""An erasure on its way: words are gone at once, files a moment later."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Erasing:
    """An erasure that is not confirmed yet, with the cases that it concerns and what was removed of them."""

    erasure_id: UUID
    cases: Sequence[UUID]
    removed: Mapping[str, int]
    begun_at: datetime
