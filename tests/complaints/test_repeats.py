"""Repeats: the same subject against the same party within the month, counted, linked, raised, and taken back."""

import asyncio
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from services.complaints.repeats import handlers
from shared.contracts.complaints import ComplaintRepeated
from shared.contracts.customers import StaffListed
from shared.contracts.responsibility import PenaltyProposed, PenaltyWithdrawn
from shared.ids import new_id
from tests.complaints.building import DEPARTMENT, SALESPERSON, SPECIALIST, SUPERVISOR, Complaints, as_role, complaints
from tests.complaints.test_responsibility import penalties
from tests.postgres import FreshDatabase
from tests.support import START

LI = {"type": "person", "id": str(SALESPERSON)}


def at(moment: str) -> datetime:
    return datetime.fromisoformat(f"2026-{moment}+08:00")


async def recorded(service: Complaints, moment: datetime | None = None, **fields: Any) -> str:
    """A case about attitude against the salesperson, recorded at that moment, and heard of."""
    if moment is not None:
        service.clock.move_to(moment)
    case = await service.record(await service.customer(), **{"subject": "attitude", "against": LI, **fields})
    await service.hear_own()
    return str(case["id"])


async def judged(service: Complaints, id_: str, *, valid: bool = True, good_faith: bool = True) -> None:
    body = {"valid": valid, "good_faith": good_faith, "reasons": "what the inspection found"}
    assert (await service.post(f"/complaints/{id_}/judgement", body)).status_code == 200
    await service.hear_own()


async def repeat(service: Complaints, *ids: str) -> list[tuple[int, str | None]]:
    """What the cases say of themselves."""
    said = [(await service.read(id_))["repeat"] for id_ in ids]
    return [(each["count"], each["of"]) for each in said]


async def proposed(service: Complaints) -> Decimal:
    """What is proposed for repeats, in all."""
    return sum(
        (Decimal(each["amount"]) for each in await penalties(service, state="proposed", rule="repeat")), Decimal()
    )


async def test_the_repeats_of_a_month_are_listed_from_each_of_them(fresh_database: FreshDatabase) -> None:
    """Forwards and backwards, the case itself among them; they are no links, so nobody undoes them."""
    async with complaints(fresh_database) as service:
        ids = [await recorded(service) for _ in range(3)]
        await recorded(service, subject="product")
        alone = await recorded(service, against={"type": "company"})
        await judged(service, ids[1], good_faith=False)

        async def listed(id_: str) -> list[tuple[str, int, str | None]]:
            items = (await service.get(f"/complaints/{id_}/repeats")).json()["items"]
            return [(each["id"], each["count"], each["of"]) for each in items]

        for id_ in ids:
            assert await listed(id_) == [(ids[0], 1, None), (ids[1], 0, None), (ids[2], 2, ids[0])]
        assert await listed(alone) == []
        assert (await service.get(f"/complaints/{ids[0]}/links")).json()["items"] == []
        [first, *_] = (await service.get(f"/complaints/{ids[0]}/repeats")).json()["items"]
        read = await service.read(ids[0])
        assert {name: first[name] for name in ("number", "state", "recorded_at")} == {
            name: read[name] for name in ("number", "state", "recorded_at")
        }
        stranger = as_role("salesperson", new_id())
        path = f"/complaints/v1/complaints/{ids[0]}/repeats"
        assert (await service.http.get(path, headers=stranger)).status_code == 404


@pytest.mark.example(5)
async def test_the_third_and_fourth_of_november_are_repeats_until_they_are_judged(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database, at("10-31T23:59:59")) as service:
        c1 = await recorded(service)
        c2 = await recorded(service, at("11-01T00:00:00"))
        c3 = await recorded(service, at("11-12T10:00:00"))  # another store
        c4 = await recorded(service, at("11-20T10:00:00"))
        assert await repeat(service, c1, c2, c3, c4) == [(1, None), (1, None), (2, c2), (3, c3)]
        found = await penalties(service)
        assert [(each["basis"]["id"], each["rule"], each["amount"]) for each in found] == [
            (c3, "repeat", "200.00"),
            (c4, "repeat", "200.00"),
        ]
        assert {each["person_id"] for each in found} == {str(SALESPERSON)}
        assert await proposed(service) == 400

        await judged(service, c3, good_faith=False)
        assert await repeat(service, c2, c3, c4) == [(1, None), (0, None), (2, c2)]
        assert await proposed(service) == 200
        assert [(each.complaint_id, each.reason) for each in await service.facts(PenaltyWithdrawn)] == [
            (UUID(c3), "not_counted")
        ]

        await judged(service, c2, valid=False)
        assert await repeat(service, c2, c3, c4) == [(0, None), (0, None), (1, None)]
        assert await proposed(service) == 0
        assert [(each.complaint_id, each.reason) for each in await service.facts(PenaltyWithdrawn)][1:] == [
            (UUID(c4), "not_repeated")
        ]


