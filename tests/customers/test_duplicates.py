"""Customers who may be one: found by phone, sound of the name, and address; judged, they stay away (domain 2.1)."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from services.customers.archive.domain import Profile
from services.customers.duplicates.domain import (
    SHARED_BY_MANY,
    DuplicateReason,
    Holder,
    crossed,
    folded_address,
    keys_of,
)
from tests.customers.importing import csv_of, imported
from tests.customers.network import BASE, colleague, made, nobody, region, slug, somebody_waits, store
from tests.eventually import eventually
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

PHONE, ADDRESS = "+8613800135889", "浙江省温州市鹿城区百里路 1 号"


async def pairs(customers: OneService, **headers: str) -> list[tuple[str, str, list[str]]]:
    """Both and what they have in common, after the worker had its turn."""
    await customers.run_loops("customers.duplicates")
    items = (await customers.http.get(f"{BASE}/screening/duplicates", headers=headers)).json()["items"]
    return [(each["one"]["customer_id"], each["other"]["customer_id"], each["reasons"]) for each in items]


async def change(customers: OneService, customer: UUID, **said: Any) -> None:
    answer = await customers.http.patch(f"{BASE}/customers/{customer}", json=said, headers={"If-Match": "*"})
    assert answer.status_code == 200, answer.text


async def test_what_two_have_in_common_is_found_and_goes_with_it(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        one = await store(customers, "美丽人生", phones=[PHONE], address=ADDRESS)
        two = await store(customers, "靓点", phones=[f"{PHONE};ext=12"], address="浙江省温州市鹿城区，百里路１号")
        three = await store(customers, "魅力人生")
        person = UUID(
            (await made(customers, "customers", {"name": "美丽人生", "kind": "person", "phones": [PHONE]}))["id"]
        )
        assert sorted(await pairs(customers)) == sorted(
            [
                (str(one), str(two), ["address", "phone"]),
                (str(one), str(three), ["name"]),
                (str(one), str(person), ["phone"]),
                (str(two), str(person), ["phone"]),
            ]
        ), "a person's name is common to many"

        await change(customers, one, phones=[], name="新名")
        assert sorted(await pairs(customers)) == sorted(
            [(str(one), str(two), ["address"]), (str(two), str(person), ["phone"])]
        )


async def test_names_that_sound_alike_count_where_the_regions_allow(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        east, south = str(await region(customers)), str(await region(customers, "华南"))
        one = await store(customers, "重庆春天", region_id=east)
        await store(customers, "重庆春天", region_id=south)
        assert await pairs(customers) == []
        three = await store(customers, "重庆春田", region_id=east)
        assert await pairs(customers) == [(str(one), str(three), ["name"])]
        street = str((await made(customers, "regions", {"name": "百里路", "parent_id": east}))["id"])
        within = await store(customers, "重庆春天", region_id=street)
        assert {pair[0] for pair in await pairs(customers) if str(within) in pair} == {str(one), str(three)}, (
            "a street is in its district"
        )
        anywhere = await store(customers, "重庆春天")
        assert {
            (first, reasons[0]) for first, second, reasons in await pairs(customers) if second == str(anywhere)
        } >= {
            (str(one), "name"),
            (str(three), "name"),
        }


async def test_a_pair_that_was_judged_stays_away(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        one, two = await store(customers, "甲店", phones=[PHONE]), await store(customers, "乙店", phones=[PHONE])
        assert len(await pairs(customers)) == 1
        [found] = (await customers.http.get(f"{BASE}/screening/duplicates")).json()["items"]
        path = f"{BASE}/screening/duplicates/{found['id']}/not-the-same"

        for _ in range(2):
            assert (await customers.http.post(path)).status_code == 200
        assert await pairs(customers) == []
        await change(customers, two, address=ADDRESS)
        await change(customers, one, address=ADDRESS)
        assert await pairs(customers) == [], "whatever else they have in common later"
        what = {"what": "duplicate.not_the_same"}
        assert len((await customers.http.get(f"{BASE}/audit", params=what)).json()["items"]) == 1
        unknown = f"{BASE}/screening/duplicates/{nobody()}/not-the-same"
        assert slug(await customers.http.post(unknown)) == (404, "duplicate-not-found")


async def test_a_pair_is_seen_by_who_sees_both(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        one, two = await store(customers, "甲店", phones=[PHONE]), await store(customers, "乙店", phones=[PHONE])
        li, sun = await colleague(customers), await colleague(customers)
        for shop, team in ((one, {"salesperson": li}), (two, {"salesperson": li, "beauty_mentor": sun})):
            await customers.http.put(
                f"{BASE}/customers/{shop}/team", json={role: str(who) for role, who in team.items()}
            )

        assert await pairs(customers, **bearer("salesperson", li)) == [(str(one), str(two), ["phone"])]
        assert await pairs(customers, **bearer("beauty_mentor", sun)) == []
        [found] = (await customers.http.get(f"{BASE}/screening/duplicates")).json()["items"]
        path = f"{BASE}/screening/duplicates/{found['id']}/not-the-same"
        hers = await customers.http.post(path, headers=bearer("beauty_mentor", sun))
        assert slug(hers) == (404, "duplicate-not-found")


async def test_what_many_have_in_common_tells_nothing(fresh_database: FreshDatabase) -> None:
    """In whatever order they come and go: one after the other, with the worker's turn between two."""
    async with one_service(fresh_database, "customers") as customers:
        found = "SELECT count(*) FROM duplicate_pair"
        few = SHARED_BY_MANY + 1
        shops = [await store(customers, f"S{n}x", phones=[PHONE]) for n in range(few)]
        await customers.run_loops("customers.duplicates")
        assert await customers.database.fetchval(found) == few * SHARED_BY_MANY // 2
        for n in range(2):
            shops.append(await store(customers, f"T{n}x", phones=[PHONE]))
            await customers.run_loops("customers.duplicates")
            assert await customers.database.fetchval(found) == 0
        assert await customers.database.fetchval("SELECT count(*) FROM duplicate_due") == 0

        for shop in shops[:2]:
            await change(customers, shop, phones=[])
            await customers.run_loops("customers.duplicates")
        assert await customers.database.fetchval(found) == few * SHARED_BY_MANY // 2, "it is a few again"


