"""Account team and matrix become tasks; a tier change re-plans what is ahead and keeps what is done."""

import asyncio
from datetime import timedelta

import pytest

from services.care.planning.handlers import plan_customers
from shared.bus.event import Event
from shared.contracts.care import TouchDropped, TouchPlanned
from shared.contracts.customers import AccountTeamChanged, CustomerRegistered, Tier, TierChanged
from shared.ids import new_id
from tests.care.building import BOSS, CS_MANAGER, MENTOR, OTHER_SELLER, SELLER, TEAM, Care, staff, tier_change
from tests.support import bearer

DUTIES = {
    "A": {
        ("beauty_mentor", "stay"), ("beauty_mentor", "phone"), ("salesperson", "visit"), ("salesperson", "phone"),
        ("brand_manager", "visit"), ("brand_manager", "phone"), ("sales_manager", "visit"), ("sales_manager", "phone"),
        ("logistics_manager", "phone"), ("cs_manager", "phone"), ("general_manager", "visit"),
    },
    "B": {
        ("beauty_mentor", "stay"), ("beauty_mentor", "phone"), ("salesperson", "visit"),
        ("brand_manager", "visit"), ("brand_manager", "phone"), ("sales_manager", "visit"), ("sales_manager", "phone"),
        ("logistics_manager", "phone"), ("cs_manager", "phone"),
    },
    "C": {
        ("beauty_mentor", "stay"), ("beauty_mentor", "phone"), ("salesperson", "visit"),
        ("brand_manager", "visit"), ("brand_manager", "phone"), ("logistics_manager", "phone"),
    },
    "D": {("salesperson", "visit")},
}  # fmt: skip
"""The table of the domain, by tier."""


def duties(tasks: list[dict[str, str]]) -> set[tuple[str, str]]:
    return {(task["role"], task["contact"]) for task in tasks}


@pytest.mark.parametrize("tier", ["A", "B", "C", "D"])
async def test_a_team_owes_what_the_matrix_says_for_the_tier(care: Care, tier: Tier) -> None:
    customer = await care.customer(tier)

    tasks = await care.tasks(customer)

    assert duties(tasks) == DUTIES[tier]
    assert all(task["state"] == "open" for task in tasks)
    assert len(await care.facts(TouchPlanned)) == len(tasks)


async def test_a_customer_without_a_team_is_owed_nothing(care: Care) -> None:
    customer = await care.customer("A", team={})

    assert await care.tasks(customer) == []


async def test_team_and_tier_may_come_before_the_customer(care: Care) -> None:
    customer = new_id()
    await care.given(AccountTeamChanged(customer_id=customer, team=TEAM), version=2)
    await care.given(tier_change(customer, "D", "A", care.clock.now()), version=3)
    assert duties(await care.tasks(customer)) == DUTIES["A"]

    registered = CustomerRegistered(customer_id=customer, kind="store", registered_at=care.clock.now())
    await care.deliver([Event.of(registered, aggregate_id=new_id(), version=1, at=care.clock.now())])

    assert duties(await care.tasks(customer, state="open")) == DUTIES["A"]


async def test_a_rise_replans_what_is_ahead(care: Care) -> None:
    customer = await care.customer("C")
    before = {(task["role"], task["contact"]): task for task in await care.tasks(customer)}
    done = await care.finish(before["salesperson", "visit"]["id"])
    assert done.status_code == 200

    await care.moves(customer, "A")

    after = {(task["role"], task["contact"]): task for task in await care.tasks(customer, state="open")}
    assert set(after) == DUTIES["A"]
    # the same is owed: kept as it is
    assert after["beauty_mentor", "phone"] == before["beauty_mentor", "phone"]
    # another interval: the same task in a new window
    stay = "beauty_mentor", "stay"
    assert after[stay]["id"] == before[stay]["id"]
    assert after[stay]["due_at"] == "2026-11-30T16:00:00Z"
    # what is done stays and counts: the visit of this half is made, the next one belongs to the second
    assert after["salesperson", "visit"]["not_before"] == "2026-11-15T16:00:00Z"
    assert [task["id"] for task in await care.tasks(customer, state="done")] == [done.json()["id"]]
    assert await care.tasks(customer, state="missed") == []


async def test_a_fall_drops_what_is_not_owed_any_longer(care: Care) -> None:
    customer = await care.customer("A")

    await care.moves(customer, "D", was="A")

    assert duties(await care.tasks(customer, state="open")) == DUTIES["D"]
    assert duties(await care.tasks(customer, state="dropped")) == DUTIES["A"] - DUTIES["D"]
    dropped = await care.facts(TouchDropped)
    assert {(fact.role, fact.contact) for fact in dropped} == DUTIES["A"] - DUTIES["D"]
    assert {fact.reason for fact in dropped} == {"not owed any longer"}


async def test_the_same_event_twice_changes_nothing(care: Care) -> None:
    customer = await care.customer("C")
    events = await care.moves(customer, "A")
    planned = await care.facts(TouchPlanned)

    await care.deliver(events)
    again = Event.of(
        tier_change(customer, "C", "A", care.clock.now()), aggregate_id=customer, version=99, at=care.clock.now()
    )
    await care.deliver([again])

    assert await care.facts(TouchPlanned) == planned


