"""A competitor (domain 2.5): a file of its own, what was seen of them in stores, and who is said to order elsewhere."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from shared.errors import Conflict, Invalid, NotFound


class CompetitorNotFound(NotFound):
    slug = "competitor-not-found"
    title = "There is no such competitor"


class UnknownCompetitor(Invalid):
    slug = "unknown-competitor"
    title = "No competitor has this id"


class CompetitorTaken(Conflict):
    slug = "competitor-taken"
    title = "There is a file of a competitor with this name"


class SightingRefused(Invalid):
    slug = "sighting-refused"
    title = "This cannot have been seen"


class SightingNotFound(NotFound):
    slug = "no-such-sighting"
    title = "There is no such sighting"


class ElsewhereReportNotFound(NotFound):
    slug = "no-such-report"
    title = "There is no such report of orders elsewhere"


class AlreadyWithdrawn(Conflict):
    slug = "already-withdrawn"
    title = "It was withdrawn already"


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """That what was entered was a mistake: when and by whom it was withdrawn, and why (sealed where it is kept; None
    once the person is erased)."""

    at: datetime
    by: UUID
    reason: str | None


@dataclass(frozen=True, slots=True)
class Competitor:
    """A competitor's file; `strengths` and `note` are sealed where they are kept."""

    id: UUID
    version: int
    name: str
    brands: list[str]
    strengths: str | None
    note: str | None
    entered_at: datetime
    entered_by: UUID


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was seen of a competitor in a store: a brand of theirs, its price (CNY), what they offer (sealed where it
    is kept)."""

    id: UUID
    competitor_id: UUID
    customer_id: UUID
    brand: str
    price: Decimal | None
    offer: str | None
    seen_on: date
    touch_id: UUID | None
    seen_by: UUID
    entered_at: datetime
    entered_by: UUID
    withdrawn: Withdrawal | None = None


@dataclass(frozen=True, slots=True)
class ElsewhereReport:
    """That a store orders elsewhere, as somebody heard or saw; where, if that is known. `note` is sealed where it is
    kept."""

    id: UUID
    customer_id: UUID
    competitor_id: UUID | None
    told_on: date
    note: str | None
    touch_id: UUID | None
    reported_at: datetime
    reported_by: UUID
    withdrawn: Withdrawal | None = None


def check_sighting(sighting: Sighting, today: date) -> None:
    """Raises SightingRefused for what says neither a price nor an offer, and for days to come."""
    if sighting.price is None and sighting.offer is None:
        raise SightingRefused("say a price, an offer, or both", pointer="#/price")
    check_day(sighting.seen_on, today, "#/seen_on")


def check_day(day: date, today: date, pointer: str) -> None:
    """Raises SightingRefused for a day to come."""
    if day > today:
        raise SightingRefused("nobody has seen it yet on that day", pointer=pointer)
