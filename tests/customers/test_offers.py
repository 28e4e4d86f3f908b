"""What to offer next: the rule alone (domain 2.8)."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from services.customers.offers.domain import BrandBought, Earning, Offer, to_offer
from shared.contracts.customers import Tier
from shared.ids import new_id

SHANGHAI = ZoneInfo("Asia/Shanghai")
THRESHOLDS = (Decimal(10_000), Decimal(3_000), Decimal(1_000))


def offered(
    tier: Tier = "D",
    counted: str = "0",
    at: datetime = datetime(2026, 10, 5, 9, tzinfo=SHANGHAI),
    *brands: BrandBought,
    born: date | None = None,
) -> list[Offer]:
    return to_offer(tier, Earning(Decimal(counted), *THRESHOLDS), brands, {"birthday": born}, at)


def lotus(purchases: int, every: int, last: datetime) -> BrandBought:
    return BrandBought(new_id(), "Lotus", purchases, last - timedelta(days=every * (purchases - 1)), last)


@pytest.mark.parametrize(
    "tier, counted, day, expected",
    [
        ("B", "9100", 5, [Offer("next_tier", tier="A", missing=Decimal("900.00"))]),
        ("B", "6999.99", 5, []),
        ("B", "7000", 5, [Offer("next_tier", tier="A", missing=Decimal("3000.00"))]),
        ("B", "9999.995", 5, [Offer("next_tier", tier="A", missing=Decimal("0.01"))]),
        ("A", "2400", 21, []),
        ("A", "2400", 22, [Offer("keep_tier", tier="A", missing=Decimal("7600.00"))]),
        ("A", "10000", 31, []),
        ("D", "0", 31, []),
        ("C", "999", 31, [Offer("keep_tier", tier="C", missing=Decimal("1.00"))]),
    ],
)
def test_a_tier_is_spoken_of_when_it_is_near_or_nearly_lost(
    tier: Tier, counted: str, day: int, expected: list[Offer]
) -> None:
    assert offered(tier, counted, datetime(2026, 10, day, 9, tzinfo=SHANGHAI)) == expected


@pytest.mark.parametrize(
    "born, today, expected",
    [
        (date(1980, 10, 12), date(2026, 10, 5), date(2026, 10, 12)),
        (date(1980, 10, 13), date(2026, 10, 5), None),
        (date(1980, 10, 5), date(2026, 10, 5), date(2026, 10, 5)),
        (date(1980, 10, 4), date(2026, 10, 5), None),
        (date(1980, 1, 2), date(2026, 12, 28), date(2027, 1, 2)),
        (date(1980, 2, 29), date(2027, 2, 25), date(2027, 2, 28)),
        (date(1980, 2, 29), date(2028, 2, 25), date(2028, 2, 29)),
    ],
)
def test_a_birthday_is_spoken_of_a_week_before(born: date, today: date, expected: date | None) -> None:
    at = datetime(today.year, today.month, today.day, 23, 59, tzinfo=SHANGHAI)
    assert [each.on for each in offered("A", "10000", at, born=born)] == ([] if expected is None else [expected])


@pytest.mark.parametrize(
    "purchases, days, due", [(2, 15, False), (3, 9, False), (3, 10, True), (3, 30, True), (3, 31, False)]
)
def test_a_brand_is_due_when_its_interval_has_passed_and_until_it_is_given_up(
    purchases: int, days: int, due: bool
) -> None:
    now = datetime(2026, 10, 5, 9, tzinfo=SHANGHAI)
    bought = lotus(purchases, 10, now - timedelta(days=days))

    found = offered("D", "0", now, bought)

    assert [each.brand_id for each in found] == ([bought.id] if due else [])


def test_three_brands_at_most_the_longest_due_first() -> None:
    now = datetime(2026, 10, 5, 9, tzinfo=SHANGHAI)
    brands = [lotus(4, 10, now - timedelta(days=days)) for days in (12, 25, 14, 20)]

    assert [each.brand_id for each in offered("D", "0", now, *brands)] == [brands[n].id for n in (1, 3, 2)]
