"""Lists of customers: by whom they are narrowed, in which order they stand, and what a page costs."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.customers.archive.domain import Sort
from services.customers.archive.store import pages
from shared.statement import Statement
from tests.customers.network import BASE, bought, colleague, made, region, slug, store
from tests.customers.test_dates import enter
from tests.customers.test_people import person
from tests.customers.test_relations import relate
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service


async def listed(customers: OneService, limit: int = 50, **asked: Any) -> list[str]:
    """The names of all that a list has, page by page."""
    headers = asked.pop("headers", None)
    names, cursor = list[str](), None
    while True:
        params = {**asked, "limit": limit, **({"cursor": cursor} if cursor else {})}
        answer = await customers.http.get(f"{BASE}/customers", params=params, headers=headers)
        assert answer.status_code == 200, answer.text
        names += [each["name"] for each in answer.json()["items"]]
        cursor = answer.json()["next"]
        if cursor is None:
            return names


async def five(customers: OneService) -> dict[str, UUID]:
    """Four stores and a person; in the order of their registration 丙 甲 丁 乙 王小明."""
    found = {name: await store(customers, f"{name}美容院") for name in "丙甲丁乙"}
    person = await made(customers, "customers", {"name": "王小明", "kind": "person"})
    await customers.run_loops("customers.finding")
    return {**found, "王": UUID(person["id"])}


@pytest.mark.parametrize("limit", [1, 2, 50])
async def test_every_order_holds_over_pages_of_any_size(fresh_database: FreshDatabase, limit: int) -> None:
    """By name as it sounds: bing, ding, jia, yi; who has no key to go by comes last, by registration."""
    async with one_service(fresh_database, "customers") as customers:
        each, now, day = await five(customers), customers.clock.now(), timedelta(days=1)
        for name, amount, days in (("甲", "3000.00", 2), ("乙", "5.00", 1), ("丁", "9000.00", 40), ("丙", "700.00", 3)):
            await bought(customers, each[name], amount, now - days * day)
        for name in "丁丙":
            customers.clock.forward(day)
            version = {"If-Match": "*"}
            await customers.http.patch(f"{BASE}/customers/{each[name]}", json={"address": "人民路"}, headers=version)

        async def order(sort: Sort) -> str:
            return "".join(name[0] for name in await listed(customers, limit, sort=sort))

        assert await order("registered") == "丙甲丁乙王"
        assert await order("name") == "丙丁甲乙王"
        assert await order("tier") == "甲丙丁乙王", "丁 bought in October, 丙 too little"
        assert await order("last_purchase") == "乙甲丙丁王"
        assert await order("month_sum") == "甲丙乙" + "丁王"
        assert await order("updated") == "丙丁" + "甲乙王"


async def test_a_size_of_page_has_one_statement(fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many of its customers have no key to go by."""
    sizes, limited = set[int](), Statement.limited

    def noted(statement: Statement[Any], most: int) -> Statement[Any]:
        sizes.add(most)
        return limited(statement, most)

    monkeypatch.setattr(Statement, "limited", noted)
    async with one_service(fresh_database, "customers") as customers:
        each = await five(customers)
        for name in each:
            await bought(customers, each[name], "5.00")
            for limit in (2, 50):
                assert len(await listed(customers, limit, sort="last_purchase")) == len(each)
    assert sizes == {3, 51}, "the last tells only that there are more"


