"""A change of the archive, as it is kept: one field, what stood there and what stands now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, TypeAlias
from uuid import UUID

from shared.moments import written

Said: TypeAlias = str | int | bool | list[str] | None
"""What a field says, as it is kept and shown: amounts, days, moments and ids as text."""
BEFORE: Final = "from"
AFTER: Final = "to"


@dataclass(frozen=True, slots=True)
class Change:
    """One field that is other than before. `about` is what it belongs to beside the customer: a contract, a note.

    What is `personal` is kept sealed; of what is `withheld` only that it changed. `other` is who else of stores is told
    of: it goes with them, too.
    """

    field: str
    before: Any
    after: Any
    about: UUID | None = None
    personal: bool = False
    withheld: bool = False
    other: UUID | None = None

    def said(self) -> dict[str, Said]:
        """Both values, as they are kept."""
        return {BEFORE: said(self.before), AFTER: said(self.after)}


def differences(before: Mapping[str, Any], after: Mapping[str, Any], *, prefix: str = "") -> list[Change]:
    """What differs between two sets of values by name, in the order of their names; nothing of it is personal."""
    names = sorted(before.keys() | after.keys())
    return [
        Change(prefix + name, before.get(name), after.get(name))
        for name in names
        if before.get(name) != after.get(name)
    ]


def said(value: Any) -> Said:
    """A value as it is kept and shown."""
    match value:
        case None | bool() | int() | str():
            return value
        case datetime():
            return written(value)
        case date():
            return value.isoformat()
        case Decimal() | UUID():
            return str(value)
        case Iterable():
            return [str(each) for each in value]
        case _:
            raise TypeError(f"a change says no {type(value).__name__}")
