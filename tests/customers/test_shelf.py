"""Which part of a store's shelf each brand had on a day, and which brands it holds (domain 2.2)."""

import asyncio
from typing import Any
from uuid import UUID

import httpx

from tests.customers.network import BASE, brand, colleague, nobody, region, store
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service


def slug(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("slug", "")


async def seen(customers: OneService, shop: UUID, share: str, **more: Any) -> httpx.Response:
    return await customers.http.post(f"{BASE}/customers/{shop}/shelf", json={"share": share, **more})


async def test_the_shares_of_a_day_are_the_whole_shelf_at_most(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, ours = await store(customers), await brand(customers)
        first = await seen(customers, shop, "0.6", brand_id=str(ours))
        assert (first.status_code, first.json()["share"], first.json()["seen_on"]) == (201, "0.6", "2026-11-04")
        again = await seen(customers, shop, "0.60", brand_id=str(ours))
        assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
        assert slug(await seen(customers, shop, "0.5", brand_id=str(ours))) == (409, "share-seen-already")

        assert slug(await seen(customers, shop, "0.4001", competitor="别家")) == (409, "shelf-overfull")
        assert slug(await seen(customers, shop, "0.4", competitor="别家")) == (201, "")
        assert slug(await seen(customers, shop, "0.5", competitor="别家", seen_on="2026-11-03")) == (201, "")
        assert slug(await seen(customers, shop, "0.4", competitor="别家")) == (200, ""), "it stands already"

        answers = await asyncio.gather(
            *(seen(customers, shop, "0.6", competitor=f"品牌{n}", seen_on="2026-11-02") for n in range(4))
        )
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


async def test_a_competitors_brand_is_one_however_its_name_is_written(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        await seen(customers, shop, "0.4", competitor="Lan Come", seen_on="2026-11-03")
        assert slug(await seen(customers, shop, "0.3", competitor="ＬＡＮ　ＣＯＭＥ")) == (201, "")
        assert slug(await seen(customers, shop, "0.3", competitor="lancome")) == (200, ""), "it stands already"

        brands = (await customers.http.get(f"{BASE}/customers/{shop}/brands")).json()["items"]
        assert [(each["name"], each["share"]) for each in brands] == [("ＬＡＮ　ＣＯＭＥ", "0.3000")]


async def test_what_was_seen_is_listed_and_taken_back(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, ours = await store(customers), await brand(customers)
        for day in ("2026-11-01", "2026-11-03", "2026-11-02"):
            await seen(customers, shop, "0.3", brand_id=str(ours), seen_on=day)
        path = f"{BASE}/customers/{shop}/shelf"
        page = (await customers.http.get(path, params={"limit": 2})).json()
        assert [each["seen_on"] for each in page["items"]] == ["2026-11-03", "2026-11-02"]
        rest = (await customers.http.get(path, params={"limit": 2, "cursor": page["next"]})).json()
        assert [each["seen_on"] for each in rest["items"]] == ["2026-11-01"]

        gone = await customers.http.delete(f"{path}/{page['items'][0]['id']}")

        assert gone.status_code == 204
        assert [each["seen_on"] for each in (await customers.http.get(path)).json()["items"]] == [
            "2026-11-02",
            "2026-11-01",
        ]
        assert slug(await customers.http.delete(f"{path}/{page['items'][0]['id']}")) == (404, "no-such-share")
        audited = await customers.database.fetchval("SELECT count(*) FROM audit_entry WHERE what LIKE 'shelf_share.%'")
        assert audited == 1
        assert slug(await seen(customers, shop, "0.5", brand_id=str(ours), seen_on="2026-11-03")) == (201, "")


async def test_the_brands_of_a_store_are_those_it_holds_and_those_that_were_seen(
    fresh_database: FreshDatabase,
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, held, left = await store(customers), await brand(customers), await brand(customers, grade="high")
        where = await region(customers)
        contract = {"customer_id": str(shop), "brand_id": str(held), "region_id": str(where), "starts_on": "2026-01-01"}
        assert (await customers.http.post(f"{BASE}/contracts", json=contract)).status_code == 201
        await seen(customers, shop, "0.1", brand_id=str(left), seen_on="2026-11-01")
        await seen(customers, shop, "0.2", brand_id=str(left))
        await seen(customers, shop, "0.5", competitor="Sunny", seen_on="2026-11-02")
        await seen(customers, shop, "0.4", competitor="SUNNY")

        found = (await customers.http.get(f"{BASE}/customers/{shop}/brands")).json()["items"]

        assert [(each["brand_id"], each["held"], each["share"], each["seen_on"]) for each in found] == [
            (str(held), True, None, None),
            (None, False, "0.4000", "2026-11-04"),
            (str(left), False, "0.2000", "2026-11-04"),
        ]
        assert found[1]["name"] == "SUNNY"


async def test_what_cannot_be_is_refused(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, ours = await store(customers), await brand(customers)
        both = await seen(customers, shop, "0.1", brand_id=str(ours), competitor="别家")
        assert slug(both) == (422, "invalid")
        for share in ("1.0001", "-0.1", "0.12345"):
            assert slug(await seen(customers, shop, share, brand_id=str(ours))) == (422, "invalid"), share
        assert slug(await seen(customers, shop, "0.1")) == (422, "invalid")
        assert slug(await seen(customers, shop, "0.1", brand_id=str(nobody()))) == (422, "unknown-brand")
        ahead = await seen(customers, shop, "0.1", competitor="别家", seen_on="2026-11-05")
        assert slug(ahead) == (422, "shelf-date-refused")
        assert slug(await seen(customers, nobody(), "0.1", competitor="别家")) == (404, "customer-not-found")
        stranger = bearer("salesperson", await colleague(customers))
        for path in ("shelf", "brands"):
            answer = await customers.http.get(f"{BASE}/customers/{shop}/{path}", headers=stranger)
            assert slug(answer) == (404, "customer-not-found")
