"""Owners of stores: a total beside the tiers, and a store that changes hands (domain 2.1)."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from shared.contracts.owners import CustomerOwnerChanged
from tests.customers.network import BASE, bought, brand, colleague, nobody, store, tier
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

WANG = {"name": "王老板", "phones": ["138 0013 8000"], "emails": ["wang@example.com"]}


def slug(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("slug", "")


async def owner(customers: OneService, **said: Any) -> str:
    answer = await customers.http.post(f"{BASE}/owners", json={**WANG, **said})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def hand_over(customers: OneService, shop: UUID, to: str | None, **said: Any) -> httpx.Response:
    return await customers.http.post(f"{BASE}/customers/{shop}/ownership", json={"owner_id": to, **said})


@pytest.mark.example(23)
async def test_an_owner_has_a_total_that_moves_no_tier(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        mid, wang = await brand(customers), await owner(customers)
        stores = []
        for name, amount in (("一店", "4000.00"), ("二店", "3500.00"), ("三店", "900.00")):
            stores.append(shop := await store(customers, name))
            assert (await hand_over(customers, shop, wang)).status_code == 201
            await bought(customers, shop, amount, brand_id=str(mid))

        read = (await customers.http.get(f"{BASE}/owners/{wang}")).json()

        assert [(each["name"], each["tier"], each["total"]) for each in read["stores"]] == [
            ("一店", "B", "4000.00"),
            ("二店", "B", "3500.00"),
            ("三店", "D", "900.00"),
        ]
        assert (read["total"], read["month"], read["phones"]) == ("8400.00", "2026-11", ["+8613800138000"])
        assert [await tier(customers, shop) for shop in stores] == ["B", "B", "D"]
        before = (await customers.http.get(f"{BASE}/owners/{wang}", params={"month": "2026-10"})).json()
        assert before["total"] == "0.00"
        profile = (await customers.http.get(f"{BASE}/customers/{stores[0]}")).json()
        assert profile["owner_id"] == wang
        [listed] = (await customers.http.get(f"{BASE}/owners")).json()["items"]
        assert listed == read


async def test_a_store_that_changes_hands_keeps_its_history(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, wang, li = await store(customers), await owner(customers), await owner(customers, name="李老板")
        await bought(customers, shop, "4000.00")
        await hand_over(customers, shop, wang)
        customers.clock.forward(timedelta(days=1))

        moved = await hand_over(customers, shop, li)

        assert moved.status_code == 201, moved.text
        assert await tier(customers, shop) == "B"
        history = (await customers.http.get(f"{BASE}/customers/{shop}/ownership")).json()["items"]
        assert [(each["owner_id"], each["until"] is None) for each in history] == [(li, True), (wang, False)]
        assert history[1]["until"] == history[0]["since"]
        assert (await customers.http.get(f"{BASE}/owners/{wang}")).json()["stores"] == []
        told = await customers.facts(CustomerOwnerChanged)
        assert [(str(each.owner_id), each.changed_hands) for each in told] == [(wang, False), (li, True)]
        right = await hand_over(customers, shop, None, changed_hands=False)
        assert right.json()["owner_id"] is None
        assert (await customers.facts(CustomerOwnerChanged))[-1].changed_hands is False


async def test_an_entry_that_was_made_too_late_is_put_earlier(fresh_database: FreshDatabase) -> None:
    """Whose the store was before had it until then; nobody's consents change by it."""
    async with one_service(fresh_database, "customers") as customers:
        shop, wang, li = await store(customers), await owner(customers), await owner(customers, name="李老板")
        start = customers.clock.now()
        await hand_over(customers, shop, wang)
        customers.clock.forward(timedelta(days=10))
        entry = (await hand_over(customers, shop, li)).json()
        path = f"{BASE}/customers/{shop}/ownership"

        async def put(since: datetime, id_: str = entry["id"], tag: str | None = '"1"') -> httpx.Response:
            headers = {"If-Match": tag} if tag else {}
            return await customers.http.patch(f"{path}/{id_}", json={"since": since.isoformat()}, headers=headers)

        earlier = start + timedelta(days=4)
        assert slug(await put(earlier, tag=None)) == (428, "precondition-required")
        assert slug(await put(earlier, id_=str(nobody()))) == (404, "no-such-ownership")
        assert slug(await put(start)) == (422, "ownership-date-refused"), "it would leave nothing to whose it was"
        assert slug(await put(start + timedelta(days=11))) == (422, "ownership-date-refused"), "later"
        moved = await put(earlier)

        assert (moved.status_code, moved.headers["ETag"]) == (200, '"2"')
        history = (await customers.http.get(path)).json()["items"]
        assert datetime.fromisoformat(history[0]["since"]) == earlier
        assert history[1]["until"] == history[0]["since"]
        assert slug(await put(start + timedelta(days=3))) == (412, "stale")
        told = (await customers.facts(CustomerOwnerChanged))[-1]
        assert (str(told.owner_id), told.since, told.changed_hands) == (li, earlier, False)
        audited = await customers.database.fetchval(
            "SELECT subject FROM audit_entry WHERE what = 'ownership.corrected'"
        )
        assert audited == shop


