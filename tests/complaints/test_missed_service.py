"""Missed service as money: proposed once, against whom, and taken back (domain 4.1)."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.care import Contact, Excuse, TouchMadeGood, TouchMakeGoodMissed, TouchMissed, TouchMissWithdrawn
from shared.contracts.responsibility import PenaltyDecided, PenaltyProposed, PenaltyReversed, PenaltyWithdrawn
from shared.ids import new_id
from tests.complaints.building import Complaints, as_role, complaints
from tests.complaints.penalising import (
    FIRST_ADMIN,
    SECOND_ADMIN,
    appeal,
    at,
    balance,
    booked,
    decide,
    penalties,
    said,
)
from tests.postgres import FreshDatabase

HALF = at("2026-10-16 00:00")
MONTH = at("2026-11-01 00:00")


def touch(task_id: UUID, contact: Contact, assignee_id: UUID, moment: datetime) -> dict[str, Any]:
    return {
        "task_id": task_id,
        "customer_id": task_id,
        "kind": "obligation",
        "role": "salesperson",
        "contact": contact,
        "assignee_id": assignee_id,
        "at": moment,
    }


async def missed(
    service: Complaints,
    contact: Contact,
    assignee_id: UUID,
    supervisor_id: UUID | None,
    due_at: datetime,
    excuse: Excuse | None = None,
    *,
    kind: str = "obligation",
    **envelope: Any,
) -> UUID:
    task_id = new_id()
    of_touch = {**touch(task_id, contact, assignee_id, due_at), "kind": kind}
    fact = TouchMissed(**of_touch, due_at=due_at, supervisor_id=supervisor_id, excuse=excuse)
    await service.given(fact, **envelope)
    return task_id


async def taken_back(service: Complaints, task_id: UUID, assignee_id: UUID, due_at: datetime) -> None:
    await service.given(TouchMissWithdrawn(**touch(task_id, "visit", assignee_id, due_at), due_at=due_at), version=4)


async def not_made_good(
    service: Complaints, task_id: UUID, contact: Contact, assignee: UUID, until: datetime, version: int = 3
) -> None:
    fact = TouchMakeGoodMissed(**touch(task_id, contact, assignee, until), until=until)
    await service.given(fact, version=version)


def per_person(found: list[dict[str, Any]]) -> Mapping[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for each in found:
        sums[each["person_id"]] = sums.get(each["person_id"], Decimal(0)) + Decimal(each["amount"])
    return sums


@pytest.mark.example(12)
async def test_missed_service_is_charged_to_who_supervises(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, start=at("2026-10-16 00:00")) as service:
        wang = await service.colleague("sales_manager")
        li = await service.colleague("salesperson", supervisor_id=wang)
        visit_of_half = await missed(service, "visit", li, wang, HALF)
        service.clock.move_to(MONTH)
        await missed(service, "visit", li, wang, MONTH)
        call = await missed(service, "phone", li, wang, MONTH)
        own_visit = await missed(service, "visit", wang, None, MONTH)
        await missed(service, "phone", wang, None, MONTH)

        found = await penalties(service)

        assert [(each["rule"], each["amount"]) for each in found] == [
            ("missed_visit", "30.00"), ("missed_visit", "30.00"), ("missed_call", "20.00"),
            ("missed_visit", "50.00"), ("missed_call", "30.00"),
        ]  # fmt: skip
        assert per_person(found) == {str(wang): Decimal(160)}, "Li 0"
        assert {each["month"] for each in found} == {"2026-10"}, "the window's month, though it ends with the month"
        [of_half] = await penalties(service, task_id=visit_of_half)
        assert of_half["basis"] == {"type": "task", "id": str(visit_of_half), "number": None, "round": 1}
        assert [(each["staff_id"], each["amount"]) for each in of_half["shares"]] == [(str(wang), "30.00")]

        until = at("2026-11-11 00:00")  # the A visit happens on the 9th; Li's call and Wang's visit do not
        service.clock.move_to(until)
        await not_made_good(service, call, "phone", li, until)
        await not_made_good(service, own_visit, "visit", wang, until)

        assert per_person(await penalties(service)) == {str(wang): Decimal(230)}
        assert [each["amount"] for each in await penalties(service, task_id=call)] == ["20.00", "20.00"]
        assert [each["amount"] for each in await penalties(service, task_id=own_visit)] == ["50.00", "50.00"]
        assert [each["amount"] for each in await penalties(service, task_id=visit_of_half)] == ["30.00"]

        await missed(service, "visit", li, wang, until, excuse="leave")
        await missed(service, "stay", li, wang, until, excuse="closed")
        assert per_person(await penalties(service)) == {str(wang): Decimal(230)}
        kept = await service.database.fetch("SELECT excuse, contact FROM excused_miss ORDER BY excuse")
        assert [tuple(row) for row in kept] == [("closed", "stay"), ("leave", "visit")]


async def test_a_penalty_of_a_miss_that_is_excused_later_says_so(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        wang = await service.colleague("sales_manager")
        li = await service.colleague("salesperson", supervisor_id=wang)
        task_id = await missed(service, "visit", li, wang, MONTH)
        of_touch = touch(task_id, "visit", li, MONTH)

        await service.given(TouchMissWithdrawn(**of_touch, due_at=MONTH, excuse="leave"), version=2)
        await service.given(TouchMissed(**of_touch, due_at=MONTH, supervisor_id=wang, excuse="leave"), version=3)

        assert {(each["state"], each["reason"]) for each in await penalties(service, task_id=task_id)} == {
            ("withdrawn", "excused")
        }


async def test_what_is_told_again_is_proposed_once(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        wang = await service.colleague("sales_manager")
        li = await service.colleague("salesperson", supervisor_id=wang)
        task_id = new_id()
        fact = TouchMissed(**touch(task_id, "stay", li, MONTH), due_at=MONTH, supervisor_id=wang)
        await service.given(fact, fact)
        await service.given(fact, version=2)
        await not_made_good(service, task_id, "stay", li, MONTH)
        await not_made_good(service, task_id, "stay", li, MONTH)

        assert [each["rule"] for each in await penalties(service)] == ["missed_visit", "not_made_good"]
        assert len(await service.facts(PenaltyProposed)) == 2


async def test_messages_and_the_past_cost_nothing(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        li = await service.colleague("salesperson")
        await missed(service, "message", li, li, MONTH)
        await missed(service, "visit", li, li, MONTH, historical=True)
        await service.database.execute("UPDATE proposing SET service_since = $1", new_id())
        earlier = TouchMissed(**touch(new_id(), "visit", li, MONTH), due_at=MONTH, supervisor_id=li)
        await service.database.execute("UPDATE proposing SET service_since = $1", UUID(int=2**128 - 1))
        await service.given(earlier)
        await not_made_good(service, new_id(), "visit", li, MONTH)

        assert await penalties(service) == []


async def test_a_miss_without_a_supervisor_names_nobody(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        li = await service.colleague("salesperson")
        task_id = await missed(service, "visit", li, None, MONTH)
        [penalty] = await penalties(service, task_id=task_id)

        assert (penalty["person_id"], penalty["shares"]) == (None, [])
        assert said(await decide(service, penalty["id"], "30")) == (409, "penalty-without-payer")
        assert said(await decide(service, penalty["id"])) == (200, "waived")


async def test_the_supervisor_of_the_staff_record_pays_where_care_names_nobody(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        wang = await service.colleague("sales_manager")
        li = await service.colleague("salesperson", supervisor_id=wang)
        await missed(service, "visit", li, None, MONTH)

        assert per_person(await penalties(service)) == {str(wang): Decimal(30)}


async def test_missed_service_is_decided_from_what_the_rule_costs(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        wang = await service.colleague("sales_manager")
        li = await service.colleague("salesperson", supervisor_id=wang)
        tasks = [await missed(service, "phone", li, wang, MONTH) for _ in range(3)]
        least, more, too_much = [(await penalties(service, task_id=id_))[0]["id"] for id_ in tasks]

        assert said(await decide(service, least, "19.99")) == (422, "penalty-out-of-bounds")
        assert said(await decide(service, least, "20")) == (200, "decided")
        assert said(await decide(service, more, "500")) == (200, "decided")
        assert said(await decide(service, too_much, "500.01")) == (422, "penalty-out-of-bounds")


async def test_a_miss_that_is_taken_back_costs_nothing(fresh_database: FreshDatabase) -> None:
    """Proposed: withdrawn; decided: reversed; booked: taken back in the ledger, with what was not made good."""
    async with complaints(fresh_database, start=MONTH) as service:
        wang = await service.colleague("sales_manager")
        li = await service.colleague("salesperson", supervisor_id=wang)
        tasks = [await missed(service, "visit", li, wang, MONTH) for _ in range(3)]
        proposed, decided, booked_ = [(await penalties(service, task_id=id_))[0]["id"] for id_ in tasks]
        await not_made_good(service, tasks[2], "visit", li, MONTH)
        again = (await penalties(service, task_id=tasks[2]))[1]["id"]
        await decide(service, booked_, "30")
        await decide(service, again, "30")
        service.clock.forward(timedelta(days=8))
        await service.run_loops("complaints.bookings")
        await decide(service, decided, "30")
        assert await balance(service) == {str(wang): Decimal(60)}

        for task_id in tasks:
            await taken_back(service, task_id, li, MONTH)
            await taken_back(service, task_id, li, MONTH)

        assert await balance(service) == {}
        states = {each["id"]: each["state"] for each in await penalties(service)}
        assert states == {proposed: "withdrawn", decided: "reversed", booked_: "reversed", again: "reversed"}
        assert {each.reason for each in await service.facts(PenaltyWithdrawn, PenaltyReversed)} == {"miss_withdrawn"}
        service.clock.forward(timedelta(days=30))
        await service.run_loops("complaints.bookings")
        assert await balance(service) == {}, "what was reversed is not booked any more"


async def test_a_miss_that_is_taken_back_while_it_is_decided(fresh_database: FreshDatabase) -> None:
    """Whichever comes first: in the end nobody pays."""
    async with complaints(fresh_database) as service:
        wang = await service.colleague("sales_manager")
        li = await service.colleague("salesperson", supervisor_id=wang)
        for _ in range(5):
            task_id = await missed(service, "visit", li, wang, MONTH)
            [penalty] = await penalties(service, task_id=task_id)

            answer, _ = await asyncio.gather(
                decide(service, penalty["id"], "30"), taken_back(service, task_id, li, MONTH)
            )

            assert answer.status_code in (200, 409)
            [penalty] = await penalties(service, task_id=task_id)
            assert penalty["state"] == ("reversed" if answer.status_code == 200 else "withdrawn")
        service.clock.forward(timedelta(days=9))
        await service.run_loops("complaints.bookings")
        assert await booked(service) == []


async def test_an_excuse_that_is_known_later_takes_the_charge_back(fresh_database: FreshDatabase) -> None:
    """Care tells the miss anew: with its excuse, and without it when that was withdrawn."""
    async with complaints(fresh_database) as service:
        wang = await service.colleague("sales_manager")
        li = await service.colleague("salesperson", supervisor_id=wang)
        task_id = await missed(service, "visit", li, wang, MONTH)
        fact = TouchMissed(**touch(task_id, "visit", li, MONTH), due_at=MONTH, supervisor_id=wang)
        excused = fact.model_copy(update={"excuse": "leave"})

        await service.given(excused, version=2)
        [penalty] = await penalties(service)
        assert (penalty["state"], penalty["reason"]) == ("withdrawn", "excused")
        history = (await service.get(f"/penalties/{penalty['id']}")).json()["history"]
        assert [(each["what"], each["cause"]) for each in history] == [("proposed", None), ("withdrawn", "excused")]
        assert await service.database.fetchval("SELECT excuse FROM excused_miss") == "leave"

        await service.given(fact, version=3)
        [penalty] = await penalties(service)
        assert (penalty["state"], penalty["reason"]) == ("proposed", None)
        assert await service.database.fetchval("SELECT count(*) FROM excused_miss") == 0
        await decide(service, penalty["id"], "30")
        service.clock.forward(timedelta(days=9))
        await service.run_loops("complaints.bookings")
        await service.given(excused, version=4)
        [penalty] = await penalties(service)
        assert penalty["state"] == "reversed"
        history = (await service.get(f"/penalties/{penalty['id']}")).json()["history"]
        assert [(each["cause"], each["by"], each["reason"]) for each in history[-1:]] == [("excused", None, None)]
        assert await balance(service) == {}


async def test_a_miss_that_is_told_anew_is_charged_to_who_was_charged_before(fresh_database: FreshDatabase) -> None:
    """Whoever supervised nobody at the miss, and supervises since, does not pay 50 for it; nor does who came since."""
    async with complaints(fresh_database) as service:
        wang, later = await service.colleague("sales_manager"), await service.colleague("sales_manager")
        li = await service.colleague("salesperson", supervisor_id=wang)
        task_id = await missed(service, "visit", li, wang, MONTH)
        fact = TouchMissed(**touch(task_id, "visit", li, MONTH), due_at=MONTH, supervisor_id=later)
        await service.given(fact.model_copy(update={"excuse": "leave"}), version=2)
        await service.colleague("salesperson", supervisor_id=li)

        await service.given(fact, version=3)

        [penalty] = await penalties(service)
        assert (penalty["state"], penalty["person_id"], penalty["amount"]) == ("proposed", str(wang), "30.00")


async def test_an_excuse_that_was_a_mistake_leaves_what_was_not_made_good_charged(
    fresh_database: FreshDatabase,
) -> None:
    """As care tells it: excused, then not, and the end of what was ordered once more."""
    async with complaints(fresh_database) as service:
        wang = await service.colleague("sales_manager")
        li = await service.colleague("salesperson", supervisor_id=wang)
        task_id = await missed(service, "phone", li, wang, MONTH)
        await not_made_good(service, task_id, "phone", li, MONTH)
        assert per_person(await penalties(service, state="proposed")) == {str(wang): Decimal(40)}
        fact = TouchMissed(**touch(task_id, "phone", li, MONTH), due_at=MONTH, supervisor_id=wang)
        await service.given(fact.model_copy(update={"excuse": "leave"}), version=4)
        assert await penalties(service, state="proposed") == []

        await service.given(fact, version=5)
        await not_made_good(service, task_id, "phone", li, MONTH, version=6)

        assert per_person(await penalties(service, state="proposed")) == {str(wang): Decimal(40)}


async def test_what_was_waived_is_not_charged_again(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        wang = await service.colleague("sales_manager")
        li = await service.colleague("salesperson", supervisor_id=wang)
        task_id = await missed(service, "visit", li, wang, MONTH)
        await decide(service, (await penalties(service))[0]["id"])
        await not_made_good(service, task_id, "visit", li, MONTH)

        assert [each["state"] for each in await penalties(service)] == ["waived"]


@pytest.mark.parametrize("not_made_good_is", ["proposed", "decided", "unknown"])
async def test_a_miss_that_is_waived_costs_nothing_more_whichever_was_known_first(
    fresh_database: FreshDatabase, not_made_good_is: str
) -> None:
    async with complaints(fresh_database) as service:
        wang = await service.colleague("sales_manager")
        li = await service.colleague("salesperson", supervisor_id=wang)
        task_id = await missed(service, "visit", li, wang, MONTH)
        [miss] = await penalties(service)
        await decide(service, miss["id"], "30")
        await appeal(service, miss["id"], wang, "sales_manager")
        if not_made_good_is != "unknown":
            await not_made_good(service, task_id, "visit", li, MONTH)
        if not_made_good_is == "decided":
            await decide(service, (await penalties(service, rule="not_made_good"))[0]["id"], "30")

        assert said(await decide(service, miss["id"], by=SECOND_ADMIN)) == (200, "waived")
        if not_made_good_is == "unknown":
            await not_made_good(service, task_id, "visit", li, MONTH)

        states = {each["rule"]: (each["state"], each["reason"]) for each in await penalties(service)}
        after = {"proposed": {"not_made_good": ("withdrawn", "not_applicable")}, "unknown": {}}
        after["decided"] = {"not_made_good": ("reversed", "not_applicable")}
        assert states == {"missed_visit": ("waived", None), **after[not_made_good_is]}
        service.clock.forward(timedelta(days=9))
        await service.run_loops("complaints.bookings")
        assert await booked(service) == []


@pytest.mark.parametrize("waived_too", [False, True])
async def test_a_miss_waived_in_one_request_with_what_was_not_made_good(
    fresh_database: FreshDatabase, waived_too: bool
) -> None:
    """Decided and waived at once: nobody is told that they pay what they do not."""
    async with complaints(fresh_database) as service:
        wang = await service.colleague("sales_manager")
        li = await service.colleague("salesperson", supervisor_id=wang)
        task_id = await missed(service, "visit", li, wang, MONTH)
        await not_made_good(service, task_id, "visit", li, MONTH)
        miss, again = await penalties(service)
        of_again = {"waive": True} if waived_too else {"amount": "30"}

        items = [{"id": again["id"], "reason": "属实", **of_again}, {"id": miss["id"], "waive": True, "reason": "误会"}]
        answer = await service.post("/penalties/decisions", {"items": items}, **as_role("admin_dept", FIRST_ADMIN))

        assert [each["status"] for each in answer.json()["items"]] == [200, 200]
        states = {each["rule"]: each["state"] for each in await penalties(service)}
        assert states == {"missed_visit": "waived", "not_made_good": "waived" if waived_too else "withdrawn"}
        history = (await service.get(f"/penalties/{again['id']}")).json()["history"]
        assert [each["what"] for each in history] == ["proposed", states["not_made_good"]]
        assert await service.facts(PenaltyDecided) == []


async def test_administration_names_who_pays_what_no_rule_could_name_anybody_for(
    fresh_database: FreshDatabase,
) -> None:
    """A miss of somebody without a supervisor, to whom one is given later."""
    async with complaints(fresh_database) as service:
        li = await service.colleague("salesperson")
        task_id = await missed(service, "visit", li, None, MONTH)
        [penalty] = await penalties(service, without_payer=True)
        assert (penalty["id"], penalty["person_name"]) == ((await penalties(service, task_id=task_id))[0]["id"], None)
        wang = await service.colleague("sales_manager")
        path, admin = f"/penalties/{penalty['id']}/decision", as_role("admin_dept", FIRST_ADMIN)

        async def decision(payer: UUID, by: Mapping[str, Any] = admin, **what: Any) -> tuple[int, str]:
            return said(await service.post(path, {"reason": "核实属实", "payer_id": str(payer), **what}, **by))

        assert await decision(new_id(), amount="30") == (422, "unknown-staff")
        assert await decision(wang, waive=True) == (422, "decision-unclear")
        assert await decision(wang, as_role("admin_dept", wang), amount="30") == (403, "own-penalty")
        assert await decision(wang, amount="30") == (200, "decided")

        [decided] = await penalties(service)
        assert [(each["staff_id"], each["name"], each["amount"]) for each in decided["shares"]] == [
            (str(wang), "sales_manager", "30.00")
        ]
        assert await penalties(service, without_payer=True) == []
        await appeal(service, penalty["id"], wang, "sales_manager")
        another = as_role("admin_dept", SECOND_ADMIN)
        assert await decision(li, another, amount="30") == (409, "payer-stands"), "who pays is known"


@pytest.mark.parametrize("kind", ["apology_call", "call_back"])
async def test_only_what_the_matrix_asks_for_costs_money(fresh_database: FreshDatabase, kind: str) -> None:
    async with complaints(fresh_database, start=HALF) as service:
        wang = await service.colleague("sales_manager")
        li = await service.colleague("cs_manager", supervisor_id=wang)
        await missed(service, "phone", li, wang, HALF, kind=kind)

        assert await penalties(service) == []


async def test_what_was_made_good_in_time_and_entered_late_costs_the_miss_alone(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, start=HALF) as service:
        wang = await service.colleague("sales_manager")
        li = await service.colleague("salesperson", supervisor_id=wang)
        task_id = await missed(service, "visit", li, wang, HALF)
        until = at("2026-10-24 00:00")
        service.clock.move_to(until)
        await not_made_good(service, task_id, "visit", li, until)
        made = TouchMadeGood(**touch(task_id, "visit", li, at("2026-10-23 18:00")))
        await service.given(made, version=4)

        states = {each["rule"]: each["state"] for each in await penalties(service)}
        assert states == {"missed_visit": "proposed", "not_made_good": "withdrawn"}
        [withdrawn] = await service.facts(PenaltyWithdrawn)
        assert (withdrawn.rule, withdrawn.reason) == ("not_made_good", "made_good")