@pytest.mark.example(5)
async def test_an_enquiry_never_counts(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        first = await recorded(service)
        enquiry = await recorded(service, kind="enquiry")
        suggestion = await recorded(service, kind="suggestion")
        second = await recorded(service)

        assert await repeat(service, first, enquiry, suggestion, second) == [
            (1, None),
            (0, None),
            (0, None),
            (2, first),
        ]
        assert await proposed(service) == 200


async def test_judged_otherwise_again_a_case_counts_again(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        first, second = [await recorded(service) for _ in range(2)]
        await judged(service, first, valid=False)
        assert await proposed(service) == 0

        await judged(service, first)
        await judged(service, first)

        assert await repeat(service, first, second) == [(1, None), (2, first)]
        assert await proposed(service) == 200
        assert len(await service.facts(PenaltyProposed)) == 2
        told = [(each.complaint_id, each.count) for each in await service.facts(ComplaintRepeated)]
        assert sorted(told) == sorted(
            [(UUID(second), 2), (UUID(first), 0), (UUID(second), 1), (UUID(first), 1), (UUID(second), 2)]
        )


async def test_only_the_same_subject_against_the_same_party_is_a_repeat(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        cream, department = {"type": "product", "name": "面霜"}, {"type": "department", "id": str(DEPARTMENT)}
        first = [
            await recorded(service, against=against)
            for against in (LI, cream, department, {"type": "person", "name": "面霜"}, {"type": "company"})
        ]
        other = await recorded(service, subject="service")
        assert await repeat(service, *first, other) == [(1, None)] * 6

        again = [
            await recorded(service, against=against)
            for against in ({"type": "product", "name": " 面 霜"}, department, {"type": "company"})
        ]

        assert await repeat(service, *again) == [(2, first[1]), (2, first[2]), (1, None)]


async def bearing(service: Complaints, name: str) -> dict[str, str]:
    """Somebody who bears this name, by their id."""
    listed = StaffListed(staff_id=new_id(), name=name, role="salesperson", department_id=DEPARTMENT)
    await service.given(listed)
    return {"type": "person", "id": str(listed.staff_id)}


async def test_who_bears_a_name_alone_is_meant_by_it(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        li, department = await bearing(service, "李 Ming"), {"type": "department", "id": str(DEPARTMENT)}
        first = [
            await recorded(service, against=against)
            for against in ({"type": "person", "name": "李ＭＩＮＧ"}, {"type": "department", "name": "客服 部"})
        ]

        again = [await recorded(service, against=against) for against in (li, department)]
        other = await recorded(service, against={"type": "department", "name": "李 Ming"})

        assert await repeat(service, *first, *again) == [(1, None), (1, None), (2, first[0]), (2, first[1])]
        assert await repeat(service, other) == [(1, None)]
        assert await proposed(service) == 400


async def test_a_name_that_two_bear_stands_for_itself_until_it_is_put_right(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        one, another = await bearing(service, "李明"), await bearing(service, "李 明")
        against_one, against_another = [await recorded(service, against=against) for against in (one, another)]
        named = [await recorded(service, against={"type": "person", "name": "李明"}) for _ in range(2)]
        assert await repeat(service, against_one, against_another, *named) == [
            (1, None),
            (1, None),
            (1, None),
            (2, named[0]),
        ]

        body = {"against": another, "reason": "问过了，是另一位李明"}
        assert (await service.post(f"/complaints/{named[1]}/correction", body)).status_code == 200
        await service.hear_own()

        assert await repeat(service, against_one, against_another, *named) == [
            (1, None),
            (1, None),
            (1, None),
            (2, against_another),
        ]


async def test_cases_by_a_name_are_found_once_somebody_is_listed_who_bears_it(fresh_database: FreshDatabase) -> None:
    """As are those that an older release counted under the name."""
    async with complaints(fresh_database) as service:
        named = {"type": "person", "name": "李明"}
        first, second = [await recorded(service, against=named) for _ in range(2)]
        li = await bearing(service, "李明")

        third = await recorded(service, against=named)
        fourth = await recorded(service, against=li)

        assert await repeat(service, first, second, third, fourth) == [
            (1, None),
            (2, first),
            (3, second),
            (4, third),
        ]
        assert await proposed(service) == 600


async def test_a_repeat_is_told_to_the_next_above_whom_it_concerns(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await recorded(service)
        second = await recorded(service)

        [fact] = await service.facts(ComplaintRepeated)

        case = await service.read(second)
        assert case["responsible_id"] == str(SPECIALIST)
        assert (fact.complaint_id, fact.number, fact.count) == (UUID(second), case["number"], 2)
        assert fact.staff_id == SUPERVISOR
        [event] = await service.events(ComplaintRepeated)
        assert event.aggregate_version == 2
        assert not event.historical


async def test_what_is_taken_over_counts_and_costs_nothing(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        known = await recorded(service)
        service.clock.forward(timedelta(days=1))
        early = (START - timedelta(days=1)).isoformat()
        first = await recorded(service, recorded_at=early)
        late = await recorded(service, recorded_at=(START + timedelta(hours=1)).isoformat())
        assert await repeat(service, first, known, late) == [(1, None), (2, first), (3, known)]
        assert await proposed(service) == 0  # nobody knew of the first one when the second was recorded
        told = [(fact.complaint_id, fact.count, fact.staff_id) for fact in await service.facts(ComplaintRepeated)]
        assert told == [(UUID(known), 2, None), (UUID(late), 3, None)]
        assert [event.historical for event in await service.events(ComplaintRepeated)] == [False, True]

        last = await recorded(service)

        assert await repeat(service, last) == [(4, late)]
        assert await proposed(service) == 200


async def test_of_the_time_before_rules_proposed_cases_are_counted_and_cost_nothing(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        old = [(await service.record(subject="attitude", against=LI))["id"] for _ in range(2)]
        await service.database.execute("UPDATE proposing SET since = $1", new_id())
        await service.hear_own()
        assert await repeat(service, *old) == [(1, None), (2, old[0])]
        assert await proposed(service) == 0

        assert await repeat(service, await recorded(service)) == [(3, old[1])]
        assert await proposed(service) == 200


async def test_cases_in_the_same_instant_are_counted_one_after_the_other(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        ids = [(await service.record(subject="attitude", against=LI))["id"] for _ in range(8)]
        context = service.service.context

        async def heard(id_: str) -> None:
            async with context.database.transaction() as transaction:
                await handlers.regroup(transaction, context, {UUID(id_)})

        await asyncio.gather(*(heard(id_) for id_ in reversed(ids)))
        await service.hear_own()  # and once more, in their order

        assert await repeat(service, *ids) == [(n, ids[n - 2] if n > 1 else None) for n in range(1, 9)]
        found = await penalties(service, rule="repeat")
        assert sorted(each["basis"]["id"] for each in found) == sorted(ids[1:])
        assert await proposed(service) == 7 * 200
        versions = [(event.aggregate_id, event.aggregate_version) for event in await service.events(ComplaintRepeated)]
        assert len(set(versions)) == len(versions)


async def test_a_case_that_turns_out_to_be_against_no_party_repeats_nothing_and_costs_nothing(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        first, second, third = [await recorded(service) for _ in range(3)]
        assert await proposed(service) == 400

        body = {"against": {"type": "company"}, "reason": "客户说错了人"}
        assert (await service.post(f"/complaints/{second}/correction", body)).status_code == 200
        await service.hear_own()

        assert await repeat(service, first, second, third) == [(1, None), (1, None), (2, first)]
        assert await proposed(service) == 200
        withdrawn = [(each.complaint_id, each.reason) for each in await service.facts(PenaltyWithdrawn)]
        assert withdrawn == [(UUID(second), "not_repeated")]
