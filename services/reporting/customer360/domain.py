"""What customer 360 says of a customer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.reporting.complaints.domain import Case
from services.reporting.service.domain import Touches
from services.reporting.timeline.domain import TimelineEntry


@dataclass(frozen=True, slots=True)
class StandingFacts:
    """What customers said of one customer: nothing when only other services have named them. Sums are in CNY."""

    kind: str | None
    external_no: str | None
    region_id: UUID | None
    tier: str | None
    tier_since: datetime | None
    registered_at: datetime | None
    team: Mapping[str, UUID]
    """Role -> who serves this customer."""
    purchases: int
    returns: int
    purchased: Decimal
    first_purchase_at: datetime | None
    last_purchase_at: datetime | None


@dataclass(frozen=True, slots=True)
class Named:
    """Something by id, and by name where the directory knows it."""

    id: UUID
    name: str | None


@dataclass(frozen=True, slots=True)
class Purchase:
    """A purchase, or a return of one: then the amount (CNY) is negative and `returns_id` the purchase."""

    id: UUID
    amount: Decimal
    occurred_at: datetime
    brand: Named | None
    external_no: str | None
    returns_id: UUID | None


@dataclass(frozen=True, slots=True)
class Purchases:
    """All purchases in figures (CNY, returns taken off), and the last ones."""

    count: int
    returns: int
    sum: Decimal
    first_at: datetime | None
    last_at: datetime | None
    recent: Sequence[Purchase]


@dataclass(frozen=True, slots=True)
class Undone:
    """A purchase or return that was a mistake: whose it was, when it happened, and its id."""

    customer_id: UUID
    at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class Customer360:
    """Everything about one customer as of now. What no event has told yet is None or empty."""

    id: UUID
    name: str | None
    """A store's; persons are not named."""
    kind: str | None
    external_no: str | None
    tier: str | None
    tier_since: datetime | None
    registered_at: datetime | None
    region: Named | None
    team: Mapping[str, Named]
    """Role -> who serves this customer."""
    complaints: Sequence[Case]
    """All of them, newest first."""
    touches: Touches
    purchases: Purchases
    timeline: Sequence[TimelineEntry]
    """The latest, newest first; one more than are shown, when there are more."""


def named(id_: UUID | None, names: Mapping[UUID, str]) -> Named | None:
    """What has this id, with its name among `names`; None for nothing."""
    return Named(id_, names.get(id_)) if id_ else None
