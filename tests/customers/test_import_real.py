"""Real purchases through the import, every month closed, against a computation that shares no code with ours.

69,659 purchases of 23,570 customers, 1997-01 to 1998-06, without order numbers, with zero amounts and repeated lines.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from shared.contracts.customers import MonthClosed, PurchaseRecorded
from tests.customers.importing import imported
from tests.customers.network import close, made
from tests.postgres import FreshDatabase
from tests.real_data import real_data
from tests.support import OneService, one_service

MAPPING = {"customer_no": "customer_no", "occurred_at": "date", "amount": "amount"}
MONTHS = [f"{1997 + n // 12}-{n % 12 + 1:02}" for n in range(18)]
LIMITS = (("A", Decimal(250)), ("B", Decimal(90)), ("C", Decimal(30)), ("D", Decimal(0)))


@dataclass
class Expected:
    """A closed month: tier -> customers and net sales, moves since the month before, and each customer's tier."""

    tiers: dict[str, tuple[int, Decimal]]
    moves: dict[str, int]
    standing: dict[str, str]


def computed(file: Path) -> Iterator[Expected]:
    """Month by month, from the lines of the file alone."""
    bought: defaultdict[str, defaultdict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    with file.open(newline="") as lines:
        for line in csv.DictReader(lines):
            bought[line["date"][:7]][line["customer_no"]] += Decimal(line["amount"])
    before: dict[str, str] = {}
    for month in MONTHS:
        counted = before.keys() | bought[month].keys()
        sums = {number: bought[month][number] for number in counted}
        standing = {number: next(tier for tier, least in LIMITS if total >= least) for number, total in sums.items()}
        tiers = {
            tier: (len(these), sum((sums[number] for number in these), Decimal(0)))
            for tier, _ in LIMITS
            if (these := [number for number, stands in standing.items() if stands == tier])
        }
        moves = Counter(f"{was}>{standing[no]}" for no, was in before.items() if was != standing[no])
        yield Expected(tiers, dict(moves), standing)
        before = standing


@pytest.mark.real_data
@pytest.mark.timeout(600)
async def test_real_purchases_earn_the_tiers_that_an_independent_computation_says(
    fresh_database: FreshDatabase,
) -> None:
    file = real_data("purchases-cdnow.csv")
    content = file.read_bytes()
    async with one_service(fresh_database, "customers") as customers:
        await _policy(customers)
        first = await imported(customers, content, mapping=MAPPING, create_customers=True)
        assert (first.state, first.total, first.figures) == ("done", 69_659, (69_659, 0, 0))

        second = await imported(customers, content, mapping=MAPPING, create_customers=True)
        assert second.figures == (0, 69_659, 0)
        assert await customers.database.fetchval("SELECT count(*) FROM purchase") == 69_659
        assert await customers.database.fetchval("SELECT count(*) FROM customer") == 23_570
        told = "SELECT count(*) FROM event_log WHERE type = $1 AND historical"
        assert await customers.database.fetchval(told, PurchaseRecorded.TYPE) == 69_659

        standing: dict[str, str] = {}
        for month, expected in zip(MONTHS, computed(file), strict=True):
            closed = await close(customers, month)
            moved = sum(standing.get(number, "D") != tier for number, tier in expected.standing.items())
            assert (closed["customers"], closed["changed"]) == (len(expected.standing), moved), month
            standing = expected.standing
            bought_nothing_yet = dict.fromkeys(await _numbers(customers) - standing.keys(), "D")
            assert await _standing(customers) == standing | bought_nothing_yet
            figures = {
                tier: (share["customers"], Decimal(share["amount"]))
                for tier, share in closed["tiers"].items()
                if share["customers"]
            }
            assert figures == expected.tiers, month
            assert closed["moves"] == expected.moves, month

        [announced] = [fact for fact in await customers.facts(MonthClosed) if fact.month == MONTHS[-1]]
        assert (announced.moves, announced.revision) == (expected.moves, 1)


async def _policy(customers: OneService) -> None:
    thresholds = {"A": "250", "B": "90", "C": "30"}
    factors = {"mid": "1", "high": "1"}
    await made(
        customers,
        "tier-policies",
        {"thresholds": thresholds, "grade_factors": factors, "window_months": 1, "starts_on": "1997-01-01"},
    )


async def _standing(customers: OneService) -> dict[str, str]:
    rows = await customers.database.fetch(
        "SELECT external_no, tier FROM customer c JOIN archive a ON a.customer_id = c.id"
    )
    return {row["external_no"]: row["tier"] for row in rows}


async def _numbers(customers: OneService) -> set[str]:
    return {row["external_no"] for row in await customers.database.fetch("SELECT external_no FROM archive")}
