"""How complete archives are, kept with each change; by whom they are kept; which want cleaning up (domain 2.1)."""

import random
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.customers.completeness import handlers
from services.customers.screening import queries as screening
from services.customers.standing.domain import FIELDS, PARTS, Part, bits_of, figures
from services.customers.standing.store import FIGURES
from shared.contracts.care import TouchDone
from shared.ids import new_id
from tests.customers.importing import csv_of, imported
from tests.customers.network import BASE, bought, colleague, made, region, store
from tests.customers.test_people import person
from tests.postgres import FreshDatabase
from tests.support import START, OneService, bearer, one_service

PHONE = "+8613800135889"
FULL: dict[str, Any] = {
    "phones": [PHONE],
    "address": "鹿城区百里路一号",
    "external_no": "S-1",
    "emails": ["a@example.com"],
}
PARTS_OF_IT = ("basic", "traits", "relations", "finance", "total")


async def complete(customers: OneService, customer: UUID) -> dict[str, Any]:
    answer = await customers.http.get(f"{BASE}/customers/{customer}")
    standing: dict[str, Any] = answer.json()["completeness"]
    return standing


async def figures_of(customers: OneService, customer: UUID) -> tuple[int, ...]:
    standing = await complete(customers, customer)
    return tuple(standing[part] for part in PARTS_OF_IT)


async def patched(customers: OneService, path: str, body: dict[str, Any]) -> httpx.Response:
    answer = await customers.http.patch(f"{BASE}/{path}", json=body, headers={"If-Match": "*"})
    assert answer.status_code == 200, answer.text
    return answer


async def listed(customers: OneService, path: str, headers: dict[str, str] | None = None, **asked: Any) -> list[Any]:
    """Every item of a list, page by page."""
    items: list[Any] = []
    cursor: str | None = None
    while True:
        params = {**asked, **({"cursor": cursor} if cursor else {})}
        answer = await customers.http.get(f"{BASE}/{path}", params=params, headers=headers or {})
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        if (cursor := answer.json()["next"]) is None:
            return items


async def everything_of(customers: OneService) -> UUID:
    """A store of which everything is known."""
    shop = await store(customers, **FULL, region_id=str(await region(customers)), opened_on="2015-05-01")
    await patched(
        customers,
        f"customers/{shop}/traits",
        {
            "size_m2": "80", "staff_count": 4, "funds": "50000.00", "shelf_share": "20",
            "preferences": "上午来访", "needs": "培训",
        },
    )  # fmt: skip
    owner = (await made(customers, "owners", {"name": "王老板"}))["id"]
    await made(customers, f"customers/{shop}/ownership", {"owner_id": owner})
    await made(
        customers, f"customers/{shop}/people", {"name": "李店长", "job": "manager", "decides": True, "pays": True}
    )
    await made(customers, f"customers/{shop}/dates", {"occasion": "opening", "month": 5, "day": 1})
    await customers.http.put(f"{BASE}/customers/{shop}/credit-limit", json={"amount": "5000.00"})
    told = {"customer_id": str(shop), "invoice_no": "FP-1", "due_on": "2026-11-30", "amount": "100.00"}
    await made(customers, "payments", told)
    return shop


