"""What the demo's network looks like, before any of it exists: stores and what they bought. Pure and seeded.

Sizes and amounts are chosen so that a month comes near the shares to expect: A 70, B 20, C 10, D 1 % (domain 2.4).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Literal
from zoneinfo import ZoneInfo

from deploy.demo import names
from shared.months import Month

Size = Literal["small", "medium", "large"]
STORES: dict[Size, int] = {"small": 40, "medium": 400, "large": 4_000}
PAST_MONTHS = 4
AHEAD_MONTHS = 3
"""The running month and those that the demo goes on into."""
TIERS = "ABCD"
_SHARE_OF_STORES = (12, 17, 25, 46)
_BOUGHT: dict[str, tuple[int, int]] = {"A": (13_000, 48_000), "B": (3_200, 7_500), "C": (1_100, 2_300), "D": (60, 320)}
"""Yuan a month in mid-grade terms, lowest and highest."""
_MOVES = 0.12
"""How likely a store is to be a tier better or worse in the next month."""

RISING, SILENT = 0, 1
"""Places of the two stores that the story is about: one rises from C to A, one is a B that nobody answers."""
_CAST = {RISING: "C", SILENT: "B"}


@dataclass(frozen=True, slots=True)
class Bought:
    """One purchase; `amount` in CNY as paid."""

    external_no: str
    customer_no: str
    at: datetime
    amount: Decimal
    brand: str


@dataclass(frozen=True, slots=True)
class StorePlan:
    """A store with the tier that each month should earn it, oldest first."""

    number: str
    name: str
    region: str
    phone: str
    tiers: str
    """One letter a month: the past ones, then those ahead."""


@dataclass(frozen=True, slots=True)
class NetworkPlan:
    """The `run`-th network of these data: its numbers collide with no earlier one's."""

    run: int
    months: tuple[Month, ...]
    """The past months with purchases, oldest first."""
    stores: tuple[StorePlan, ...]
    past: tuple[Bought, ...]
    """Up to now, by time. The running month has none of the two stores that the story is about."""
    ahead: tuple[Bought, ...]
    """What will be bought from now on, by time."""


def store_number(run: int, place: int) -> str:
    return f"D{run:02d}-{place + 1:04d}"


def plan_network(run: int, size: Size, now: datetime, zone: ZoneInfo) -> NetworkPlan:
    """The same run gives the same stores; their purchases lie in the months before `now`."""
    random = Random(f"network {run}")
    running = Month.of(now, zone)
    months = tuple(running.plus(place) for place in range(-PAST_MONTHS, AHEAD_MONTHS))
    stores = tuple(_store(random, run, place) for place in range(STORES[size]))
    cast = {store.number for store in stores[: len(_CAST)]}
    bought = sorted(
        (one for store in stores for one in _purchases(random, store, months, zone)), key=lambda one: one.at
    )
    past = [
        one for one in bought if one.at < now and not (one.customer_no in cast and Month.of(one.at, zone) == running)
    ]
    ahead = [one for one in bought if one.at >= now]
    return NetworkPlan(run, months[:PAST_MONTHS], stores, tuple(past), tuple(ahead))


def _store(random: Random, run: int, place: int) -> StorePlan:
    region = random.choice(list(names.REGIONS))
    return StorePlan(
        number=store_number(run, place),
        name=names.store_name(random, random.choice(names.REGIONS[region])),
        region=region,
        phone=f"+86139{(run * 10_000 + place) % 100_000_000:08d}",
        tiers=_CAST[place] * (PAST_MONTHS + AHEAD_MONTHS) if place in _CAST else _walk(random),
    )


def _walk(random: Random) -> str:
    tier = random.choices(TIERS, _SHARE_OF_STORES)[0]
    walked = tier
    while len(walked) < PAST_MONTHS + AHEAD_MONTHS:
        if random.random() < _MOVES:
            tier = TIERS[min(max(TIERS.index(tier) + random.choice((-1, 1)), 0), 3)]
        walked += tier
    return walked


def _purchases(random: Random, store: StorePlan, months: Sequence[Month], zone: ZoneInfo) -> list[Bought]:
    found: list[Bought] = []
    for month, tier in zip(months, store.tiers, strict=True):
        total = random.randint(*_BOUGHT[tier])
        times = random.randint(1, 4) if total > 1_000 else 1
        days = sorted(random.sample(range(27), times))
        parts = _parts(random, total, times)
        for day, counted in zip(days, parts, strict=True):
            at = datetime(month.year, month.number, day + 1, random.randint(9, 18), random.randint(0, 59), tzinfo=zone)
            found.append(_bought(random, store, f"{month}-{day + 1:02d}", at, counted))
    return found


def _parts(random: Random, total: int, times: int) -> list[int]:
    cuts = sorted(random.sample(range(1, total), times - 1))
    return [end - start for start, end in zip([0, *cuts], [*cuts, total], strict=True)]


def _bought(random: Random, store: StorePlan, order: str, at: datetime, counted: int) -> Bought:
    """A high-grade brand counts half, so the store pays double for the same count."""
    brand, grade = random.choice(list(names.BRANDS.items()))
    amount = Decimal(counted * (2 if grade == "high" else 1))
    return Bought(f"{store.number}/{order}", store.number, at, amount, brand)


def todays_purchases(plan: NetworkPlan, now: datetime, most: int) -> list[Bought]:
    """Small orders of some stores within the last hour; none of the two in the story."""
    random = Random(f"today {plan.run}")
    others = plan.stores[len(_CAST) :]
    chosen = random.sample(others, min(most, len(others) // 2))
    return [
        _bought(random, store, f"today-{place}", now - timedelta(seconds=random.randint(1, 5)), random.randint(60, 900))
        for place, store in enumerate(chosen)
    ]