async def test_an_older_event_after_a_newer_one_is_ignored(care: Care) -> None:
    customer = await care.customer("C")
    late = Event.of(
        tier_change(customer, "C", "B", care.clock.now()), aggregate_id=customer, version=1, at=care.clock.now()
    )
    await care.moves(customer, "A", was="B")

    await care.deliver([late])

    assert duties(await care.tasks(customer, state="open")) == DUTIES["A"]


async def test_of_several_changes_in_one_batch_the_last_holds(care: Care) -> None:
    customer = await care.customer("D")
    moment = care.clock.now()
    moves: list[tuple[Tier, Tier]] = [("D", "B"), ("B", "A"), ("A", "C")]
    batch = [
        Event.of(tier_change(customer, was, to, moment), aggregate_id=customer, version=version, at=moment)
        for version, (was, to) in enumerate(moves, start=50)
    ]

    await care.deliver(batch)

    assert duties(await care.tasks(customer, state="open")) == DUTIES["C"]


async def test_a_batch_of_many_customers_is_planned_at_once(care: Care) -> None:
    customers = [await care.customer("D") for _ in range(30)]
    changes = [tier_change(customer, "D", "C", care.clock.now()) for customer in customers]

    await care.given(*changes, version=1000)

    for customer in customers:
        assert duties(await care.tasks(customer, state="open")) == DUTIES["C"]


async def test_history_plans_nothing_until_the_next_morning(care: Care) -> None:
    customer = await care.customer("C", historical=True)
    await care.moves(customer, "A", historical=True)
    await care.run_loops()
    assert await care.tasks(customer) == []

    care.clock.forward(timedelta(days=1))
    await care.run_loops()

    assert duties(await care.tasks(customer)) == DUTIES["A"]


async def test_a_live_event_about_a_customer_of_history_plans_it_at_once(care: Care) -> None:
    customer = await care.customer("C", historical=True)

    await care.moves(customer, "B")

    assert duties(await care.tasks(customer)) == DUTIES["B"]


async def test_a_new_colleague_gets_the_open_tasks(care: Care) -> None:
    customer = await care.customer("C")
    await care.given(staff(OTHER_SELLER, "salesperson", supervisor_id=BOSS))
    visit = await care.open_task(customer, "salesperson", "visit")

    await care.team(customer, {**TEAM, "salesperson": OTHER_SELLER})

    after = await care.open_task(customer, "salesperson", "visit")
    assert after == {**visit, "assignee_id": str(OTHER_SELLER)}
    told = [fact for fact in await care.facts(TouchPlanned) if str(fact.task_id) == visit["id"]]
    assert [fact.assignee_id for fact in told] == [SELLER, OTHER_SELLER]


async def test_what_a_team_owed_is_listed_when_its_last_member_has_left(care: Care) -> None:
    customer = await care.customer("C")

    await care.team(customer, {})

    listed = await care.tasks(customer, state="open", unassigned=True)
    assert duties(listed) == DUTIES["C"]
    assert await care.tasks(customer, state="dropped") == []
    care.clock.forward(timedelta(days=60))
    await care.run_loops()
    assert duties(await care.tasks(customer, state="open", unassigned=True)) == DUTIES["C"]


async def test_a_role_that_nobody_has_falls_to_its_supervisor_else_to_the_list(care: Care) -> None:
    customer = await care.customer("C", team={"beauty_mentor": MENTOR})

    visit = await care.open_task(customer, "salesperson", "visit")
    nobody = await care.open_task(customer, "brand_manager", "visit")

    assert visit["assignee_id"] == str(BOSS)
    assert nobody["assignee_id"] is None
    assert nobody["id"] in {task["id"] for task in await care.tasks(unassigned=True)}


async def test_planning_at_the_same_time_leaves_one_open_task_per_duty(care: Care) -> None:
    customer = await care.customer("A", historical=True)

    async def plan() -> None:
        async with care.database.transaction() as transaction:
            await plan_customers(care.context, transaction, [customer])

    await asyncio.gather(*(plan() for _ in range(4)))

    tasks = await care.tasks(customer, state="open")
    assert len(tasks) == len(DUTIES["A"])
    assert len(await care.facts(TouchPlanned)) == len(tasks)


async def test_the_versions_of_a_task_are_told_in_order(care: Care) -> None:
    customer = await care.customer("C")
    await care.moves(customer, "A")
    await care.moves(customer, "D", was="A")

    told: dict[str, list[int]] = {}
    for event in await care.service.events(TouchPlanned, TouchDropped):
        told.setdefault(str(event.aggregate_id), []).append(event.aggregate_version)
        assert event.key == str(customer)

    assert all(versions == list(range(1, len(versions) + 1)) for versions in told.values())
    assert TierChanged.TYPE not in told


async def test_a_person_with_a_team_is_served_like_a_store(care: Care) -> None:
    customer = await care.customer("C", kind="person", team={"cs_manager": CS_MANAGER})

    assert duties(await care.tasks(customer)) == DUTIES["C"]


async def test_a_new_matrix_plans_everybody_anew(care: Care) -> None:
    customer = await care.customer("D")
    body = {
        "obligations": [
            {"tier": "D", "role": "cs_manager", "contact": "phone", "interval": {"kind": "per_month", "times": 1}}
        ]
    }
    answer = await care.http.put("/care/v1/obligation-matrix", json=body, headers={"If-Match": '"1"', **bearer()})
    assert answer.status_code == 200, answer.text

    await care.run_loops()

    assert duties(await care.tasks(customer, state="open")) == {("cs_manager", "phone")}
    assert duties(await care.tasks(customer, state="dropped")) == {("salesperson", "visit")}
