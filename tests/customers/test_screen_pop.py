"""A call comes in: who it is, in one request (domain 2.8)."""

from tests.customers.network import BASE, bought, colleague, slug, store
from tests.postgres import FreshDatabase
from tests.support import one_service


async def test_a_call_shows_who_it_is(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await store(customers, "小店", phones=["13800138000"])
        shop = await store(customers, "大店", phones=["+86 138-0013-8000"])
        seller = await colleague(customers)
        await customers.http.put(f"{BASE}/customers/{shop}/team", json={"salesperson": str(seller)})
        for amount in ("10000.00", "1.00"):
            await bought(customers, shop, amount)

        pop = (await customers.http.get(f"{BASE}/screen-pop", params={"phone": "138 0013 8000"})).json()

        assert (pop["id"], pop["name"], pop["tier"]) == (str(shop), "大店", "A")
        assert pop["team"] == {"salesperson": {"id": str(seller), "name": "孙浩"}}
        assert [purchase["amount"] for purchase in pop["purchases"]] == ["1.00", "10000.00"]
        assert [other["name"] for other in pop["others"]] == ["小店"]


async def test_an_unknown_caller_is_said_to_be_unknown(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        unknown = await customers.http.get(f"{BASE}/screen-pop", params={"phone": "13900000000"})
        nonsense = await customers.http.get(f"{BASE}/screen-pop", params={"phone": "hello"})

        assert slug(unknown) == (404, "unknown-caller")
        assert nonsense.status_code == 422
