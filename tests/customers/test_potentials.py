"""What a store could buy (domain 2.4), beside its tier."""

from typing import Any
from uuid import UUID

import httpx

from tests.customers.network import BASE, bought, colleague, nobody, slug, store
from tests.customers.test_person_exports import exported
from tests.customers.test_signals import shop_of, signals
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service


async def say(customers: OneService, shop: UUID, amount: str, version: int | None = None) -> httpx.Response:
    body = {"amount": amount, "reason": "六张床，两家分店"}
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    return await customers.http.put(f"{BASE}/customers/{shop}/potential", json=body, headers=headers)


async def read(customers: OneService, path: str, **asked: str) -> Any:
    answer = await customers.http.get(f"{BASE}/{path}", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_it_is_said_with_a_reason_and_said_anew(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, stranger = await store(customers), bearer("salesperson", await colleague(customers))
        path = f"customers/{shop}/potential"
        assert slug(await customers.http.get(f"{BASE}/{path}")) == (404, "no-potential")

        first = await say(customers, shop, "8000.00")

        assert (first.status_code, first.json()["version"], first.json()["reason"]) == (200, 1, "六张床，两家分店")
        assert first.json()["customer_name"] == "美丽人生美容院"
        assert slug(await say(customers, shop, "9000.00")) == (428, "precondition-required")
        assert (await say(customers, shop, "8000.00", 1)).json() == first.json(), "the same again adds nothing"
        second = await say(customers, shop, "12000.00", 1)
        assert slug(await say(customers, shop, "1.00", 1)) == (412, "stale")
        assert await read(customers, path) == second.json()
        assert (await read(customers, f"{path}/history"))["items"] == [second.json(), first.json()]
        assert slug(await say(customers, shop, "-1.00", 2)) == (422, "invalid")
        assert slug(await say(customers, nobody(), "1.00")) == (404, "customer-not-found")
        hidden = await customers.http.get(f"{BASE}/{path}", headers=stranger)
        assert slug(hidden) == (404, "customer-not-found")
        sealed = await customers.database.fetchval("SELECT encode(words, 'escape') FROM potential LIMIT 1")
        assert "六张床" not in sealed


async def test_it_stands_beside_the_tier_in_the_outlook_and_in_the_preview(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, other = await store(customers), await store(customers)
        for each in (shop, other):
            await bought(customers, each, "2500.00")
        await say(customers, shop, "8000.00")
        await say(customers, shop, "6000.00", 1)
        lower = {"thresholds": {"A": "9000.00", "B": "2000.00", "C": "500.00"}, "starts_on": "2026-12-01"}
        policy = await customers.http.post(f"{BASE}/tier-policies", json=lower)
        assert policy.status_code == 201, policy.text

        preview = await read(customers, f"tier-policies/{policy.json()['id']}/preview")

        assert {each["customer_id"]: (each["to"], each["potential"]) for each in preview["items"]} == {
            str(shop): ("B", "6000.00"), str(other): ("B", None),
        }  # fmt: skip
        outlook = {each["customer_id"]: each["potential"] for each in (await read(customers, "outlook"))["items"]}
        assert outlook == {str(shop): "6000.00", str(other): None}
        assert (await read(customers, f"customers/{shop}/outlook"))["potential"] == "6000.00"


async def test_rising_stars_stand_in_its_order_page_by_page(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shops = [await shop_of(customers, "400.00", "600.00", "800.00") for _ in range(4)]
        for shop, amount in zip(shops, ("3000.00", "9000.00", "3000.00"), strict=False):
            await say(customers, shop, amount)
        await customers.run_loops("customers.signals")
        first, second, third, unsaid = map(str, shops)

        found, cursor = [], None
        while True:
            asked = {"kind": "rising_star", "sort": "potential", "limit": "1"} | ({"cursor": cursor} if cursor else {})
            page = await read(customers, "signals", **asked)
            found += [(each["customer_id"], each["potential"]) for each in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break

        assert found == [(second, "9000.00"), (third, "3000.00"), (first, "3000.00"), (unsaid, None)]
        assert [each["customer_id"] for each in await signals(customers)] == [unsaid, third, second, first]


async def test_it_goes_over_with_a_merge_and_its_reason_with_the_person(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        kept, twice = await store(customers, "王芳", kind="person"), await store(customers, "王方", kind="person")
        await say(customers, kept, "3000.00")
        await say(customers, twice, "4000.00")
        merged = await customers.http.post(f"{BASE}/customers/{twice}/merge", json={"into": str(kept)})
        assert merged.json()["moved"] == {"potential": 1}
        assert (await read(customers, f"customers/{kept}/potential"))["amount"] == "4000.00", "the latest word holds"
        own = await exported(customers, str(kept))
        assert [each["words"] for each in own["potentials"]] == ["六张床，两家分店"] * 2

        gone = await customers.http.post(f"{BASE}/erasures", json={"customer_id": str(kept), "reason": "asked"})

        assert gone.status_code == 202
        said = await read(customers, f"customers/{kept}/potential")
        assert (said["amount"], said["reason"]) == ("4000.00", None)
        assert slug(await say(customers, kept, "1.00", 1)) == (409, "person-erased")
