"""For whom a win-back is owed, until when, and who sees it (domain 2.6, examples 22)."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from services.customers.owed_winbacks.domain import opens_within
from services.customers.winbacks.domain import TierTerms
from tests.customers.network import BASE, bought, colleague, store
from tests.customers.test_competitors import listed
from tests.customers.test_early_warnings import come_to
from tests.customers.test_lifecycle import noon
from tests.customers.test_losses import say
from tests.customers.test_me import mine, seat
from tests.customers.test_winbacks import MONTHS, WORTH, ask, opened, post, worth
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

WARNED, LOST = date(2026, 10, 27), date(2026, 12, 12)
"""Who buys on the tenth of each month until September is warned of on the 47th day, and lost on the 93rd."""


async def silent(customers: OneService, *a_month: str) -> list[UUID]:
    """Stores that bought for so much in each of twelve months as these went by, and then no more."""
    shops = [await store(customers, name) for name, _ in zip("甲乙丙丁", a_month, strict=False)]
    for month in MONTHS:
        customers.clock.move_to(month)
        for shop, amount in zip(shops, a_month, strict=True):
            await bought(customers, shop, amount)
    await customers.run_loops(WORTH)
    return shops


async def owed(customers: OneService, who: dict[str, str] | None = None, **narrowed: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await listed(customers, "winbacks/owed", who, **narrowed)
    return found


@pytest.mark.example(22)
async def test_for_an_a_a_case_is_opened_on_the_same_day(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=MONTHS[0]) as customers:
        vip, main, small = await silent(customers, "10500.00", "4000.00", "500.00")
        assert await owed(customers) == []
        await come_to(customers, WARNED)

        first, second = await owed(customers)

        assert (first["customer_id"], first["customer_name"], first["tier"]) == (str(vip), "甲", "A")
        assert (first["because"], first["since"], first["due_on"], first["overdue"]) == (
            "warned", str(WARNED), str(WARNED), False,
        )  # fmt: skip
        assert (first["yearly"], first["loss_id"], first["kind"]) == ("126000.00", None, None)
        assert (second["customer_id"], second["due_on"], second["yearly"]) == (str(main), "2026-11-01", "48000.00")
        assert await owed(customers, customer_id=str(small)) == [], "only when it is cheap"
        await come_to(customers, date(2026, 10, 28))
        assert [each["overdue"] for each in await owed(customers)] == [True, False]
        assert await owed(customers, overdue="true") == await owed(customers, tier="A")
        await come_to(customers, LOST)
        first, second = await owed(customers)
        assert (first["because"], first["since"], first["due_on"], first["warning_id"]) == (
            "lost", str(LOST), str(LOST), None,
        )  # fmt: skip
        assert second["due_on"] == "2026-12-17"

        case = await opened(customers, vip)

        assert [each["customer_id"] for each in await owed(customers)] == [str(main)]
        await post(customers, case, "outcome", outcome="not_returned", reason="it has closed")
        assert [each["customer_id"] for each in await owed(customers)] == [str(main)], "it was tried"


async def test_a_case_before_the_loss_is_enough_until_it_buys_and_is_silent_again(
    fresh_database: FreshDatabase,
) -> None:
    async with one_service(fresh_database, "customers", start=MONTHS[0]) as customers:
        [vip] = await silent(customers, "10500.00")
        await come_to(customers, WARNED)
        case = await opened(customers, vip)
        assert case["loss_id"] is None, "it was opened before there was a loss"
        await post(customers, case, "outcome", outcome="returned", reason="a new offer")
        await come_to(customers, LOST)
        assert await owed(customers) == []
        customers.clock.move_to(noon(date(2026, 12, 13)))
        await bought(customers, vip, "5000.00")
        await customers.run_loops(WORTH)
        assert await owed(customers) == []

        await come_to(customers, date(2027, 2, 11))

        [again] = await owed(customers)
        assert (again["because"], again["since"], again["tier"]) == ("warned", "2027-02-11", "A")


async def test_malice_dismissal_and_takeovers_owe_nothing(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=MONTHS[0]) as customers:
        malicious, dismissed, by_case = await silent(customers, "4000.00", "4000.00", "4000.00")
        await come_to(customers, LOST)
        assert len(await owed(customers)) == 3
        [loss] = await listed(customers, "losses", customer_id=str(malicious))
        assert (await say(customers, loss, kind="malicious")).status_code == 200
        approver = str(await colleague(customers, "cs_manager"))
        said: dict[str, Any] = {"reason": "owes and shouts", "approver_id": approver}
        path = f"{BASE}/customers/{dismissed}/dismissal"
        away = await customers.http.post(path, json={"means": "end", **said})
        assert away.status_code == 201, away.text
        case = await opened(customers, by_case)
        assert (await post(customers, case, "dismissal", **said)).status_code == 200
        assert await owed(customers) == []

        back = await customers.http.post(f"{away.headers['Location']}/withdrawal", json={"reason": "apologised"})

        assert back.status_code == 200, back.text
        assert [each["customer_id"] for each in await owed(customers)] == [str(dismissed)]
        taken_over = await worth(customers, "10500.00")
        assert len(await listed(customers, "losses", customer_id=str(taken_over))) == 1
        assert await owed(customers, customer_id=str(taken_over)) == [], "history asks for nothing"
        assert (await ask(customers, taken_over)).status_code == 201, "but may be won back"


async def test_a_purchase_ends_a_dismissal_and_who_returned_is_owed_once_observed(
    fresh_database: FreshDatabase,
) -> None:
    async with one_service(fresh_database, "customers", start=MONTHS[0]) as customers:
        by_case, without, said_back = await silent(customers, "10500.00", "10500.00", "10500.00")
        await come_to(customers, LOST)
        said: dict[str, Any] = {"reason": "owes", "approver_id": str(await colleague(customers, "cs_manager"))}
        await post(customers, await opened(customers, by_case), "dismissal", **said)
        path = f"{BASE}/customers/{without}/dismissal"
        assert (await customers.http.post(path, json={"means": "end", **said})).status_code == 201
        back = await opened(customers, said_back)
        await post(customers, back, "outcome", outcome="returned", reason="she said so")
        await come_to(customers, date(2027, 3, 12))
        assert await owed(customers) == [], "observed for ninety days"
        await come_to(customers, date(2027, 3, 13))
        assert [each["customer_id"] for each in await owed(customers)] == [str(said_back)]

        await bought(customers, by_case, "5000.00")
        await bought(customers, without, "5000.00")
        await come_to(customers, date(2027, 9, 1))

        assert {each["customer_id"] for each in await owed(customers)} == {
            str(by_case), str(without), str(said_back),
        }  # fmt: skip


async def test_who_serves_a_store_sees_what_is_owed_there(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=MONTHS[0]) as customers:
        first, second = await silent(customers, "10500.00", "4000.00")
        seller, other = await colleague(customers), await colleague(customers)
        await seat(customers, first, other)
        await seat(customers, second, seller)
        await come_to(customers, WARNED)

        own = await owed(customers, bearer("salesperson", seller))

        assert [each["customer_id"] for each in own] == [str(second)]
        assert (await mine(customers, seller))["owed_winbacks"] == own
        assert await owed(customers, bearer("salesperson", other), customer_id=str(second)) == []
        assert await owed(customers, served_by=str(seller)) == own
        page = (await customers.http.get(f"{BASE}/winbacks/owed", params={"limit": 1})).json()
        following = (await customers.http.get(f"{BASE}/winbacks/owed", params={"cursor": page["next"]})).json()
        assert page["items"] + following["items"] == await owed(customers)
        assert following["next"] is None


async def test_within_how_many_days_is_a_value_of_the_policy_and_the_erased_are_let_be(
    fresh_database: FreshDatabase,
) -> None:
    async with one_service(fresh_database, "customers", start=MONTHS[0]) as customers:
        vip, main, small = await silent(customers, "10500.00", "4000.00", "500.00")
        await come_to(customers, WARNED)
        read = await customers.http.get(f"{BASE}/winback-policy")
        policy = {name: read.json()[name] for name in ("terms", "margin", "days")}
        assert {each["case_days"] for each in policy["terms"].values()} == {None}
        for tier, days in (("A", 1), ("D", 0)):
            policy["terms"][tier]["case_days"] = days

        changed = await customers.http.put(
            f"{BASE}/winback-policy", json=policy, headers={"If-Match": read.headers["ETag"]}
        )

        assert (changed.status_code, changed.json()["terms"]["A"]["case_days"]) == (200, 1)
        assert [(each["customer_id"], each["due_on"]) for each in await owed(customers)] == [
            (str(small), "2026-10-27"), (str(vip), "2026-10-28"), (str(main), "2026-11-01"),
        ]  # fmt: skip
        await customers.database.execute("UPDATE archive SET erased_at = now() WHERE customer_id = $1", vip)
        assert [each["customer_id"] for each in await owed(customers)] == [str(small), str(main)]


def test_a_case_is_owed_within_what_the_terms_leave_for_the_first_step() -> None:
    def within(call_hours: int | None, visit_days: int | None, tier: str = "B") -> int | None:
        terms = TierTerms(call_hours, visit_days, 5, Decimal("0.05"))
        return {str(each): days for each, days in opens_within({"A": terms, "B": terms}).items()}.get(tier)

    assert (within(120, None), within(25, None), within(120, 9), within(None, 9)) == (5, 2, 9, 9)
    assert within(24, 7, "A") == 0
    assert within(None, None) is within(None, None, "A") is None
