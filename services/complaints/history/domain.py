"""What happened to a case, as it is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

Scalar: TypeAlias = str | int | bool | None


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A movement with its words."""

    id: UUID
    round: int
    what: str
    at: datetime
    entered_at: datetime
    entered_by: UUID | None
    """None where nobody of the staff did."""
    text: str | None
    changes: Mapping[str, Mapping[str, Scalar]] | None = None
    """Field -> `from` and `to`; None where a movement changes nothing but what it is called after."""


def changed(**fields: tuple[object, object]) -> dict[str, dict[str, Scalar]]:
    """What became of what, as it is kept: `changed(valid=(None, True))`; what stayed as it was is left out."""
    return {
        name: {"from": _written(before), "to": _written(after)}
        for name, (before, after) in fields.items()
        if before != after
    }


def _written(value: object) -> Scalar:
    return value if value is None or isinstance(value, str | bool | int) else str(value)
