"""Duplicates that become one customer, and two again when they were none (domain 2.1, decision 21)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Uuid

from services.customers.merging.store import places
from services.customers.schema import METADATA
from shared.bus.event import Event
from shared.contracts.complaints import ComplaintOpened
from shared.contracts.customers import AccountTeamChanged, CustomerUpdated, PurchaseRecorded, PurchaseReturned
from shared.contracts.merging import CustomerMerged, CustomerUnmerged
from tests.customers.network import (
    BASE,
    bought,
    brand,
    buy,
    close,
    colleague,
    made,
    nobody,
    region,
    slug,
    somebody_waits,
    store,
    tier,
)
from tests.customers.test_concurrency import OCTOBER
from tests.customers.test_people import person
from tests.customers.test_relations import relate
from tests.customers.test_traits import say, traits_of
from tests.eventually import eventually
from tests.postgres import Databases, FreshDatabase
from tests.support import OneService, bearer, one_service


async def merge(customers: OneService, duplicate: UUID, into: UUID, **said: Any) -> httpx.Response:
    return await customers.http.post(f"{BASE}/customers/{duplicate}/merge", json={"into": str(into), **said})


async def merged(customers: OneService, duplicate: UUID, into: UUID, **said: Any) -> dict[str, Any]:
    answer = await merge(customers, duplicate, into, **said)
    assert answer.status_code == 201, answer.text
    standing: dict[str, Any] = answer.json()
    return standing


async def unmerged(customers: OneService, duplicate: UUID) -> dict[str, Any]:
    answer = await customers.http.post(f"{BASE}/customers/{duplicate}/unmerge")
    assert answer.status_code == 200, answer.text
    ended: dict[str, Any] = answer.json()
    return ended


async def read(customers: OneService, id_: UUID) -> dict[str, Any]:
    answer = await customers.http.get(f"{BASE}/customers/{id_}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def amounts(customers: OneService, id_: UUID) -> list[str]:
    answer = await customers.http.get(f"{BASE}/purchases", params={"customer_id": str(id_)})
    assert answer.status_code == 200, answer.text
    return sorted(item["amount"] for item in answer.json()["items"])


async def test_a_duplicate_goes_on_as_the_one_who_is_kept(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        kept = await store(customers, "丽人", external_no="K1", phones=["13800138001"])
        twice = await store(customers, "麗人", external_no="K2", phones=["13800138002"], address="人民路 1 号")
        await bought(customers, kept, "2000.00")
        await bought(customers, twice, "1500.00")

        standing = await merged(customers, twice, kept, reason="同一家店")

        assert (standing["moved"], standing["external_no"], standing["reason"]) == ({"purchase": 1}, "K2", "同一家店")
        answer = await customers.http.get(f"{BASE}/customers/{twice}")
        assert answer.headers["content-location"] == f"{BASE}/customers/{kept}"
        found = answer.json()
        assert found == await read(customers, kept)
        assert found["phones"] == ["+8613800138001", "+8613800138002"]
        assert (found["external_no"], found["address"], found["tier"]) == ("K1", "人民路 1 号", "B")
        assert await amounts(customers, kept) == await amounts(customers, twice) == ["1500.00", "2000.00"]
        caller = await customers.http.get(f"{BASE}/screen-pop", params={"phone": "13800138002"})
        assert caller.json()["customer"]["id"] == str(kept)
        listed = (await customers.http.get(f"{BASE}/customers")).json()["items"]
        assert [each["id"] for each in listed] == [str(kept)]


async def test_what_names_the_old_id_or_number_means_the_kept_one(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        kept, twice = await store(customers, external_no="K1"), await store(customers, external_no="K2")
        await merged(customers, twice, kept)

        await bought(customers, twice, "300.00")
        payment = {"customer_id": str(twice), "invoice_no": "R1", "due_on": "2026-12-01", "amount": "300.00"}
        assert (await made(customers, "payments", payment))["customer_id"] == str(kept)
        patched = await customers.http.patch(
            f"{BASE}/customers/{twice}", json={"address": "新路 2 号"}, headers={"If-Match": "*"}
        )

        assert patched.json().get("id") == str(kept), patched.text
        assert await amounts(customers, kept) == ["300.00"]
        for sought in ({"external_no": "K2"}, {"q": "K2"}):
            found = (await customers.http.get(f"{BASE}/customers", params=sought)).json()["items"]
            assert [each["id"] for each in found] == [str(kept)], sought
        again = {"name": "新店", "kind": "store", "external_no": "K2"}
        assert slug(await customers.http.post(f"{BASE}/customers", json=again)) == (409, "external-no-taken")
        other = await store(customers)
        taken = await customers.http.patch(
            f"{BASE}/customers/{other}", json={"external_no": "K2"}, headers={"If-Match": "*"}
        )
        assert slug(taken) == (409, "external-no-taken")
        late = await customers.http.post(f"{BASE}/customers/{twice}/merge", json={"into": str(other)})
        assert slug(late) == (409, "merged-already")


async def test_a_request_that_is_repeated_after_the_merge_is_the_same(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        kept, twice = await store(customers), await store(customers)
        payment = {"customer_id": str(twice), "invoice_no": "R1", "due_on": "2026-12-01", "amount": "300.00"}
        asked = ((f"{BASE}/payments", payment), (f"{BASE}/customers/{twice}/notes", {"text": "麗人"}))
        keys = [{"Idempotency-Key": f"once-{place}"} for place in range(len(asked))]

        async def both() -> list[httpx.Response]:
            return [
                await customers.http.post(path, json=body, headers=key)
                for (path, body), key in zip(asked, keys, strict=True)
            ]

        first = await both()
        assert [answer.status_code for answer in first] == [201, 201], [answer.text for answer in first]
        await merged(customers, twice, kept)

        again = await both()

        assert [answer.headers.get("idempotency-replayed") for answer in again] == ["true", "true"]
        assert [answer.content for answer in again] == [answer.content for answer in first]
        other = await customers.http.post(asked[0][0], json={**payment, "amount": "3.00"}, headers=keys[0])
        assert slug(other) == (422, "idempotency-key-reused")


async def test_of_who_is_not_known_no_body_is_read(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        kept, twice = await store(customers), await store(customers)
        await merged(customers, twice, kept)
        read = 0

        async def endless() -> AsyncIterator[bytes]:
            nonlocal read
            for _ in range(100):
                read += 1
                yield b" " * 10_000

        said = {"Content-Type": "application/json"}
        answer = await customers.http.post(
            f"{BASE}/purchases", content=endless(), headers={**said, "Authorization": "Bearer guessed"}
        )

        assert (answer.status_code, read) == (401, 0)


async def test_what_cannot_be_one_is_refused(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, other, third = await store(customers), await store(customers), await store(customers)
        person = await store(customers, "王芳", kind="person")

        assert slug(await merge(customers, shop, shop)) == (422, "merged-into-itself")
        assert slug(await merge(customers, shop, person)) == (422, "another-kind")
        assert slug(await merge(customers, person, shop)) == (422, "another-kind")
        assert slug(await merge(customers, nobody(), shop)) == (404, "customer-not-found")
        assert slug(await merge(customers, shop, nobody())) == (422, "unknown-customer")
        await merged(customers, shop, other)
        assert slug(await merge(customers, other, shop)) == (409, "merged-already"), "no cycle"
        assert slug(await merge(customers, third, shop)) == (409, "merged-already")
        assert slug(await merge(customers, shop, other)) == (409, "merged-already")
        assert slug(await customers.http.post(f"{BASE}/customers/{third}/unmerge")) == (404, "not-merged")
        seller = bearer("salesperson", await colleague(customers))
        refused = await customers.http.post(
            f"{BASE}/customers/{third}/merge", json={"into": str(other)}, headers=seller
        )
        assert slug(refused) == (403, "forbidden")


async def test_who_was_erased_is_merged_with_nobody(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        gone, stands = await store(customers, "王芳", kind="person"), await store(customers, "王方", kind="person")
        erased = await customers.http.post(
            f"{BASE}/erasures", json={"customer_id": str(gone), "reason": "asked by letter"}
        )
        assert erased.status_code == 202, erased.text

        assert slug(await merge(customers, gone, stands)) == (409, "person-erased")
        assert slug(await merge(customers, stands, gone)) == (409, "person-erased")


async def test_a_contract_in_the_way_is_named(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, twice, north, south = (
            await store(customers), await store(customers), await region(customers), await region(customers, "华南")
        )  # fmt: skip
        one, another = await brand(customers), await brand(customers)
        contract = {"customer_id": str(shop), "brand_id": str(one), "region_id": str(north), "starts_on": "2026-11-01"}
        await made(customers, "contracts", contract)
        mine = {**contract, "customer_id": str(twice), "brand_id": str(another), "region_id": str(south)}
        in_the_way = await made(customers, "contracts", mine)

        refused = await merge(customers, twice, shop)

        assert slug(refused) == (409, "same-grade")
        assert refused.json()["contracts"] == [in_the_way["id"]]
        assert (await read(customers, twice))["id"] == str(twice), "nothing of it has moved"
        withdrawn = await customers.http.post(f"{BASE}/contracts/{in_the_way['id']}/withdrawal")
        assert withdrawn.status_code == 200, withdrawn.text
        assert (await merged(customers, twice, shop))["moved"] == {"contract": 1}


async def test_they_are_two_again(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        kept = await store(customers, "丽人", phones=["13800138001"])
        twice = await store(customers, "花语", external_no="K2", phones=["13800138002"])
        seat = {"salesperson": str(await colleague(customers))}
        assert (await customers.http.put(f"{BASE}/customers/{twice}/team", json=seat)).status_code == 200
        await bought(customers, kept, "2000.00")
        purchase = await bought(customers, twice, "1500.00")
        before = await read(customers, kept), await read(customers, twice)
        await merged(customers, twice, kept)
        assert (await read(customers, kept))["external_no"] == "K2", "nobody had said the kept one's"
        await bought(customers, twice, "50.00")
        returned = await customers.http.post(f"{BASE}/purchases/{purchase}/returns", json={"amount": "500.00"})
        assert returned.status_code == 201, returned.text

        ended = await unmerged(customers, twice)

        assert ended["unmerged_at"] is not None
        assert await amounts(customers, kept) == ["2000.00", "50.00"], "what was bought since stays"
        assert await amounts(customers, twice) == ["-500.00", "1500.00"], "a return goes with its purchase"
        after = await read(customers, kept), await read(customers, twice)
        assert [{**each, "tier": ""} for each in after] == [{**each, "tier": ""} for each in before]
        assert [each["tier"] for each in after] == ["C", "C"], "1,000.00 is C, too"
        team = (await customers.http.get(f"{BASE}/customers/{twice}/team")).json()
        assert team["team"] == seat
        told = await customers.facts(PurchaseReturned)
        assert [each.customer_id for each in told] == [twice], "as the purchase was told"
        [listed] = (await customers.http.get(f"{BASE}/customers/{kept}/merges")).json()["items"]
        assert (await customers.http.get(f"{BASE}/customers/{nobody()}/merges")).status_code == 404
        assert listed == ended
        assert ended["moved"] == {"purchase": 1}, "as it came"
        again = await customers.http.post(f"{BASE}/customers/{twice}/unmerge")
        assert slug(again) == (404, "not-merged")
        assert (await merged(customers, twice, kept))["moved"] == {"purchase": 2}, "and one once more"


async def histories(customers: OneService, id_: UUID) -> dict[str, list[dict[str, Any]]]:
    """What a customer's histories tell, each read entry by entry."""
    found: dict[str, list[dict[str, Any]]] = {}
    for name in ("changes", "tier-history", "segment-history", "stage-history"):
        asked, items = {"limit": "1"}, found.setdefault(name, [])
        while "cursor" in asked or not items:
            answer = (await customers.http.get(f"{BASE}/customers/{id_}/{name}", params=asked)).json()
            items += answer["items"]
            if answer["next"] is None:
                break
            asked["cursor"] = answer["next"]
    return found


