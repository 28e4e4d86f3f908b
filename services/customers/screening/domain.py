"""Which archives want cleaning up (domain 2.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.customers.standing.domain import Figures
from shared.contracts.customers import Tier

STALE_AFTER: Final[Mapping[Tier, timedelta]] = {
    "A": timedelta(days=30),
    "B": timedelta(days=60),
    "C": timedelta(days=90),
    "D": timedelta(days=180),
}
"""How long nobody may touch a customer or change anything of the archive, by tier."""


@dataclass(frozen=True, slots=True)
class Screened:
    """A customer on a list for cleaning up; a person has no name there."""

    id: UUID
    name: str | None
    tier: Tier
    region_id: UUID | None
    active_at: datetime
    figures: Figures
    region_name: str | None = None

    def stale_since(self) -> datetime:
        """From when on the archive counts as stale."""
        return self.active_at + STALE_AFTER[self.tier]


@dataclass(frozen=True, slots=True)
class Looked:
    """What of the next archives is on the list, and where to go on; None at its end."""

    found: list[Screened]
    place: tuple[object, ...] | None
