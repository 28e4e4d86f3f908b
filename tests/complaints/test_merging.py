"""Cases of customers who were merged: found under whichever id, in the order of the kept one's tier."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from uuid import UUID
from zipfile import ZipFile

import orjson
import pytest

from services.complaints.purchases.domain import key_of
from services.complaints.purchases.queries import buyers_of
from shared.contracts.customers import AccountTeamChanged, ContactListed, StoreListed, TierChanged
from shared.contracts.merging import CustomerMerged, CustomerUnmerged
from shared.ids import new_id
from tests.complaints.building import SALESPERSON, SPECIALIST, Complaints, as_role, complaints
from tests.complaints.buying import buy, give_back
from tests.complaints.promising import promise
from tests.complaints.test_compensations import give
from tests.complaints.test_diversion import a_store, reported
from tests.eventually import eventually
from tests.postgres import FreshDatabase

MERGE = new_id()


async def merge(service: Complaints, merged: UUID, into: UUID, version: int = 5) -> None:
    at = service.clock.now()
    for customer_id in (merged, into):
        told = CustomerMerged(customer_id=customer_id, merge_id=MERGE, merged_id=merged, into_id=into, at=at)
        await service.given(told, version=version)


async def unmerge(service: Complaints, merged: UUID, into: UUID, version: int = 6, under: Sequence[UUID] = ()) -> None:
    """Told under both, as it is, unless it is told under some of them first."""
    at = service.clock.now()
    for customer_id in under or (merged, into):
        told = CustomerUnmerged(
            customer_id=customer_id, merge_id=MERGE, merged_id=merged, into_id=into, at=at, tier="D"
        )
        await service.given(told, version=version)


async def found(service: Complaints, customer: UUID) -> set[str]:
    answer = await service.get("/complaints", customer_id=str(customer))
    assert answer.status_code == 200, answer.text
    return {each["id"] for each in answer.json()["items"]}


async def waiting(service: Complaints) -> list[str]:
    return [each["id"] for each in (await service.get("/queue")).json()["items"]]


async def test_cases_of_both_are_found_and_what_comes_is_the_kept_ones(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        kept, twice = await service.customer("A"), await service.customer()
        own, of_twice = (await service.record(kept))["id"], (await service.record(twice))["id"]

        await merge(service, twice, kept)

        assert await found(service, kept) == await found(service, twice) == {own, of_twice}
        late = await service.record(twice)
        assert (await service.read(late["id"]))["customer_id"] == str(kept)
        by_number = await service.get("/complaints", customer_id=str(twice), number=late["number"])
        assert [each["id"] for each in by_number.json()["items"]] == [late["id"]]
        await unmerge(service, twice, kept)
        assert await found(service, kept) == {own, late["id"]}
        assert await found(service, twice) == {of_twice}


async def test_a_case_under_the_old_id_waits_by_the_kept_ones_tier(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        kept, twice, other = await service.customer("C"), await service.customer(), await service.customer("B")
        of_other, of_twice = (await service.record(other))["id"], (await service.record(twice))["id"]
        await merge(service, twice, kept)
        assert await waiting(service) == [of_other, of_twice]

        await service.given(_rises(service, kept), version=7)

        assert await waiting(service) == [of_twice, of_other], "an A now"
        await unmerge(service, twice, kept)
        assert await waiting(service) == [of_other, of_twice], "a D again"


async def test_who_serves_the_kept_one_sees_the_cases_of_both(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        kept, twice = await service.customer(team={}), await service.customer(team={})
        case = (await service.record(twice))["id"]
        seller = as_role("salesperson", SALESPERSON)
        path = f"/complaints/v1/complaints/{case}"
        assert (await service.http.get(path, headers=seller)).status_code == 404
        await merge(service, twice, kept)

        await service.given(AccountTeamChanged(customer_id=kept, team={"salesperson": SALESPERSON}), version=8)

        assert (await service.http.get(path, headers=seller)).status_code == 200
        await service.given(AccountTeamChanged(customer_id=twice, team={}), version=8)
        assert (await service.http.get(path, headers=seller)).status_code == 404, "its own team, when it is told again"


@pytest.mark.parametrize("told_first", [True, False])
async def test_complainers_and_buyers_are_counted_once(fresh_database: FreshDatabase, told_first: bool) -> None:
    async with complaints(fresh_database) as service:
        kept, twice = await service.customer(), await service.customer()
        if told_first:
            await merge(service, twice, kept)
        for customer in (kept, twice, twice):
            await service.record(customer)
        purchases = [await buy(service, customer, ("CR-50", "B7", 6)) for customer in (kept, twice)]
        if not told_first:
            await merge(service, twice, kept)

        [complainer] = (await service.get("/complainers", at_least=3)).json()["items"]
        assert (complainer["customer_id"], complainer["cases"]) == (str(kept), 3)
        assert await _bought(service) == [(kept, 12)]
        await give_back(service, twice, purchases[1], ("CR-50", "B7", -6))
        assert await _bought(service) == [(kept, 6)]
        await unmerge(service, twice, kept)
        assert await _bought(service) == [(kept, 6)], "what the other had has come back"


def _rises(service: Complaints, customer: UUID) -> TierChanged:
    return TierChanged(
        customer_id=customer,
        from_tier="C",
        to_tier="A",
        cause="purchase",
        total=Decimal("10000.00"),
        policy_version=1,
        at=service.clock.now(),
    )


async def _bought(service: Complaints) -> list[tuple[UUID, int]]:
    since = service.clock.now() - timedelta(days=30)
    found = await buyers_of(service.database, key_of("CR-50"), key_of("B7"), since)
    return [(buyer.customer_id, buyer.quantity) for buyer in found]


async def test_names_and_phones_of_the_kept_one_find_the_cases_of_both(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        kept, twice = await service.customer(), await service.customer()
        cases = {(await service.record(each))["id"] for each in (kept, twice)}
        await service.given(
            StoreListed(customer_id=kept, name="丽人美容院", external_no="S-17"),
            ContactListed(customer_id=kept, kind="store", name="丽人美容院", phones=["+8613800138001"]),
        )

        await merge(service, twice, kept)

        for sought in ({"store": "丽人"}, {"store": "S-17"}, {"phone": "13800138001"}):
            answer = await service.get("/complaints", **sought)
            assert {each["id"] for each in answer.json()["items"]} == cases, sought


async def test_a_chain_goes_by_the_tier_at_its_end_and_each_has_its_own_again(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        first, second, last = await service.customer(), await service.customer(), await service.customer("A")
        other = await service.customer("C")
        of_other, of_first = (await service.record(other))["id"], (await service.record(first))["id"]
        await merge(service, first, second)
        assert await waiting(service) == [of_other, of_first]

        await merge(service, second, last)

        assert await waiting(service) == [of_first, of_other], "an A, as whom it was merged into in the end"
        assert await found(service, last) == await found(service, first) == {of_first}
        await unmerge(service, second, last)
        assert await waiting(service) == [of_other, of_first], "a D, as whom it stands under"
        assert await found(service, last) == set()
        assert await found(service, second) == {of_first}


async def test_an_unmerge_told_once_more_under_the_kept_one_says_nothing_of_the_tier(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        kept, twice, other = await service.customer(), await service.customer(), await service.customer("C")
        of_other, of_twice = (await service.record(other))["id"], (await service.record(twice))["id"]
        await merge(service, twice, kept)
        await unmerge(service, twice, kept, under=[twice])
        await service.given(_rises(service, twice), version=7)

        await unmerge(service, twice, kept, under=[kept])

        assert await waiting(service) == [of_twice, of_other], "the A of since then"


async def test_one_limit_holds_for_what_is_given_to_both(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        kept, twice = await service.customer(), await service.customer()
        first, second = [(await service.record(each))["id"] for each in (kept, twice)]
        assert (await give(service, first, SPECIALIST, "500")).status_code == 201

        await merge(service, twice, kept)

        assert (await give(service, second, SPECIALIST, "0.01")).status_code == 202, "500.00 were given to one already"
        await unmerge(service, twice, kept)
        assert (await give(service, second, SPECIALIST, "500")).status_code == 201


async def test_promises_findings_and_what_is_kept_of_a_person_are_those_of_both(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        kept, twice = await a_store(service), await a_store(service)
        for each in (kept, twice):
            served = AccountTeamChanged(customer_id=UUID(each), team={"salesperson": SALESPERSON})
            await service.given(served, version=3)
        promises = {(await promise(service, UUID(each))).json()["id"] for each in (kept, twice)}
        findings = [await reported(service, each) for each in (twice, kept)]

        await merge(service, UUID(twice), UUID(kept))

        listed = (await service.get("/commitments", customer_id=kept)).json()["items"]
        assert {each["id"] for each in listed} == promises
        for store in (kept, twice):
            found = (await service.get("/internal", store_id=store)).json()["items"]
            assert {each["id"]: each["occurrence"] for each in found} == {findings[0]: 1, findings[1]: 2}
        archive = ZipFile(BytesIO((await service.get(f"/persons/{kept}/export")).content))
        assert {each["id"] for each in orjson.loads(archive.read("complaints/cases.json"))} == set(findings)
        assert {each["id"] for each in orjson.loads(archive.read("complaints/promises.json"))} == promises


async def test_a_tier_is_kept_for_both_in_the_order_in_which_a_merge_holds_them(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        twice, kept = await service.customer(), await service.customer()
        await merge(service, twice, kept)
        hold = "SELECT FROM customer_ref WHERE id = $1 FOR UPDATE"

        async def waits() -> bool:
            blocked = (
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            return bool(await service.database.fetchval(blocked))

        async with service.database.transaction() as first:
            await first.execute(hold, twice)
            rising = asyncio.create_task(service.given(_rises(service, kept), version=7))
            await eventually(waits)
            await first.execute(hold + " NOWAIT", kept)
        await rising

        ranks = await service.database.fetch("SELECT DISTINCT tier_rank FROM customer_ref")
        assert len(ranks) == 1, "an A, both"
