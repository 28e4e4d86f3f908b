"""A score that is said by hand (domain 2.5): it stands instead of that from data until its end, for a reason."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from services.customers.segments.domain import BEST, Dimension
from shared.errors import Invalid, NotFound

LONGEST: Final = timedelta(days=3 * 366)


class SegmentOverrideRefused(Invalid):
    slug = "segment-override-refused"
    title = "This score cannot be said by hand"


class SegmentOverrideNotFound(NotFound):
    slug = "no-segment-override"
    title = "No score is said by hand"


@dataclass(frozen=True, slots=True)
class SegmentOverride:
    """`score` is 0 to 100, of size CNY a month; `until` the last day on which it stands. The reason lies sealed."""

    id: UUID
    customer_id: UUID
    dimension: Dimension
    score: Decimal
    until: date
    words: bytes | None
    set_at: datetime
    set_by: UUID
    ended_at: datetime | None = None


def check(dimension: Dimension, score: Decimal, until: date, today: date) -> None:
    """Raises SegmentOverrideRefused."""
    if score > BEST and dimension != "size":
        raise SegmentOverrideRefused("a score of loyalty or credit is at most 100", pointer="#/score")
    if until < today:
        raise SegmentOverrideRefused("it ends today or later", pointer="#/until")
    if until > today + LONGEST:
        raise SegmentOverrideRefused("it ends within three years; it can be said again", pointer="#/until")