async def test_a_list_says_when_somebody_bought_and_was_changed_last(fresh_database: FreshDatabase) -> None:
    """Returns, undone entries and later changes count at once, whoever writes them."""
    async with one_service(fresh_database, "customers") as customers:
        shop, now, day = await store(customers, "大店"), customers.clock.now(), timedelta(days=1)

        async def shown() -> tuple[str | None, str | None, str | None, str]:
            [item] = (await customers.http.get(f"{BASE}/customers", params={"sort": "month_sum"})).json()["items"]
            return item["last_purchase_at"], item["bought_month"], item["bought_sum"], item["updated_at"]

        start = "2026-11-04T01:00:00Z"
        assert await shown() == (None, None, None, start)
        await bought(customers, shop, "100.00", now - 20 * day)
        first = await bought(customers, shop, "50.00", now - day)
        assert await shown() == ("2026-11-03T01:00:00Z", "2026-11", "50.00", start)
        await made(customers, f"purchases/{first}/returns", {"amount": "20.00"})
        assert await shown() == ("2026-11-03T01:00:00Z", "2026-11", "30.00", start)
        second = await bought(customers, shop, "70.00")
        assert await shown() == (start, "2026-11", "100.00", start)
        await made(customers, f"purchases/{second}/reversal", {"reason": "it was the other store"})
        assert await shown() == ("2026-11-03T01:00:00Z", "2026-11", "30.00", start)
        customers.clock.forward(day)
        body = {"salesperson": str(await colleague(customers))}
        await customers.http.put(f"{BASE}/customers/{shop}/team", json=body)
        assert (await shown())[3] == "2026-11-05T01:00:00Z"
        customers.clock.forward(day)
        wang, li = await person(customers, shop), await person(customers, shop, name="李静")
        assert (await shown())[3] == "2026-11-06T01:00:00Z", "people"
        customers.clock.forward(day)
        assert (await enter(customers, shop, person_id=wang)).status_code == 201
        assert (await shown())[3] == "2026-11-07T01:00:00Z", "their dates"
        customers.clock.forward(day)
        assert (await relate(customers, shop, wang, "knows", li)).status_code == 201
        assert (await shown())[3] == "2026-11-08T01:00:00Z", "whom they know"


async def test_a_list_is_narrowed_by_each_filter_in_any_order(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        each, now, day = await five(customers), customers.clock.now(), timedelta(days=1)
        east = await region(customers)
        inside = (await made(customers, "regions", {"name": "鹿城", "parent_id": str(east)}))["id"]
        for name, where in (("甲", str(east)), ("乙", inside)):
            patch = {"region_id": where}
            await customers.http.patch(f"{BASE}/customers/{each[name]}", json=patch, headers={"If-Match": "*"})
        seller = await colleague(customers)
        for name in "丙乙":
            await customers.http.put(f"{BASE}/customers/{each[name]}/team", json={"salesperson": str(seller)})
        owner = (await made(customers, "owners", {"name": "陈丽华"}))["id"]
        await made(customers, f"customers/{each['丁']}/ownership", {"owner_id": owner})
        await bought(customers, each["甲"], "10000.00", now - 2 * day)
        await bought(customers, each["丁"], "10.00", now - 9 * day)
        sorts: Iterable[Sort] = ("registered", *pages.SORTS)

        for sort in sorts:
            for asked, expected in (
                ({"region_id": str(east)}, "乙甲"),
                ({"region_id": inside}, "乙"),
                ({"kind": "person"}, "王"),
                ({"kind": "store"}, "丁丙乙甲"),
                ({"tier": "A"}, "甲"),
                ({"owner_id": owner}, "丁"),
                ({"served_by": str(seller)}, "丙乙"),
                ({"bought_since": (now - 5 * day).isoformat()}, "甲"),
                ({"bought_since": (now - 9 * day).isoformat(), "kind": "store"}, "丁甲"),
                ({"served_by": str(seller), "region_id": str(east)}, "乙"),
                ({"q": "美容"}, "丁丙乙甲"),
                ({"q": "jia"}, "甲"),
                ({"q": "王小明"}, "王"),
                ({"q": "美容", "tier": "A"}, "甲"),
            ):
                found = await listed(customers, 2, sort=sort, **asked)
                assert "".join(sorted(name[0] for name in found)) == expected, (sort, asked)
            mine = await listed(customers, sort=sort, mine="true", headers=bearer("salesperson", seller))
            assert sorted(name[0] for name in mine) == ["丙", "乙"]
            seen = await listed(customers, sort=sort, headers=bearer("salesperson", seller))
            assert sorted(name[0] for name in seen) == ["丙", "乙"]
        both = {"mine": "true", "served_by": str(seller)}
        assert slug(await customers.http.get(f"{BASE}/customers", params=both)) == (422, "filters-contradict")
        assert slug(await customers.http.get(f"{BASE}/customers", params={"sort": "phone"})) == (422, "invalid")
