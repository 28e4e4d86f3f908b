"""Tiers set by hand: with a reason, until a moment (domain 2.4)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.contracts.customers import Tier
from shared.errors import Invalid, NotFound
from shared.moments import day_begins

LONGEST_OVERRIDE = timedelta(days=3 * 366)


class OverrideRefused(Invalid):
    slug = "override-refused"
    title = "This override cannot hold"


class OverrideNotFound(NotFound):
    slug = "no-override"
    title = "No override stands"


@dataclass(frozen=True, slots=True)
class OverrideAsked:
    """An override as somebody asks for it. `until` is a moment, or a day, which means to its end."""

    tier: Tier
    reason: str
    until: date | datetime


@dataclass(frozen=True, slots=True)
class Override:
    """A tier set by hand."""

    id: UUID
    customer_id: UUID
    tier: Tier
    reason: str
    until: datetime
    set_by: UUID
    set_at: datetime


def override_ends(until: date | datetime, zone: ZoneInfo) -> datetime:
    """A moment as it is; a day means to its end in the company's zone."""
    if isinstance(until, datetime):
        return until
    return day_begins(until + timedelta(days=1), zone)


def check_override(until: datetime, now: datetime) -> None:
    """Raises OverrideRefused unless it ends in the future, within three years."""
    if until <= now:
        raise OverrideRefused("an override ends in the future", pointer="#/until")
    if until > now + LONGEST_OVERRIDE:
        raise OverrideRefused("an override ends within three years; it can be renewed", pointer="#/until")
