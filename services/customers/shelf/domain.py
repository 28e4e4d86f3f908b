"""The shelf of a store (domain 2.2): which part of it a brand of ours or of a competitor's had on a day, as who was
there has seen it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from services.customers.finding.domain import folded
from shared.errors import Conflict, Invalid, NotFound

WHOLE: Final = Decimal(1)


class ShelfOverfull(Conflict):
    slug = "shelf-overfull"
    title = "The shares of one day are more than the whole shelf"


class ShareSeenAlready(Conflict):
    slug = "share-seen-already"
    title = "Another share of this brand was seen on this day"


class ShelfDateRefused(Invalid):
    slug = "shelf-date-refused"
    title = "The shelf cannot have been seen then"


class ShareNotFound(NotFound):
    slug = "no-such-share"
    title = "There is no such share of the shelf"


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen: a brand of ours by its id, or a competitor's by its name; `share` is 0 to 1."""

    brand_id: UUID | None
    competitor: str | None
    share: Decimal
    seen_on: date

    def check_day(self, today: date) -> None:
        """Raises ShelfDateRefused."""
        if self.seen_on > today:
            raise ShelfDateRefused("nobody has seen tomorrow's shelf", pointer="#/seen_on")


@dataclass(frozen=True, slots=True)
class Share:
    """A share of the shelf as it is kept."""

    id: UUID
    customer_id: UUID
    brand_id: UUID | None
    competitor: str | None
    share: Decimal
    seen_on: date
    seen_by: UUID
    entered_at: datetime

    def is_of(self, seen: Seen) -> bool:
        """Whether both are of one brand."""
        return (self.brand_id, _called(self.competitor)) == (seen.brand_id, _called(seen.competitor))


def settled(day: Sequence[Share], seen: Seen) -> Share | None:
    """The share that says the same already, of those of the day; None where it is new.

    Raises ShareSeenAlready, ShelfOverfull.
    """
    same = next((each for each in day if each.is_of(seen)), None)
    if same is not None:
        if same.share != seen.share:
            raise ShareSeenAlready(f"it says {same.share}; withdraw that one first", pointer="#/share")
        return same
    total = sum((each.share for each in day), Decimal()) + seen.share
    if total > WHOLE:
        raise ShelfOverfull(f"together with what else was seen on this day it would be {total}", pointer="#/share")
    return None


def _called(name: str | None) -> str | None:
    return folded(name) if name is not None else None
