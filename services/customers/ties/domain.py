"""What ties a store (domain 2.6): economic (what is lost by leaving), technical, contractual; each until a day."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from services.customers.changes.domain import Change
from shared.contracts.early_warnings import TieKind, TieSource
from shared.errors import Conflict, Invalid, NotFound

_SHOWN: Final = ("kind", "ends_on", "benefit", "ended_at")
"""What the customer's history says of it; of the words only that they changed."""


class TieNotFound(NotFound):
    slug = "no-such-tie"
    title = "There is no such tie"


class TieRefused(Invalid):
    slug = "tie-refused"
    title = "This cannot tie anybody"


class TieEnded(Conflict):
    slug = "tie-ended"
    title = "The tie was ended"


@dataclass(frozen=True, slots=True)
class Tie:
    """What ties a customer. `ends_on` is the first day on which it ties no more (None: until it is ended), `benefit`
    CNY a year, `words` are sealed; `version` is that of the contract or the agreement where it is one."""

    id: UUID
    version: int
    customer_id: UUID
    kind: TieKind
    ends_on: date | None
    benefit: Decimal | None
    words: bytes | None
    entered_at: datetime
    entered_by: UUID
    ended_at: datetime | None = None
    updated_at: datetime | None = None
    """When it was changed last; None: it is as it was entered, it is a contract, or an older release changed it."""
    source: TieSource = "entered"

    def check(self, entered_on: date) -> None:
        """Raises TieRefused for one that ends before it was entered, on `entered_on`."""
        if self.ends_on is not None and self.ends_on <= entered_on:
            raise TieRefused("it ends after the day on which it was entered", pointer="#/ends_on")

    def put_right(self, said: Mapping[str, Any], now: datetime) -> "Tie":
        """With what is said of it; `ended` ends it, or puts right that it was ended. Raises TieEnded."""
        if self.ended_at is not None and said.get("ended") is not False:
            raise TieEnded("it ties nobody any more; was that wrong, say `ended`: false")
        stands = {name: value for name, value in said.items() if name != "ended"}
        if "ended" in said:
            stands["ended_at"] = now if said["ended"] else None
        after = replace(self, **stands)
        return self if after == self else replace(after, version=self.version + 1, updated_at=now)


def differences(before: Tie | None, after: Tie) -> list[Change]:
    """What the customer's history keeps of a tie that came, or is other than before."""
    changes = [
        Change(f"tie.{name}", getattr(before, name, None), getattr(after, name), about=after.id)
        for name in _SHOWN
        if getattr(before, name, None) != getattr(after, name)
    ]
    if (before.words if before else None) != after.words:
        changes.append(Change("tie.words", None, None, about=after.id, withheld=True))
    return changes
