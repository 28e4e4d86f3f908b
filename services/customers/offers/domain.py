"""What to offer a customer next (domain 2.8): a rule for each occasion; none while a complaint is open.

Lengths and shares marked † are defaults decided here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_UP, Decimal
from typing import Final, Literal, TypeAlias
from uuid import UUID

from shared.contracts.customers import Tier
from shared.money import CENT, ZERO
from shared.months import Month

OfferReason: TypeAlias = Literal["birthday", "store_anniversary", "keep_tier", "next_tier", "reorder"]
NEAR: Final = Decimal("0.3")
"""The next tier is within reach while no larger part of what it asks is missing.†"""
LAST_DAYS: Final = 10
"""So many days before the month ends a store hears that it would lose its tier.†"""
SOON: Final = timedelta(days=7)
"""So long before a birthday or an anniversary somebody may already speak of it.†"""
RHYTHM: Final = 3
"""From so many purchases of a brand on there is a usual interval between them.†"""
LOST_AFTER: Final = 3
"""After so many intervals a brand is no longer offered anew: the customer has given it up.†"""
MOST_BRANDS: Final = 3
_ABOVE: Final[Mapping[Tier, Tier]] = {"D": "C", "C": "B", "B": "A"}


@dataclass(frozen=True, slots=True)
class Earning:
    """What the window of the running month has earned so far, in CNY of mid-grade terms, and what tiers ask of it."""

    counted: Decimal
    a: Decimal
    b: Decimal
    c: Decimal

    def missing(self, tier: Tier) -> Decimal:
        """How much is missing to a tier, to the cent; zero or less where it is reached, and for D."""
        return (self.asked(tier) - self.counted).quantize(CENT, ROUND_UP)

    def asked(self, tier: Tier) -> Decimal:
        match tier:
            case "A":
                return self.a
            case "B":
                return self.b
            case "C":
                return self.c
            case _:
                return ZERO


@dataclass(frozen=True, slots=True)
class BrandBought:
    """What a customer bought of a brand lately: how often, first and last."""

    id: UUID
    name: str
    purchases: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Offer:
    """What to speak of: of a day `on`, of a tier and what is `missing` to it (CNY), of a brand bought last `on`."""

    occasion: OfferReason
    on: date | None = None
    tier: Tier | None = None
    missing: Decimal | None = None
    brand_id: UUID | None = None
    brand_name: str | None = None


def to_offer(
    tier: Tier, earning: Earning, brands: Sequence[BrandBought], days: Mapping[OfferReason, date | None], now: datetime
) -> list[Offer]:
    """What to offer to who has no open case; `now` is in the company's zone, `days` are birthday and opening day."""
    today = now.date()
    return [*_of_days(days, today), *_of_tiers(tier, earning, today), *_of_brands(brands, now)]


def _of_days(days: Mapping[OfferReason, date | None], today: date) -> Iterator[Offer]:
    for occasion, day in days.items():
        if day is not None and (following := _next(day, today)) - today <= SOON:
            yield Offer(occasion, on=following)


def _next(day: date, today: date) -> date:
    """When it comes again, today at the earliest; the 29th of February is kept on the 28th in other years."""
    this_year = _in(today.year, day)
    return this_year if this_year >= today else _in(today.year + 1, day)


def _in(year: int, day: date) -> date:
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def _of_tiers(tier: Tier, earning: Earning, today: date) -> Iterator[Offer]:
    month = Month(today.year, today.month)
    left = (month.plus(1).first_day - today).days
    if left <= LAST_DAYS and (missing := earning.missing(tier)) > 0:
        yield Offer("keep_tier", tier=tier, missing=missing)
    above = _ABOVE.get(tier)
    if above is not None and 0 < (missing := earning.missing(above)) <= NEAR * earning.asked(above):
        yield Offer("next_tier", tier=above, missing=missing)


def _of_brands(brands: Sequence[BrandBought], now: datetime) -> Iterator[Offer]:
    """Brands whose usual interval has passed since they were bought last, the longest passed first."""
    waiting = sorted((each for each in brands if _is_due(each, now)), key=lambda each: each.last_at)
    for each in waiting[:MOST_BRANDS]:
        on = each.last_at.astimezone(now.tzinfo).date()
        yield Offer("reorder", on=on, brand_id=each.id, brand_name=each.name)


def _is_due(brand: BrandBought, now: datetime) -> bool:
    if brand.purchases < RHYTHM:
        return False
    interval = (brand.last_at - brand.first_at) / (brand.purchases - 1)
    return interval <= now - brand.last_at <= LOST_AFTER * interval
