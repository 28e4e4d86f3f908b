"""Notes and tags of customers: sealed or in the open, with their history, found and counted (domain 2.1)."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.customers.network import BASE, colleague, made, nobody, slug, somebody_waits, store
from tests.customers.test_traits import as_before_there_were_keys
from tests.eventually import eventually
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

TEXT = "老板娘想换一个新的护肤系列"


async def noted(customers: OneService, customer: UUID, text: str = TEXT, **headers: str) -> httpx.Response:
    return await customers.http.post(f"{BASE}/customers/{customer}/notes", json={"text": text}, headers=headers)


async def tag(customers: OneService, customer: UUID, name: str, **headers: str) -> httpx.Response:
    return await customers.http.post(f"{BASE}/customers/{customer}/tags", json={"tag": name}, headers=headers)


async def counts(customers: OneService, **asked: Any) -> dict[str, int]:
    items = (await customers.http.get(f"{BASE}/tags", params=asked)).json()["items"]
    return {each["tag"]: each["customers"] for each in items}


async def served_by(customers: OneService, shop: UUID, **team: UUID) -> None:
    answer = await customers.http.put(
        f"{BASE}/customers/{shop}/team", json={role: str(who) for role, who in team.items()}
    )
    assert answer.status_code == 200, answer.text


async def test_a_note_is_written_changed_and_removed_with_its_history(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, li = await store(customers), await colleague(customers, name="李娜")
        await served_by(customers, shop, salesperson=li)
        hers = bearer("salesperson", li)

        note = await noted(customers, shop, **hers)
        path = note.headers["Location"]
        assert (note.status_code, note.headers["ETag"]) == (201, '"1"')
        changed = await customers.http.patch(path, json={"text": "改了"}, headers={**hers, "If-Match": '"1"'})
        assert (changed.status_code, changed.json()["text"]) == (200, "改了")
        [listed] = (await customers.http.get(f"{BASE}/customers/{shop}/notes", headers=hers)).json()["items"]
        assert (listed["text"], listed["author"], listed["written_by"]) == ("改了", "李娜", str(li))
        assert (await customers.http.get(path)).json()["changed_at"] == "2026-11-04T01:00:00Z"
        assert (await customers.http.delete(path, headers=hers)).status_code == 204
        assert slug(await customers.http.get(path)) == (404, "note-not-found")
        assert slug(await customers.http.delete(path)) == (404, "note-not-found")

        items = (await customers.http.get(f"{BASE}/customers/{shop}/changes")).json()["items"]
        assert [(each["field"], each["from"], each["to"], each["about"]) for each in items[:3]] == [
            ("note", "改了", None, note.json()["id"]),
            ("note", TEXT, "改了", note.json()["id"]),
            ("note", None, TEXT, note.json()["id"]),
        ]


async def test_only_the_author_and_administration_change_it(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, li, driver = await store(customers), await colleague(customers), await colleague(customers)
        await served_by(customers, shop, salesperson=li, beauty_mentor=driver, logistics_manager=driver)
        path = (await noted(customers, shop, **bearer("salesperson", li))).headers["Location"]
        other, office = bearer("beauty_mentor", driver), bearer("admin_dept", nobody())

        refused = await customers.http.patch(path, json={"text": "x"}, headers={**other, "If-Match": "*"})
        assert slug(refused) == (403, "not-the-author")
        assert slug(await customers.http.delete(path, headers=other)) == (403, "not-the-author")
        assert slug(await customers.http.patch(path, json={"text": "x"}, headers=office))[0] == 428
        stale = await customers.http.patch(path, json={"text": "x"}, headers={**office, "If-Match": '"7"'})
        assert slug(stale)[0] == 412
        right = await customers.http.patch(path, json={"text": "x"}, headers={**office, "If-Match": '"1"'})
        assert right.status_code == 200
        hidden = await customers.http.get(path, headers=bearer("logistics_manager", driver))
        assert slug(hidden) == (403, "notes-not-read")
        assert slug(await noted(customers, shop, **bearer("salesperson", nobody()))) == (404, "customer-not-found")


async def test_its_words_are_sealed_and_who_reads_them_is_entered(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        person = UUID((await made(customers, "customers", {"name": "王小明", "kind": "person"}))["id"])
        await as_before_there_were_keys(customers, person)
        await noted(customers, person)

        kept = await customers.database.fetch("SELECT sealed FROM note UNION ALL SELECT sealed FROM archive_change")
        assert len(kept) == 2
        assert not any(TEXT.encode() in row["sealed"] for row in kept)
        [note] = (await customers.http.get(f"{BASE}/customers/{person}/notes")).json()["items"]
        assert note["text"] == TEXT
        what = {"what": "customer.unmasked", "subject": str(person)}
        assert len((await customers.http.get(f"{BASE}/audit", params=what)).json()["items"]) == 1


async def test_a_note_that_moves_is_read_and_changed_as_before_until_its_person_is_erased(
    fresh_database: FreshDatabase,
) -> None:
    """As merging moves them: under another customer, sealed under the key of whom they were written for."""
    async with one_service(fresh_database, "customers") as customers:
        wang, kept = [
            UUID((await made(customers, "customers", {"name": name, "kind": "person"}))["id"]) for name in ("王", "李")
        ]
        for text in ("一", "二"):
            await noted(customers, wang, text)
        await customers.database.execute("UPDATE note SET customer_id = $1", kept)

        items = (await customers.http.get(f"{BASE}/customers/{kept}/notes")).json()["items"]
        assert [each["text"] for each in items] == ["二", "一"]
        path = f"{BASE}/customers/{kept}/notes/{items[0]['id']}"
        assert (await customers.http.patch(path, json={"text": "三"}, headers={"If-Match": "*"})).status_code == 200
        await customers.database.execute("DELETE FROM personal_key WHERE subject_id = $1", wang)
        items = (await customers.http.get(f"{BASE}/customers/{kept}/notes")).json()["items"]
        assert [each["text"] for each in items] == ["三"], "what was changed is the kept one's"


async def test_a_note_has_a_length(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        assert (await noted(customers, shop, "字" * 10_000)).status_code == 201
        assert slug(await noted(customers, shop, "字" * 10_001)) == (422, "invalid")
        assert slug(await noted(customers, shop, "\u200b"))[0] == 422
        assert (await noted(customers, shop, "x" * (10 << 20))).status_code in (413, 422)
        kept = (await noted(customers, shop, "مرحبا\n👩‍💼 𠮷野")).json()
        assert kept["text"].splitlines()[0] == "مرحبا"


async def test_customers_are_found_and_counted_by_tag(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        one, two, three = [await store(customers, f"店{n}") for n in range(3)]
        for shop in (one, two):
            assert (await tag(customers, shop, "重点")).status_code == 200
        both = await tag(customers, two, "ＶＩＰ  店")
        assert [each["tag"] for each in both.json()["items"]] == ["VIP 店", "重点"], "folded as numbers are"
        await tag(customers, two, "VIP 店")
        assert await counts(customers) == {"VIP 店": 1, "重点": 2}

        found = await customers.http.get(f"{BASE}/customers", params={"tag": "重点", "limit": 1})
        again = await customers.http.get(
            f"{BASE}/customers", params={"tag": "重点", "limit": 1, "cursor": found.json()["next"]}
        )
        ids = [each["id"] for answer in (found, again) for each in answer.json()["items"]]
        assert (ids, again.json()["next"]) == ([str(one), str(two)], None)
        assert (await customers.http.get(f"{BASE}/customers", params={"tag": "没有"})).json()["items"] == []

        await customers.http.delete(f"{BASE}/customers/{one}/tags", params={"tag": "重点"})
        gone = await customers.http.delete(f"{BASE}/customers/{three}/tags", params={"tag": "重点"})
        assert slug(gone) == (404, "tag-not-found")
        assert await counts(customers) == {"VIP 店": 1, "重点": 1}
        items = (await customers.http.get(f"{BASE}/customers/{one}/changes")).json()["items"]
        assert [(each["field"], each["from"], each["to"]) for each in items] == [
            ("tag", "重点", None),
            ("tag", None, "重点"),
        ]


async def test_who_may_take_a_tag_away_and_what_is_none(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, li, sun = await store(customers), await colleague(customers), await colleague(customers)
        await served_by(customers, shop, salesperson=li, beauty_mentor=sun)
        await tag(customers, shop, "重点", **bearer("salesperson", li))

        path, which = f"{BASE}/customers/{shop}/tags", {"tag": "重点"}
        other = await customers.http.delete(path, params=which, headers=bearer("beauty_mentor", sun))
        assert slug(other) == (403, "not-the-author")
        assert (
            await customers.http.delete(path, params=which, headers=bearer("admin_dept", nobody()))
        ).status_code == 204
        for wrong in ("13800135889", "a@example.com"):
            assert slug(await tag(customers, shop, wrong)) == (422, "tag-refused")
        assert slug(await tag(customers, shop, "字" * 41)) == (422, "invalid")
        for n in range(50):
            await tag(customers, shop, f"t{n}")
        assert slug(await tag(customers, shop, "t50")) == (409, "too-many-tags")
        assert "t50" not in await counts(customers, limit=100)


async def test_set_at_once_by_many_it_counts_each_customer_once(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shops = [await store(customers, f"店{n}") for n in range(4)]

        await asyncio.gather(*(tag(customers, shop, "重点") for shop in shops * 2))
        assert await counts(customers) == {"重点": 4}
        await asyncio.gather(
            *(customers.http.delete(f"{BASE}/customers/{shop}/tags", params={"tag": "重点"}) for shop in shops * 2)
        )
        assert await counts(customers) == {}


SET_BOTH = "INSERT INTO customer_tag SELECT id, tag, id, now() FROM unnest($1::uuid[], $2::text[]) AS t(id, tag)"
TAKE_BOTH = "DELETE FROM customer_tag WHERE (customer_id, tag) IN (SELECT * FROM unnest($1::uuid[], $2::text[]))"


@pytest.mark.parametrize("change", [SET_BOTH, TAKE_BOTH])
async def test_tags_are_counted_in_the_order_of_their_names(fresh_database: FreshDatabase, change: str) -> None:
    """Whoever waits for the first holds none that comes after, so nobody waits in a circle."""
    async with one_service(fresh_database, "customers") as customers:
        one, two, other = [await store(customers, f"店{n}") for n in range(3)]
        both = [one, two], ["b", "a"]
        await customers.database.execute(SET_BOTH, [other, other], ["b", "a"])
        if change == TAKE_BOTH:
            await customers.database.execute(SET_BOTH, *both)
        async with customers.database.transaction() as meanwhile:
            await meanwhile.execute("SELECT FROM tag WHERE name = 'a' FOR UPDATE")
            changing = asyncio.ensure_future(customers.database.execute(change, *both))
            await eventually(lambda: somebody_waits(customers))
            await meanwhile.execute("SELECT FROM tag WHERE name = 'b' FOR UPDATE NOWAIT")
        await changing
        assert await counts(customers) == dict.fromkeys("ab", 2 if change == SET_BOTH else 1)
