"""Who knows whom: relations between the people of stores (domain 2.1)."""

from typing import Any
from uuid import UUID

import httpx

from tests.customers.network import BASE, colleague, nobody, slug, store
from tests.customers.test_people import person
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service


def relations_of(shop: UUID, one: str) -> str:
    return f"{BASE}/customers/{shop}/people/{one}/relations"


async def relate(customers: OneService, shop: UUID, one: str, kind: str, to: str) -> httpx.Response:
    return await customers.http.post(relations_of(shop, one), json={"kind": kind, "to_id": to})


async def seen_from(customers: OneService, shop: UUID, one: str, **asked: Any) -> list[tuple[str, str, str]]:
    items = (await customers.http.get(relations_of(shop, one), **asked)).json()["items"]
    return [(each["kind"], each["way"], each["name"]) for each in items]


async def test_a_relation_is_seen_from_both_sides(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        first, second = await store(customers, "一店"), await store(customers, "二店")
        wang = await person(customers, first, name="王美丽")
        li = await person(customers, second, name="李静")
        assert (await relate(customers, first, wang, "refers", li)).status_code == 201
        assert (await relate(customers, second, li, "knows", wang)).status_code == 201

        assert await seen_from(customers, first, wang) == [("refers", "to", "李静"), ("knows", "mutual", "李静")]
        assert await seen_from(customers, second, li) == [("refers", "from", "王美丽"), ("knows", "mutual", "王美丽")]
        assert slug(await relate(customers, first, wang, "knows", li)) == (409, "relation-stands")
        back = await relate(customers, second, li, "refers", wang)
        assert back.status_code == 201, "each may have referred the other"
        gone = f"{relations_of(first, wang)}/{back.json()['id']}"
        assert (await customers.http.delete(gone)).status_code == 204
        assert slug(await customers.http.delete(gone)) == (404, "relation-not-found")

        seller = await colleague(customers)
        await customers.http.put(f"{BASE}/customers/{first}/team", json={"salesperson": str(seller)})
        mine = bearer("salesperson", seller)
        assert await seen_from(customers, first, wang, headers=mine) == [], "of a store that the seller does not see"
        unseen = await customers.http.post(
            relations_of(first, wang), json={"kind": "family", "to_id": li}, headers=mine
        )
        assert slug(unseen) == (422, "unknown-person")
        assert (await customers.http.delete(f"{BASE}/customers/{second}/people/{li}")).status_code == 204
        assert await seen_from(customers, first, wang) == []


async def test_what_cannot_be_is_refused(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        wang, li = await person(customers, shop), await person(customers, shop, name="李静")
        assert slug(await relate(customers, shop, wang, "knows", wang)) == (422, "relation-with-oneself")
        assert slug(await relate(customers, shop, wang, "decides_for", wang)) == (422, "relation-with-oneself")
        assert (await relate(customers, shop, li, "reports_to", wang)).status_code == 201
        assert slug(await relate(customers, shop, wang, "reports_to", li)) == (409, "relation-ring")
        assert slug(await relate(customers, shop, wang, "adores", li)) == (422, "unknown-relation-kind")
        assert slug(await relate(customers, shop, wang, "knows", str(nobody()))) == (422, "unknown-person")
        assert slug(await relate(customers, shop, str(nobody()), "knows", li)) == (404, "person-not-found")
        assert slug(await relate(customers, nobody(), wang, "knows", li)) == (404, "customer-not-found")


async def test_kinds_are_a_table_that_grows(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        path = f"{BASE}/relation-kinds"
        kind = {"code": "classmates", "name_en": "went to school with", "name_zh": "同学", "mutual": True}
        assert (await customers.http.post(path, json=kind)).json() == {**kind, "active": True}
        assert slug(await customers.http.post(path, json=kind)) == (409, "relation-kind-taken")
        refused = await customers.http.post(path, json=kind, headers=bearer("salesperson", nobody()))
        assert slug(refused) == (403, "forbidden")
        listed = {each["code"]: each["name_zh"] for each in (await customers.http.get(path)).json()["items"]}
        assert {
            "knows": "认识",
            "family": "亲属",
            "decides_for": "代为决定",
            "classmates": "同学",
        }.items() <= listed.items()
        shop = await store(customers)
        wang, li = await person(customers, shop), await person(customers, shop, name="李静")
        assert (await relate(customers, shop, wang, "classmates", li)).status_code == 201
