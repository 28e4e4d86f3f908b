"""What happened to a case, as it is read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeAlias
from uuid import UUID

from shared.contracts.base import CaseFact
from shared.contracts.clocks import ComplaintClockEscalated, ComplaintClockWarned
from shared.contracts.complaints import (
    ComplaintClockMissed,
    ComplaintEscalated,
    ComplaintOpened,
    ComplaintOverdue,
    ComplaintWarned,
)

Scalar: TypeAlias = str | int | bool | None
OPENED: Final = "opened"
"""That it was recorded, by whoever did."""
CORRECTED: Final = "corrected"
"""That what was entered wrongly was put right."""
RESUMED: Final = "resumed"
"""That a pause has ended: somebody said so, or it did by itself."""
SHARES: Final = "shares"
"""Who pays what the case costs by how many parts: `changes` names them by their ids."""


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A movement with its words, or what a clock told."""

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


def without_shares(entry: HistoryEntry, people: Collection[UUID]) -> HistoryEntry:
    """The entry without who pays by how many parts, unless one of these people does, or did."""
    named = entry.changes or {}
    if entry.what != SHARES or any(str(each) in named for each in people):
        return entry
    return replace(entry, changes=None)


def changed(**fields: tuple[object, object]) -> dict[str, dict[str, Scalar]]:
    """What became of what, as it is kept: `changed(valid=(None, True))`; what stayed as it was is left out."""
    return {
        name: {"from": _written(before), "to": _written(after)}
        for name, (before, after) in fields.items()
        if before != after
    }


_TOLD: Final[Mapping[type[CaseFact], tuple[str, Sequence[str]]]] = {
    ComplaintOpened: (OPENED, ("responsible_id", "accountable_id", "accepted_by")),
    ComplaintWarned: ("warned", ("percent", "staff_id")),
    ComplaintOverdue: ("overdue", ("staff_id",)),
    ComplaintEscalated: ("escalated", ("level", "staff_id")),
    ComplaintClockWarned: ("clock_warned", ("percent", "staff_id")),
    ComplaintClockMissed: ("clock_missed", ("staff_id",)),
    ComplaintClockEscalated: ("clock_escalated", ("level", "staff_id")),
}
"""What stands in the history though nobody moves a case by it (domain 3.2: for ever and complete): how it is called,
and what it says."""
CONTRACTS: Final[Mapping[str, type[CaseFact]]] = {contract.TYPE: contract for contract in _TOLD}


def entry_told(id_: UUID, fact: CaseFact, entered_at: datetime) -> HistoryEntry:
    """The entry of one of CONTRACTS: `at` is the true moment, `entered_at` when it was noticed."""
    called, says = _TOLD[type(fact)]
    clock: str | None = getattr(fact, "clock", None)
    changes = changed(**{name: (None, getattr(fact, name)) for name in says})
    what = called if clock is None else f"{called}:{clock}"
    return HistoryEntry(id_, fact.round, what, fact.at, entered_at, None, None, changes or None)


def _written(value: object) -> Scalar:
    return value if value is None or isinstance(value, str | bool | int) else str(value)
