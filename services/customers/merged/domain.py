"""Histories that are read with what merged customers had: where something stands in one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID

OWN: Final = UUID(int=0)
"""Stands for the customer's own before those who were merged into it, where both did something at one moment."""


class Happened(Protocol):
    """An entry of a history; `merged_id` is the merged customer whose it was."""

    @property
    def at(self) -> datetime: ...
    @property
    def merged_id(self) -> UUID | None: ...
    @property
    def version(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Place:
    """Behind which entry a page begins."""

    at: datetime
    came_from: UUID
    version: int

    @classmethod
    def read(cls, at: str, came_from: str, version: int) -> "Place":
        """As a cursor has it."""
        return cls(datetime.fromisoformat(at), UUID(came_from), version)


def place_of(entry: Happened) -> tuple[object, ...]:
    """Where an entry stands: by its moment, the customer's own first, then by version."""
    return entry.at, entry.merged_id or OWN, entry.version


def behind(place: Place | None) -> dict[str, Any]:
    """What a page of a history is asked by; nulls for the first one."""
    if place is None:
        return {"at": None, "came_from": None, "version": None}
    return {"at": place.at, "came_from": place.came_from, "version": place.version}