async def test_who_sees_an_owners_name_in_full_is_entered_under_the_owner(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, wang = await store(customers), await owner(customers)
        await hand_over(customers, shop, wang)

        async def read(role: str) -> tuple[str, set[UUID]]:
            who = nobody()
            answer = await customers.http.get(f"{BASE}/customers/{shop}", headers=bearer(role, who))
            assert answer.status_code == 200, answer.text
            entered = "SELECT subject FROM audit_entry WHERE what = 'owner.unmasked' AND made_by = $1"
            rows = await customers.database.fetch(entered, who)
            return answer.json()["owner_name"], {row["subject"] for row in rows}

        assert await read("general_manager") == ("王老板", {UUID(wang)})
        assert await read("partner") == ("王**", set())


async def test_an_owners_own_number_finds_their_stores(fresh_database: FreshDatabase) -> None:
    """Whatever becomes of the number; it is said that the owner calls, and entered whom the call has shown."""
    async with one_service(fresh_database, "customers") as customers:
        first, second = await store(customers, "一店"), await store(customers, "二店")
        wang, agent = await owner(customers), nobody()
        for shop in (first, second):
            assert (await hand_over(customers, shop, wang)).status_code == 201
        await bought(customers, second, "4000.00")

        async def popped(phone: str) -> httpx.Response:
            headers = bearer("cs_specialist", agent)
            return await customers.http.get(f"{BASE}/screen-pop", params={"phone": phone}, headers=headers)

        async def found(phone: str) -> set[str]:
            answer = await customers.http.get(f"{BASE}/customers", params={"q": phone})
            return {each["id"] for each in answer.json()["items"]}

        pop = (await popped("13800138000")).json()

        assert (pop["id"], [each["id"] for each in pop["others"]]) == (str(second), [str(first)])
        assert pop["owners"] == [{"id": wang, "name": "王老板", "masked": []}]
        assert pop["callers"] == []
        entered = "SELECT subject FROM audit_entry WHERE what = 'owner.unmasked' AND made_by = $1"
        assert [str(row["subject"]) for row in await customers.database.fetch(entered, agent)] == [wang]
        assert await found("13800138000") == await found("wang@example.com") == {str(first), str(second)}

        twice, third = await store(customers, "三店又录"), await store(customers, "三店")
        assert (await hand_over(customers, twice, wang)).status_code == 201
        merged = await customers.http.post(f"{BASE}/customers/{twice}/merge", json={"into": str(third)})
        assert merged.status_code == 201, merged.text
        assert await found("13800138000") == {str(first), str(second), str(third)}, "whom a merge has kept"
        changed = await customers.http.patch(
            f"{BASE}/owners/{wang}", json={"phones": ["13900139000"]}, headers={"If-Match": '"1"'}
        )
        assert changed.status_code == 200, changed.text
        assert slug(await popped("13800138000")) == (404, "unknown-caller")
        assert (await popped("13900139000")).json()["owners"][0]["id"] == wang
        await hand_over(customers, first, None)
        assert await found("13900139000") == {str(second), str(third)}, "it is not theirs any more"

        await customers.database.execute("UPDATE owner SET traces = '{}', traced = 0")  # as an older release writes
        assert await found("13900139000") == set()
        assert await customers.run_loops("customers.finding") >= 1
        assert await found("13900139000") == {str(second), str(third)}
        erased = await customers.http.post(f"{BASE}/erasures", json={"person_id": wang, "reason": "by letter"})
        assert erased.status_code == 202, erased.text
        assert await found("13900139000") == set()
        assert await customers.run_loops("customers.finding") == 0


async def test_owners_are_masked_by_role_and_entered_where_they_are_not(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        wang, li = await owner(customers), await owner(customers, name="李老板")

        async def shown(path: str, role: str, who: UUID | None = None) -> tuple[list[dict[str, Any]], list[str]]:
            who = who or nobody()
            answer = (await customers.http.get(f"{BASE}/{path}", headers=bearer(role, who))).json()
            entered = "SELECT subject FROM audit_entry WHERE what = 'owner.unmasked' AND made_by = $1 ORDER BY subject"
            rows = await customers.database.fetch(entered, who)
            return answer.get("items", [answer]), [str(row["subject"]) for row in rows]

        [_, first], entered = await shown("owners", "cs_manager")
        assert (first["name"], first["phones"], first["masked"]) == ("王老板", ["+8613800138000"], [])
        assert entered == sorted([wang, li])
        [_], entered = await shown("owners?limit=1", "cs_manager")
        assert entered == [li], "the next one only tells that there are more"
        [read], entered = await shown(f"owners/{wang}", "general_manager")
        assert (read["name"], entered) == ("王老板", [wang])
        shop, fleet = await store(customers), await colleague(customers, "logistics_manager")
        seated = await customers.http.put(f"{BASE}/customers/{shop}/team", json={"logistics_manager": str(fleet)})
        assert (seated.status_code, (await hand_over(customers, shop, wang)).status_code) == (200, 201)
        [veiled], entered = await shown(f"owners/{wang}", "logistics_manager", fleet)
        assert (veiled["emails"], veiled["masked"]) == (["w***@example.com"], ["emails"])
        assert entered == [wang], "name and phones are shown in full"


async def test_nobody_owns_themself_over_others_either(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        wang, li, chen = [await store(customers, kind="person") for _ in range(3)]
        as_wang, as_li, as_chen = [await owner(customers, customer_id=str(each)) for each in (wang, li, chen)]
        assert (await hand_over(customers, li, as_wang)).status_code == 201
        assert (await hand_over(customers, chen, as_li)).status_code == 201

        assert slug(await hand_over(customers, wang, as_chen)) == (422, "owns-themself")
        zhao = await owner(customers)
        assert (await hand_over(customers, wang, zhao)).status_code == 201
        changed = await customers.http.patch(
            f"{BASE}/owners/{zhao}", json={"customer_id": str(chen)}, headers={"If-Match": '"1"'}
        )
        assert slug(changed) == (422, "owns-themself")

        one, other = [await store(customers, kind="person") for _ in range(2)]
        as_one, as_other = [await owner(customers, customer_id=str(each)) for each in (one, other)]
        both = await asyncio.gather(hand_over(customers, one, as_other), hand_over(customers, other, as_one))
        assert sorted(answer.status_code for answer in both) == [201, 422]


async def test_what_cannot_be_is_refused(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        themself, wang = await owner(customers, customer_id=str(shop)), await owner(customers)
        assert slug(await hand_over(customers, shop, themself)) == (422, "owns-themself")
        assert slug(await hand_over(customers, shop, str(nobody()))) == (422, "unknown-owner")
        assert slug(await hand_over(customers, nobody(), wang)) == (404, "customer-not-found")
        ahead = (customers.clock.now() + timedelta(days=1)).isoformat()
        assert slug(await hand_over(customers, shop, wang, since=ahead)) == (422, "ownership-date-refused")
        assert slug(await hand_over(customers, shop, None)) == (409, "owned-already")
        assert (await hand_over(customers, shop, wang)).status_code == 201
        changed = await customers.http.patch(
            f"{BASE}/owners/{wang}", json={"customer_id": str(shop)}, headers={"If-Match": '"1"'}
        )
        assert slug(changed) == (422, "owns-themself")
        limited = bearer("sales_manager", await colleague(customers, "sales_manager"))
        foreign = await customers.http.patch(f"{BASE}/owners/{wang}", json={}, headers={**limited, "If-Match": "*"})
        assert slug(foreign) == (403, "forbidden"), "nobody reads by changing whom they do not see"
        assert slug(await hand_over(customers, shop, wang)) == (409, "owned-already")
        earlier = (customers.clock.now() - timedelta(days=1)).isoformat()
        assert slug(await hand_over(customers, shop, None, since=earlier)) == (422, "ownership-date-refused")
        answer = await customers.http.post(f"{BASE}/owners", json={**WANG, "customer_id": str(nobody())})
        assert slug(answer) == (422, "unknown-customer")
        assert slug(await customers.http.post(f"{BASE}/owners", json={**WANG, "phones": ["12"]})) == (422, "invalid")


async def test_who_an_owner_is_lies_sealed_and_is_seen_by_whom_a_store_of_theirs_is(
    fresh_database: FreshDatabase,
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, wang = await store(customers), await owner(customers)
        await hand_over(customers, shop, wang)
        seller = await colleague(customers)
        stranger = bearer("salesperson", await colleague(customers))
        seat = {"salesperson": str(seller)}
        assert (await customers.http.put(f"{BASE}/customers/{shop}/team", json=seat)).status_code == 200

        mine = await customers.http.get(f"{BASE}/owners/{wang}", headers=bearer("salesperson", seller))
        assert (mine.json()["name"], len(mine.json()["stores"])) == ("王老板", 1)
        assert slug(await customers.http.get(f"{BASE}/owners/{wang}", headers=stranger)) == (404, "no-such-owner")
        assert (await customers.http.get(f"{BASE}/owners", headers=stranger)).json()["items"] == []
        [row] = await customers.database.fetch("SELECT * FROM owner")
        events = [each.data for each in await customers.events(CustomerOwnerChanged)]
        for secret in ("王老板", "13800138000", "wang@example.com"):
            assert secret not in str(dict(row))
            assert secret.encode() not in row["personal"]
            assert secret not in str(events)
        changed = await customers.http.patch(f"{BASE}/owners/{wang}", json={"phones": []}, headers={"If-Match": '"1"'})
        assert (changed.json()["phones"], changed.headers["ETag"]) == ([], '"2"')
        again = await customers.http.patch(f"{BASE}/owners/{wang}", json={"name": "王"}, headers={"If-Match": '"1"'})
        assert slug(again) == (412, "stale")
