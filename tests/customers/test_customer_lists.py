"""Lists of customers: by whom they are narrowed, in which order they stand, and what a page costs."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import product
from typing import Any, Final
from uuid import UUID

import pytest

from services.customers.archive import queries
from services.customers.archive.domain import Sort
from services.customers.archive.store import pages
from shared.statement import Statement
from tests.customers.network import BASE, bought, colleague, made, region, slug, store
from tests.customers.test_dates import enter
from tests.customers.test_early_warnings import come_to, with_a_rhythm
from tests.customers.test_exports import rows
from tests.customers.test_lifecycle import FIFTHS, noon
from tests.customers.test_people import person
from tests.customers.test_relations import relate
from tests.customers.test_segments import paid
from tests.customers.test_worth import profile
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

SEGMENTS: Final = {
    "loyalty": ("high", "low"),
    "credit": ("high", "low"),
    "size": ("large", "small"),
    "value": ("top", "next", "rest"),
}


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

        async def turned(sort: Sort, direction: str) -> str:
            return "".join(name[0] for name in await listed(customers, limit, sort=sort, direction=direction))

        turns: list[tuple[Sort, str, str]] = [
            ("registered", "down", "王乙丁甲丙"),
            ("name", "down", "乙甲丁丙" + "王"),
            ("tier", "down", "王乙丁丙甲"),
            ("last_purchase", "up", "丁丙甲乙" + "王"),
            ("month_sum", "up", "乙丙甲" + "丁王"),
            ("updated", "up", "丁丙" + "甲乙王"),
        ]
        for sort, other, expected in turns:
            assert await turned(sort, other) == expected, sort
            assert await turned(sort, "up" if other == "down" else "down") == await order(sort), sort


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
        sorts: Iterable[Sort] = pages.SORTS

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

        for params, expected in (
            ({"region_id": str(east)}, "乙甲"),
            ({"served_by": str(seller), "region_id": str(east)}, "乙"),
            ({"owner_id": owner}, "丁"),
            ({"kind": "person"}, "王"),
            ({"bought_since": (now - 9 * day).isoformat(), "kind": "store"}, "丁甲"),
        ):
            file = await rows(customers, "customers.csv", **params)
            assert "".join(sorted(each["name"][0] for each in file)) == expected, params
        assert slug(await customers.http.get(f"{BASE}/exports/customers.csv", params=both))[0] == 422


async def total(customers: OneService, **asked: Any) -> Any:
    headers = asked.pop("headers", None)
    answer = await customers.http.get(f"{BASE}/customers", params={**asked, "limit": 1}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["total"]


async def test_a_total_is_exact_up_to_a_bound_and_then_says_that_there_are_more(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        each = await five(customers)
        seller = await colleague(customers)
        await customers.http.put(f"{BASE}/customers/{each['乙']}/team", json={"salesperson": str(seller)})
        phone = await store(customers, "有电话", phones=["13800138000"])
        tagged = await customers.http.post(f"{BASE}/customers/{phone}/tags", json={"tag": "近"})
        assert tagged.status_code == 200, tagged.text

        assert await total(customers) is None, "nobody waits for what was not asked for"
        assert await total(customers, count="true") == {"count": 6, "more": False}
        assert await total(customers, count="true", q="美容") == {"count": 4, "more": False}
        assert await total(customers, count="true", q="王小明", kind="person") == {"count": 1, "more": False}
        assert await total(customers, count="true", tag="近", sort="name") == {"count": 1, "more": False}
        assert await total(customers, count="true", tag="远") == {"count": 0, "more": False}
        assert await total(customers, count="true", headers=bearer("salesperson", seller)) == {
            "count": 1,
            "more": False,
        }
        assert await total(customers, count="true", q="13800138000") is None, "looking a phone up is entered, once"
        monkeypatch.setattr(queries, "COUNTED", 5)
        assert await total(customers, count="true") == {"count": 5, "more": True}
        monkeypatch.setattr(queries, "COUNTED", 6)
        assert await total(customers, count="true") == {"count": 6, "more": False}


def told_of(profiles: Sequence[dict[str, Any]]) -> list[tuple[str, str, list[str]]]:
    """Each filter, its value, and the names of those whose profile says so."""
    said = {
        each["name"]: {
            **{name: each["segments"][name] for name in SEGMENTS},
            "stage": each["stage"],
            "warned": "false" if each["warning"] is None else "true",
        }
        for each in profiles
    }
    asked = {**SEGMENTS, "stage": ("potential", "decline"), "warned": ("true", "false")}
    cases = [
        (name, value, sorted(who for who, of in said.items() if of[name] == value))
        for name, values in asked.items()
        for value in values
    ]
    since = ("2026-09-22T04:00:00Z", "2026-09-23T04:00:00Z")
    updated = [(moment, sorted(p["name"] for p in profiles if p["updated_at"] >= moment)) for moment in since]
    return [*cases, *(("updated_since", *each) for each in updated)]


async def test_lists_and_files_are_narrowed_by_what_profiles_say(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Segments, place in the pyramid, stage, open warnings, changes: in every order, both ways, and as a file; found
    first where they are few, met in turn where they are many."""
    async with one_service(fresh_database, "customers", start=noon(FIFTHS[0])) as customers:
        warned, punctual = await with_a_rhythm(customers), await store(customers, "准时")
        await come_to(customers, date(2026, 9, 20))
        for number in range(3):
            await paid(customers, warned, number, None)
        await paid(customers, punctual, 7, 0)
        for day in (21, 22):
            await come_to(customers, date(2026, 9, day))
        unjudged, address = await store(customers, "新店"), {"address": "人民路"}
        await customers.http.patch(f"{BASE}/customers/{punctual}", json=address, headers={"If-Match": "*"})
        cases = told_of([await profile(customers, shop) for shop in (warned, punctual, unjudged)])
        telling = {name for name, _, names in cases if 0 < len(names) < 3}
        assert telling == {*SEGMENTS, "stage", "warned", "updated_since"}, "each tells some from the others"

        for (direction, few), sort in product((("up", 5_000), ("down", 0)), ("registered", "name", "updated")):
            monkeypatch.setattr(pages, "FEW", few)
            for name, value, names in cases:
                found = await listed(customers, 2, sort=sort, direction=direction, **{name: value})
                assert sorted(found) == names, (name, value, sort, direction)
        for name, value, names in cases:
            assert await total(customers, count="true", **{name: value}) == {"count": len(names), "more": False}
            if value in {"low", "small", "rest", "true", "false"}:
                file = await rows(customers, "customers.csv", **{name: value})
                assert sorted(each["name"] for each in file) == names, (name, value)
        assert await listed(customers, loyalty="low", q="新店") == ["新店"]


async def test_partners_narrow_by_nothing_that_they_are_not_shown(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await store(customers, "新店")
        hidden = {name: levels[0] for name, levels in SEGMENTS.items()} | {"warned": "false", "tag": "近"}
        for name, value in hidden.items():
            answer = await customers.http.get(f"{BASE}/customers", params={name: value}, headers=bearer("partner"))
            assert slug(answer) == (403, "filter-not-shown"), name
        assert await listed(customers, tier="D", stage="potential", headers=bearer("partner")) != []