async def test_what_one_of_many_is_erased_with_tells_something_again(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        person = {"kind": "person", "name": "王芳", "phones": [PHONE]}
        people = [await made(customers, "customers", person) for _ in range(SHARED_BY_MANY + 2)]
        assert await pairs(customers) == []
        erasure = {"customer_id": people[0]["id"], "reason": "asked by letter"}
        assert (await customers.http.post(f"{BASE}/erasures", json=erasure)).status_code == 202
        await customers.run_loops("customers.duplicates")
        left = SHARED_BY_MANY + 1
        found = await customers.database.fetchval("SELECT count(*) FROM duplicate_pair")
        assert found == left * SHARED_BY_MANY // 2


async def test_what_an_import_made_usual_tells_something_once_it_is_undone(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        for n in range(SHARED_BY_MANY):
            await store(customers, f"S{n}x", phones=[PHONE])
        rows = [(f"N-{n}", f"T{n}x", PHONE) for n in range(2)]
        done = await imported(customers, csv_of(rows, ("external_no", "name", "phones")), "customers")
        assert await pairs(customers) == []
        assert (await customers.http.post(f"{BASE}/imports/{done.id}/undo")).status_code == 202
        await customers.run_loops()
        found = await customers.database.fetchval("SELECT count(*) FROM duplicate_pair")
        assert found == SHARED_BY_MANY * (SHARED_BY_MANY - 1) // 2


async def test_who_is_compared_is_held_meanwhile(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        one, two = await store(customers, "甲店"), await store(customers, "乙店")
        async with customers.database.transaction() as change_under_way:
            await change_under_way.execute("SELECT FROM customer WHERE id = $1 FOR NO KEY UPDATE", two)
            comparing = asyncio.create_task(pairs(customers))
            await eventually(lambda: somebody_waits(customers))
            await change_under_way.execute("UPDATE archive SET name = '甲店' WHERE customer_id = $1", two)
        assert await comparing == [(str(one), str(two), ["name"])]


def test_a_name_of_many_is_one_of_many_where_their_regions_allow() -> None:
    here, there = (1, 4), (5, 6)
    many = [Holder(DuplicateReason.NAME, b"k", nobody(), here) for _ in range(SHARED_BY_MANY + 1)]
    far = Holder(DuplicateReason.NAME, b"k", nobody(), there)
    more = Holder(DuplicateReason.NAME, b"k", nobody(), here)
    assert crossed(many, [*many, far]) == set()
    assert crossed([*many, far], [*many, far, more]) == {each.customer_id for each in many}
    street = Holder(DuplicateReason.NAME, b"k", nobody(), (2, 3))
    assert crossed([*many, far], [*many, far, street]) == {each.customer_id for each in many}
    anywhere = Holder(DuplicateReason.NAME, b"k", nobody(), None)
    assert crossed([*many, far], [*many, far, anywhere]) == {each.customer_id for each in many}


async def test_nothing_of_it_is_kept_in_the_open(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await store(customers, phones=[PHONE], address=ADDRESS)
        await pairs(customers)
        kept = await customers.database.fetch("SELECT reason, key FROM duplicate_key ORDER BY reason")
        assert [row["reason"] for row in kept] == ["address", "name", "phone"]
        assert not any(said.encode() in row["key"] for row in kept for said in (PHONE, ADDRESS, "meili"))


@pytest.mark.parametrize("address", ["温州市", "", None])
def test_a_town_is_no_address(address: str | None) -> None:
    profile = Profile("store", "S-1", external_no="S-1", address=address)
    assert list(keys_of(profile)) == []


def test_an_address_is_compared_without_its_signs() -> None:
    assert folded_address("百里路１号（A座）, 2F") == "百里路1号a座2f"
    [key] = keys_of(Profile("store", "Spring Spa"))
    assert (key.reason, key.said) == (DuplicateReason.NAME, "springspa")
