"""Places among all go by what is left of what was bought, not by how much it was (domain 2.5)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.customers.segments.domain import profit_of
from shared.contracts.worth import SegmentChanged
from tests.customers.network import BASE, bought, store
from tests.customers.test_segments import MONTHS
from tests.customers.test_worth import WORTH, history, kept, profile
from tests.postgres import FreshDatabase
from tests.support import OneService, one_service

POLICY = f"{BASE}/winback-policy"


async def costed(customers: OneService, shop: UUID, amount: str, cost: str) -> UUID:
    """A purchase of a complete month, of which the cost is known."""
    lines = [{"product": "CR-50", "quantity": 10, "amount": amount, "cost": cost}]
    return await bought(customers, shop, amount, MONTHS[0], lines=lines)


async def three(customers: OneService) -> dict[str, UUID]:
    """One that buys most, without a word of costs; one that leaves most; one that leaves hardly anything."""
    shops = {name: await store(customers, name) for name in ("most", "dear", "thin")}
    await bought(customers, shops["most"], "10000.00", MONTHS[0])
    await costed(customers, shops["dear"], "6000.00", "1000.00")
    await costed(customers, shops["thin"], "8000.00", "7900.00")
    await placed(customers)
    return shops


async def placed(customers: OneService) -> None:
    await customers.run_loops(WORTH)
    customers.clock.forward(timedelta(minutes=2))
    await customers.run_loops(WORTH)


async def standing(customers: OneService, shops: dict[str, UUID]) -> dict[str, tuple[str, str]]:
    """Place and profit of each."""
    found = {name: await profile(customers, shop) for name, shop in shops.items()}
    return {name: (each["segments"]["value"], each["scores"]["profit"]) for name, each in found.items()}


async def pyramid(customers: OneService) -> dict[str, Any]:
    answer = await customers.http.get(f"{BASE}/value-pyramid")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def new_margin(customers: OneService, margin: str) -> None:
    asked = await customers.http.get(POLICY)
    body = {name: asked.json()[name] for name in ("terms", "days")} | {"margin": margin}
    changed = await customers.http.put(POLICY, json=body, headers={"If-Match": asked.headers["ETag"]})
    assert changed.status_code == 200, changed.text


async def test_who_leaves_most_stands_above_who_buys_most(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shops = await three(customers)

        assert await standing(customers, shops) == {
            "most": ("rest", "3000.00"), "dear": ("top", "5000.00"), "thin": ("rest", "100.00"),
        }  # fmt: skip
        top, _, rest = (await pyramid(customers))["levels"]
        assert (top["customers"], top["amount"], top["costed"], top["profit"]) == (1, "6000.00", "6000.00", "5000.00")
        assert (top["profit_share"], top["share"], top["expected_share"]) == ("0.617", "25.0", 80)
        assert (rest["profit"], rest["costed"], rest["profit_share"]) == ("3100.00", "8000.00", "0.383")
        found = await pyramid(customers)
        assert (found["bring_most"], found["bring_most_profit"]) == (3, 2)
        [told] = [fact for fact in await customers.facts(SegmentChanged) if fact.value == "top"]
        assert told.customer_id == shops["dear"]
        [*_, change] = await history(customers, shops["dear"], "segment")
        assert (change["segments"]["value"], change["scores"]["profit"]) == ("top", "5000.00")


async def test_what_comes_back_takes_its_profit_back(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shops = await three(customers)
        again = await costed(customers, shops["dear"], "100.00", "99.00")
        [*_, first] = (await customers.http.get(f"{BASE}/customers/{shops['dear']}/purchases")).json()["items"]
        path = f"{BASE}/purchases/{first['id']}"
        assert (await customers.http.post(f"{path}/returns", json={"amount": "3000.00"})).status_code == 201
        await placed(customers)

        assert (await standing(customers, shops))["dear"] == ("rest", "2501.00"), "half of 5,000, and 1 of the other"
        assert (await standing(customers, shops))["most"] == ("top", "3000.00")

        undone = await customers.http.post(f"{BASE}/purchases/{again}/reversal", json={"reason": "重复录入"})
        assert undone.status_code == 201, undone.text
        await placed(customers)

        assert (await standing(customers, shops))["dear"] == ("rest", "2500.00")
        assert sum(Decimal(each["profit"]) for each in (await pyramid(customers))["levels"]) == Decimal("5600.00")


async def test_another_margin_moves_places_at_once_and_judges_nobody(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shops = await three(customers)
        before = await kept(customers)

        await new_margin(customers, "0.9")
        await customers.run_loops(WORTH)

        assert (await standing(customers, shops))["most"] == ("top", "9000.00")
        assert (await standing(customers, shops))["dear"] == ("rest", "5000.00")
        assert (await pyramid(customers))["margin"] == "0.9"
        moved = [(was[6], now[6]) for was, now in zip(before, await kept(customers), strict=True) if was != now]
        assert sorted(moved) == [("rest", "top"), ("top", "rest")]
        told = len(await customers.events(SegmentChanged))
        await placed(customers)
        assert len(await customers.events(SegmentChanged)) == told, "once"


async def test_without_a_word_of_costs_sums_alone_decide(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shops = {name: await store(customers, name) for name in ("a", "b", "c")}
        for name, amount in (("a", "100.01"), ("b", "100.02"), ("c", "100.00")):
            await bought(customers, shops[name], amount, MONTHS[0])
        await placed(customers)
        assert (await standing(customers, shops))["b"] == ("top", "30.01")

        await new_margin(customers, "0")
        await placed(customers)

        assert {name: value for name, (value, _) in (await standing(customers, shops)).items()} == {
            "a": "rest", "b": "top", "c": "rest",
        }  # fmt: skip


def test_profit_may_be_a_loss() -> None:
    amount, part, margin = Decimal("100.00"), Decimal("40.00"), Decimal("0.3")
    assert profit_of(amount, part, Decimal("90.00"), margin) == Decimal("-32.00"), "-50, and 18 of the rest"
    assert profit_of(amount, Decimal(0), Decimal(0), margin) == Decimal("30.00")