async def test_each_part_moves_with_what_is_written(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        registered = await made(customers, "customers", {"name": "美丽人生美容院"})
        shop = UUID(registered["id"])
        assert registered["completeness"] == await complete(customers, shop)
        assert await figures_of(customers, shop) == (25, 0, 0, 0, 10)
        assert (await complete(customers, shop))["missing"][:3] == ["phones", "address", "region_id"]

        answered = await patched(customers, f"customers/{shop}", FULL)
        assert answered.json()["completeness"] == await complete(customers, shop)
        assert await figures_of(customers, shop) == (80, 0, 0, 0, 32)
        await patched(customers, f"customers/{shop}", {"opened_on": "2015-05-01", "phones": []})
        assert await figures_of(customers, shop) == (55, 20, 0, 0, 26)
        await patched(customers, f"customers/{shop}/traits", {"size_m2": "80", "needs": "培训"})
        assert await figures_of(customers, shop) == (55, 50, 0, 0, 32)
        await patched(customers, f"customers/{shop}/traits", {"needs": None})
        assert await figures_of(customers, shop) == (55, 40, 0, 0, 30)
        who = await made(customers, f"customers/{shop}/people", {"name": "李", "job": "manager", "decides": True})
        assert await figures_of(customers, shop) == (55, 40, 45, 0, 39)
        await customers.http.delete(f"{BASE}/customers/{shop}/people/{who['id']}")
        told = {"customer_id": str(shop), "invoice_no": "FP-1", "due_on": "2026-11-30", "amount": "100.00"}
        payment = await made(customers, "payments", told)
        assert await figures_of(customers, shop) == (55, 40, 0, 50, 40)
        await patched(customers, f"payments/{payment['id']}", {"withdrawn": True})
        assert await figures_of(customers, shop) == (55, 40, 0, 0, 30)


async def test_what_is_kept_is_what_judging_anew_finds(fresh_database: FreshDatabase) -> None:
    """Also for customers of an older release, who have no row at all."""
    async with one_service(fresh_database, "customers") as customers:
        shop, bare = await everything_of(customers), await store(customers, "别家")
        person = await made(customers, "customers", {"name": "王小明", "kind": "person", "birthday": "1990-02-03"})
        ids = [shop, bare, UUID(person["id"])]
        before = [await complete(customers, each) for each in ids]
        assert (before[0]["total"], before[0]["missing"]) == (100, [])
        assert before[2]["relations"] == 60

        await customers.database.execute("DELETE FROM archive_standing WHERE customer_id = $1", bare)
        await customers.database.execute("UPDATE archive_standing SET version = 0, bits = 0, total = 0, basic = 0")
        assert await complete(customers, bare) is None
        await customers.run_loops("customers.completeness")

        assert [await complete(customers, each) for each in ids] == before
        assert await customers.run_loops("customers.completeness") == 0


async def test_who_is_registered_late_by_an_older_process_is_judged(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its id was made before those of others, and committed after them; older releases keep no standing."""
    async with one_service(fresh_database, "customers") as customers:
        late, last = await store(customers), await store(customers, "别家")
        before = await complete(customers, late)
        await customers.run_loops("customers.completeness")

        await customers.database.execute("DELETE FROM archive_standing WHERE customer_id = $1", late)
        await customers.run_loops("customers.completeness")
        assert await complete(customers, late) == before

        monkeypatch.setattr(handlers, "LATE", timedelta())
        await customers.run_loops("customers.completeness")
        assert await customers.database.fetchval("SELECT customer_id FROM archive_standing_reached") == last


async def test_a_store_that_an_import_named_by_its_number_has_no_name_yet(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await imported(customers, csv_of([("K-7", "2026-11-01", "10.00")]), create_customers=True)
        [shop] = (await customers.http.get(f"{BASE}/customers")).json()["items"]
        assert (shop["completeness"]["basic"], shop["completeness"]["missing"][0]) == (5, "name")


async def test_it_is_reported_by_who_keeps_the_archives(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        market = (await made(customers, "departments", {"name": "市场部"}))["id"]
        boss = await colleague(customers, "sales_manager", name="赵", department_id=market)
        li = await colleague(customers, name="李", department_id=market, supervisor_id=str(boss))
        sun = await colleague(customers, "beauty_mentor", name="孙", department_id=market)
        await colleague(customers, name="闲")
        full, bare = await store(customers, **FULL), await store(customers, "别家")
        await customers.http.put(
            f"{BASE}/customers/{full}/team", json={"salesperson": str(li), "beauty_mentor": str(sun)}
        )
        await customers.http.put(f"{BASE}/customers/{bare}/team", json={"salesperson": str(li)})
        own = await customers.http.post(
            f"{BASE}/customers", json={"name": "新店"}, headers=bearer("beauty_mentor", sun)
        )
        assert own.status_code == 201

        kept = {each["name"]: each for each in await listed(customers, "completeness", below=20, limit=2)}
        assert {name: (each["customers"], each["total"], each["below"]) for name, each in kept.items()} == {
            "赵": (0, None, 0),
            "李": (2, "21.0", 1),
            "孙": (2, "21.0", 1),
            "闲": (0, None, 0),
        }, "who has registered a customer keeps it until a team is seated"
        [department] = await listed(customers, "completeness", by="department", below=20)
        assert (department["id"], department["customers"], department["total"]) == (market, 3, "17.3")
        seen = await listed(customers, "completeness", bearer("sales_manager", boss))
        assert [each["name"] for each in seen] == ["赵", "李"]
        [seen] = await listed(customers, "completeness", bearer("sales_manager", boss), by="department")
        assert (seen["customers"], seen["total"]) == (2, "21.0"), "through whom they see"


async def test_incomplete_archives_are_listed_the_least_complete_first(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        li = await colleague(customers)
        full, bare = await store(customers, **FULL), await store(customers, "别家")
        half = await store(customers, "第三家", phones=[PHONE])
        await customers.http.put(f"{BASE}/customers/{full}/team", json={"salesperson": str(li)})

        found = await listed(customers, "screening/incomplete", limit=1)
        assert [each["customer_id"] for each in found] == [str(bare), str(half), str(full)]
        assert found[1]["completeness"]["missing"][0] == "address"
        assert [each["region_name"] for each in found[:2]] == [None, None]
        assert len(await listed(customers, "screening/incomplete", below=32)) == 2
        mine = await listed(customers, "screening/incomplete", bearer("salesperson", li))
        assert [each["customer_id"] for each in mine] == [str(full)]


async def test_stale_is_by_tier_and_a_touch_or_a_change_ends_it(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        vip, plain, other = await store(customers), await store(customers, "别家"), await store(customers, "第三家")
        await bought(customers, vip, "10000.00")

        async def stale(**asked: Any) -> list[str]:
            return [each["customer_id"] for each in await listed(customers, "screening/stale", **asked)]

        customers.clock.move_to(START + timedelta(days=30) - timedelta(seconds=1))
        assert await stale() == []
        customers.clock.move_to(START + timedelta(days=30))
        assert await stale() == [str(vip)] == await stale(tier="A")
        touched = START + timedelta(days=29)
        await customers.given(done(vip, touched))
        assert await stale() == []
        customers.clock.move_to(START + timedelta(days=59))
        [found] = await listed(customers, "screening/stale")
        assert (found["customer_id"], found["active_at"]) == (str(vip), "2026-12-03T01:00:00Z")
        assert found["stale_since"] == "2027-01-02T01:00:00Z"

        customers.clock.move_to(START + timedelta(days=179))
        await patched(customers, f"customers/{plain}", {"name": "新名"})
        customers.clock.move_to(START + timedelta(days=180))
        assert await stale(limit=1) == [str(other), str(vip)], "the longest first"
        assert await stale(tier="D") == [str(other)]
        await person(customers, other)
        assert await stale(tier="D") == [], "who is in a store is of its archive"
        with monkeypatch.context() as bounded:
            bounded.setattr(screening, "AT_ONCE", 1)
            assert await stale(tier="A") == [str(vip)], "looked at one by one"
            bounded.setattr(screening, "TIMES", 1)
            assert await stale(tier="A") == [str(vip)], "on a page of its own, behind an empty one"
        li = await colleague(customers)
        await customers.http.put(f"{BASE}/customers/{vip}/team", json={"salesperson": str(li)})
        customers.clock.move_to(START + timedelta(days=400))
        mine = await listed(customers, "screening/stale", bearer("salesperson", li))
        assert [each["customer_id"] for each in mine] == [str(vip)]


def done(customer: UUID, at: Any) -> TouchDone:
    """A visit that was made."""
    return TouchDone(
        customer_id=customer, task_id=new_id(), kind="visit", role="salesperson", contact="visit",
        assignee_id=new_id(), at=at, minutes=30, recorded_late=False,
    )  # fmt: skip


async def test_sql_and_the_domain_come_to_the_same_figures(fresh_database: FreshDatabase) -> None:
    chance = random.Random(17)
    many = [chance.getrandbits(len(FIELDS) + 1) for _ in range(300)]
    async with one_service(fresh_database, "customers") as customers:
        rows = await customers.database.fetch(
            f"SELECT b.bits, f.* FROM unnest($1::integer[]) AS b(bits), {FIGURES}", many
        )
    for row in rows:
        said = figures(row["bits"])
        assert tuple(row[part] for part in PARTS_OF_IT) == tuple(getattr(said, part) for part in PARTS_OF_IT)


def test_every_part_comes_to_a_hundred() -> None:
    for part in Part:
        assert sum(field.of_store for field in FIELDS if field.part is part) == 100, part
        assert sum(field.of_person for field in FIELDS if field.part is part) == 100, part
    assert sum(PARTS.values()) == 100
    assert figures(bits_of([field.name for field in FIELDS])).total == 100
    assert figures(bits_of([field.name for field in FIELDS], "person")).missing == ()