async def test_the_kept_one_tells_what_the_merged_one_was_and_has_its_traits(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        kept, first, twice = (
            await store(customers, "丽人"),
            await store(customers, "花语"),
            await store(customers, "麗人"),
        )
        wang, li = await person(customers, twice), await person(customers, twice, name="李静")
        assert (await relate(customers, twice, wang, "refers", li)).status_code == 201
        await say(customers, kept, "*", size_m2="80.0", more={"beds": "4"})
        await say(
            customers, twice, "*", size_m2="90.0", staff_count=8, needs="睡眠", more={"beds": "6", "management": "好"}
        )
        for shop, amount in ((kept, "2000.00"), (twice, "90000.00")):
            for days in (40, 0):
                await bought(customers, shop, amount, customers.clock.now() - timedelta(days=days))
            await customers.run_loops("customers.worth")
        customers.clock.forward(timedelta(days=1))
        own, theirs = await histories(customers, kept), await histories(customers, twice)
        assert own["tier-history"]
        assert [name for name in own if not theirs[name]] == [], "each has something to tell"
        traits = {id_: (await traits_of(customers, id_)).json() for id_ in (kept, twice)}
        await merged(customers, twice, first)
        await merged(customers, first, kept)

        told = await histories(customers, kept)

        for name in told:
            came = [each for each in told[name] if each["merged_id"] == str(twice)]
            assert came == [{**each, "merged_id": str(twice)} for each in theirs[name]], name
            assert [each for each in told[name] if each["merged_id"] is None and each in own[name]] == own[name]
        moments = [each["at"] for each in told["tier-history"]]
        assert moments == sorted(moments)
        said = (await traits_of(customers, kept)).json()
        assert {name: said[name] for name in ("size_m2", "staff_count", "needs", "more")} == {
            "size_m2": "80.0", "staff_count": 8, "needs": "睡眠", "more": {"beds": "4", "management": "好"},
        }  # fmt: skip
        brought = {each["field"]: each for each in told["changes"] if each["merged_id"] is None}
        assert (brought["trait.staff_count"]["to"], brought["trait.staff_count"]["withheld"]) == (8, False)
        assert (brought["trait.needs"]["to"], brought["trait.needs"]["withheld"]) == (None, True)
        await say(customers, kept, "*", staff_count=9)
        for gone, field in ((li, "relation.refers"), (wang, "person.name")):
            assert (await customers.http.delete(f"{BASE}/customers/{kept}/people/{gone}")).status_code == 204
            shown = [each for each in (await histories(customers, kept))["changes"] if each["field"] == field]
            assert {(each["merged_id"], each["gone"]) for each in shown} == {(str(twice), True)}

        await unmerged(customers, first)
        await unmerged(customers, twice)

        back = await histories(customers, twice)
        for name in back:
            assert [each.get("id", each) for each in back[name]] == [each.get("id", each) for each in theirs[name]]
        assert (await traits_of(customers, twice)).json() == traits[twice]
        again = (await traits_of(customers, kept)).json()
        assert again == {**traits[kept], "staff_count": 9, "updated_at": again["updated_at"]}
        told = await histories(customers, kept)
        assert {each["merged_id"] for name in told for each in told[name]} == {None}


async def test_months_are_summed_and_revised(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        kept, twice = await store(customers), await store(customers)
        await bought(customers, kept, "1800.00", OCTOBER)
        await bought(customers, twice, "1700.00", OCTOBER)
        first = await close(customers, "2026-10")
        assert (first["revision"], first["tiers"]["C"]["customers"]) == (1, 2)

        await merged(customers, twice, kept)

        assert await tier(customers, kept) == "B", "3,500.00 of the closed month"
        again = await close(customers, "2026-10")
        assert (again["revision"], again["tiers"]["B"]["customers"], again["tiers"]["B"]["amount"]) == (2, 1, "3500.00")
        await unmerged(customers, twice)
        assert [await tier(customers, each) for each in (kept, twice)] == ["C", "C"]
        last = await close(customers, "2026-10")
        assert (last["revision"], last["tiers"]) == (3, first["tiers"])


async def test_both_hear_of_it_in_their_order(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        kept, twice = await store(customers), await store(customers, phones=["13800138002"])
        seat = {"salesperson": str(await colleague(customers))}
        assert (await customers.http.put(f"{BASE}/customers/{twice}/team", json=seat)).status_code == 200
        await merged(customers, twice, kept)
        customers.clock.forward(timedelta(days=1))
        await unmerged(customers, twice)

        for contract in (CustomerMerged, CustomerUnmerged):
            told = await customers.events(contract)
            assert [each.key for each in told] == [str(twice), str(kept)]
            facts = [each.read(contract) for each in told]
            assert {(each.merged_id, each.into_id) for each in facts} == {(twice, kept)}
            assert [each.customer_id for each in facts] == [twice, kept]
        teams = [(each.customer_id, bool(each.team)) for each in await customers.facts(AccountTeamChanged)]
        assert sorted(teams[2:]) == sorted([(twice, True), (kept, False)]), "the seat came, and went back"
        assert teams[:2] == [(twice, True), (kept, True)]
        assert {each.customer_id for each in await customers.facts(CustomerUpdated)} == {kept}
        versions = await customers.database.fetch(
            """SELECT aggregate_id, array_agg(DISTINCT aggregate_version ORDER BY aggregate_version) AS versions
               FROM event_log WHERE aggregate_id = ANY($1) GROUP BY 1""",
            [kept, twice],
        )
        for row in versions:
            assert row["versions"] == list(range(1, len(row["versions"]) + 1)), "none is left out"


async def test_a_purchase_that_is_put_right_meanwhile_goes_back_as_it_is_right(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        kept, twice = await store(customers), await store(customers)
        wrong = await bought(customers, twice, "1500.00")
        await merged(customers, twice, kept)

        corrected = await customers.http.post(
            f"{BASE}/purchases/{wrong}/correction",
            json={"customer_id": str(kept), "amount": "150.00", "reason": "a nought too many"},
        )

        assert corrected.status_code == 201, corrected.text
        assert await amounts(customers, kept) == ["150.00"]
        told = {each.amount: each.customer_id for each in await customers.facts(PurchaseRecorded)}
        assert told == {Decimal("1500.00"): twice, Decimal("150.00"): twice}, "as what it stands for"
        await unmerged(customers, twice)
        assert (await amounts(customers, kept), await amounts(customers, twice)) == ([], ["150.00"])


async def test_what_others_tell_in_the_instant_of_a_merge_is_the_kept_ones(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        kept, twice = await store(customers), await store(customers)
        case = ComplaintOpened(
            complaint_id=nobody(), customer_id=twice, number="C-1", kind="complaint", subject="product",
            channel="phone", at=customers.clock.now(),
        )  # fmt: skip

        async def merge_waits() -> bool:
            waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            return bool(await customers.database.fetchval(waiting))

        async with customers.database.transaction() as before:
            await before.execute("SELECT pg_advisory_xact_lock(hashtextextended('customer_alias', 0))")
            merging = asyncio.create_task(merge(customers, twice, kept))
            await eventually(merge_waits)  # everything has moved, and nothing is committed
            told = Event.of(case, aggregate_id=case.complaint_id, version=1, at=case.at)
            telling = asyncio.create_task(customers.deliver([told]))
            await asyncio.wait([telling], timeout=0.5)
        assert (await merging).status_code == 201
        await telling

        whose = "SELECT customer_id FROM customer_case"
        assert await customers.database.fetchval(whose) == kept
        await unmerged(customers, twice)
        assert await customers.database.fetchval(whose) == twice, "it was told of the other one"


async def test_nothing_of_who_was_merged_outlives_their_erasure(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        kept = await store(customers, "王芳", kind="person")
        twice = await store(customers, "王方", kind="person", phones=["13800138002"], address="人民路 1 号")
        merge_id = (await merged(customers, twice, kept, reason="王方和王芳是一个人"))["id"]
        changed = (await customers.http.get(f"{BASE}/customers/{kept}/changes")).json()["items"]
        assert {each["field"] for each in changed} >= {"phones", "address"}
        assert "13800138002" not in str(changed), "they are the other one's"
        came = {each["field"]: (each["gone"], each["withheld"]) for each in changed}
        assert {came["phones"], came["address"]} == {(False, True)}, "nobody was erased"
        await unmerged(customers, twice)

        gone = await customers.http.post(
            f"{BASE}/erasures", json={"customer_id": str(twice), "reason": "asked by letter"}
        )

        assert gone.status_code == 202, gone.text
        history = (await customers.http.get(f"{BASE}/customers/{kept}/changes")).json()["items"]
        assert "13800138002" not in str(history)
        [ended] = (await customers.http.get(f"{BASE}/customers/{kept}/merges")).json()["items"]
        assert (ended["id"], ended["reason"]) == (merge_id, None)
        assert await customers.database.fetchval("SELECT brought FROM customer_merge") == b""


@pytest.mark.parametrize("way", ["register", "change"])
async def test_the_number_of_who_is_being_merged_cannot_be_taken(fresh_database: FreshDatabase, way: str) -> None:
    async with one_service(fresh_database, "customers") as customers:
        kept, twice = await store(customers, external_no="K1"), await store(customers, external_no="K2")
        other = await store(customers, "别家")

        async def takes() -> httpx.Response:
            if way == "register":
                new = {"name": "新店", "kind": "store", "external_no": "K2"}
                return await customers.http.post(f"{BASE}/customers", json=new)
            said = {"external_no": "K2"}
            return await customers.http.patch(f"{BASE}/customers/{other}", json=said, headers={"If-Match": "*"})

        async with customers.database.transaction() as before:
            await before.execute("SELECT pg_advisory_xact_lock(hashtextextended('customer_alias', 0))")
            merging = asyncio.create_task(merge(customers, twice, kept))
            await eventually(lambda: somebody_waits(customers))  # everything has moved, and nothing is committed
            taking = asyncio.create_task(takes())
            await eventually(lambda: two_wait(customers))
        assert (await merging).status_code == 201

        assert slug(await taking) == (409, "external-no-taken")
        found = (await customers.http.get(f"{BASE}/customers", params={"external_no": "K2"})).json()["items"]
        assert [each["id"] for each in found] == [str(kept)]


async def two_wait(customers: OneService) -> bool:
    waiting = "FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return int(await customers.database.fetchval(f"SELECT count(*) {waiting}")) == 2


async def test_of_merges_at_once_one_wins(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, other = await store(customers), await store(customers)
        await bought(customers, shop, "1.00")
        await bought(customers, other, "2.00")

        answers = await asyncio.gather(
            *(merge(customers, *pair) for pair in ((shop, other), (other, shop), (shop, other), (other, shop))),
            *(buy(customers, each, "3.00") for each in (shop, other, shop, other)),
        )

        merges, purchases = answers[:4], answers[4:]
        assert sorted(each.status_code for each in merges) == [201, 409, 409, 409]
        assert {each.status_code for each in purchases} <= {201, 422, 503}, [each.text for each in purchases]
        recorded = sum(each.status_code == 201 for each in purchases)
        kept = UUID(next(each for each in merges if each.status_code == 201).json()["into_id"])
        assert await amounts(customers, kept) == sorted(["1.00", "2.00", *["3.00"] * recorded])
        assert await customers.database.fetchval("SELECT count(*) FROM customer") == 1


OF_OTHERS = frozenset(
    {
        "about", "aggregate_id", "approver_id", "assignee_id", "at_content", "brand_id", "commitment_id",
        "competitor_id", "compensation_id", "complaint_id", "content", "contract_id", "department_id", "erasure_id",
        "event_id", "fit_id", "holder", "id", "import_id", "loss_id", "numbered", "policy_id", "ref", "resource_id",
        "row_id", "staff_id", "task_id", "touch_id", "undo_place",
    }
)  # fmt: skip
"""Columns with ids, by their names, that are never a customer's; nor are those of people, which end with `_by`."""
STAYING = {
    "customer_alias.into_id", "customer_alias.kept_id", "customer_merge.into_id",
    "customer_merge.merged_id",  # what merging itself keeps
    "month_total.customer_id", "archive.customer_id", "archive_standing_reached.customer_id",
    "duplicate_due.customer_id", "listing.customer_id",  # counted anew, set aside with the head, kept by loops
    "worth_mark.customer_id", "worth_pass.reached",  # how far a loop has come
    "expectation.customer_id",  # kept by nights
    "signal_run.place",  # how far a loop has come
    "duplicate_pair.one_id", "duplicate_pair.other_id",  # read again after a split
    "erasure.customer_id", "erasure.person_id", "audit_entry.subject",  # whom somebody meant then
    "prospect.owner_id", "opportunity.owner_id", "opportunity_version.owner_id",  # colleagues
    "note.sealed_for", "archive_change.sealed_for", "personal_key.subject_id",  # whose key it is
    "archive_change.other_id",  # somebody of a store
}  # fmt: skip


def test_no_column_of_a_customer_is_left_out() -> None:
    """Whatever it is called: an id that refers to nothing is known to be another's, moves, or is known to stay."""
    found = [*(each.place for each in places.MOVING), *(each.place for each in places.SET_ASIDE)]
    carried = {place if "." in place else f"{place}.customer_id" for place in found}
    left = {
        f"{table.name}.{column.name}"
        for table in METADATA.sorted_tables
        for column in table.columns
        if isinstance(column.type, Uuid)
        and (not column.foreign_keys or column.references(METADATA.tables["customer"].c.id))
        and not column.name.endswith("_by")
        and column.name not in OF_OTHERS
        and f"{table.name}.{column.name}" not in carried
    }
    assert left == STAYING


@dataclass
class Model:
    """Who holds what, by the page of the decision: what is bought goes to who is kept, what came goes back."""

    into: dict[int, int] = field(default_factory=dict)
    held: list[int] = field(default_factory=list)
    """Of each purchase, who has it."""
    came: dict[int, set[int]] = field(default_factory=dict)

    def kept(self, place: int) -> int:
        return self.kept(self.into[place]) if place in self.into else place

    def merge(self, place: int, into: int) -> int:
        """The answer."""
        if place == into:
            return 422
        if place in self.into or into in self.into:
            return 409
        self.came[place] = {number for number, holder in enumerate(self.held) if holder == place}
        self.into[place] = into
        for number in self.came[place]:
            self.held[number] = into
        return 201

    def unmerge(self, place: int) -> int:
        if place not in self.into:
            return 404
        if self.into[place] in self.into:
            return 409
        into = self.into.pop(place)
        for number in self.came.pop(place):
            if self.held[number] == into:
                self.held[number] = place
        return 200


STORES = 4
_PLACE = st.integers(0, STORES - 1)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("buy"), _PLACE, st.integers(1, 900_000)),
        st.tuples(st.just("merge"), _PLACE, _PLACE),
        st.tuples(st.just("unmerge"), _PLACE, st.just(0)),
    ),
    min_size=4,
    max_size=14,
)


async def _holds(customers: OneService, steps: list[tuple[str, int, int]]) -> None:
    stores, model, cents = [await store(customers) for _ in range(STORES)], Model(), list[int]()
    for what, place, value in steps:
        match what:
            case "buy":
                await bought(customers, stores[place], str(Decimal(value) / 100))
                model.held.append(model.kept(place))
                cents.append(value)
            case "merge":
                answer = await merge(customers, stores[place], stores[value])
                assert answer.status_code == model.merge(place, value), answer.text
            case _:
                answer = await customers.http.post(f"{BASE}/customers/{stores[place]}/unmerge")
                assert answer.status_code == model.unmerge(place), answer.text
    for place, id_ in enumerate(stores):
        expected = sum(cents[number] for number, holder in enumerate(model.held) if holder == model.kept(place))
        found = sum(Decimal(each) for each in await amounts(customers, id_))
        assert found * 100 == expected, "what is shown"
        kept = stores[model.kept(place)]
        total = await customers.database.fetchval(
            "SELECT coalesce(sum(amount), 0) FROM month_total WHERE customer_id = $1", kept
        )
        assert total * 100 == expected, "and what tiers are judged by"
    for place in model.into:
        assert not await customers.database.fetchval("SELECT count(*) FROM customer WHERE id = $1", stores[place])


def test_totals_add_up_however_customers_are_merged(postgres_url: str) -> None:
    loop, databases = asyncio.new_event_loop(), Databases(postgres_url)
    stack = AsyncExitStack()
    try:
        customers = loop.run_until_complete(stack.enter_async_context(one_service(databases.fresh, "customers")))

        @settings(max_examples=3, deadline=None, phases=[Phase.explicit, Phase.generate], derandomize=True)
        @given(STEPS)
        @example(
            [("buy", 0, 100), ("merge", 0, 1), ("merge", 1, 2), ("buy", 0, 7), ("unmerge", 0, 0), ("unmerge", 1, 0)]
        )
        def each(steps: list[tuple[str, int, int]]) -> None:
            loop.run_until_complete(_holds(customers, steps))

        each()
    finally:
        loop.run_until_complete(stack.aclose())
        loop.run_until_complete(databases.drop_made())
        loop.close()


async def test_thousands_of_purchases_move_by_one_statement(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        kept, many = await store(customers), await store(customers)
        await customers.database.execute(
            """INSERT INTO purchase (id, version, customer_id, grade, amount, returned, occurred_at, month, identity)
               SELECT gen_random_uuid(), 1, $1, 'mid', 1, 0, now(), 24000, decode(md5(n::text), 'hex')
               FROM generate_series(1, 5000) n""",
            many,
        )

        assert (await merged(customers, many, kept))["moved"] == {"purchase": 5000}

        written = await customers.database.fetch(
            "SELECT customer_id, count(DISTINCT xmin::text) AS statements, count(*) FROM purchase GROUP BY 1"
        )
        assert [tuple(row) for row in written] == [(kept, 1, 5000)], "by one transaction"
        total = await customers.database.fetchval("SELECT sum(amount) FROM month_total WHERE customer_id = $1", kept)
        assert total == 5000
        await unmerged(customers, many)
        assert await customers.database.fetchval("SELECT count(*) FROM purchase WHERE customer_id = $1", many) == 5000
