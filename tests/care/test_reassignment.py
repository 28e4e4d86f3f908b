"""When people come and go, open tasks find whoever is responsible now."""

from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from shared.contracts.care import TouchMissed, TouchPlanned
from shared.ids import new_id
from tests.care.building import BOSS, CS_MANAGER, MENTOR, OTHER_SELLER, SELLER, TEAM, Care, staff
from tests.support import bearer


async def test_an_unassigned_task_finds_who_comes_for_the_role(care: Care) -> None:
    customer = await care.customer("C")
    manager = new_id()

    await care.given(staff(manager, "brand_manager", supervisor_id=BOSS))
    await care.run_loops()

    assert (await care.open_task(customer, "brand_manager", "visit"))["assignee_id"] == str(BOSS)


async def test_who_leaves_hands_over_to_the_successor(care: Care) -> None:
    customer = await care.customer("C")
    await care.given(staff(OTHER_SELLER, "salesperson", supervisor_id=BOSS))

    await care.given(staff(SELLER, "salesperson", active=False, successor_id=OTHER_SELLER), version=2)
    await care.run_loops()

    assert (await care.open_task(customer, "salesperson", "visit"))["assignee_id"] == str(OTHER_SELLER)
    assert (await care.open_task(customer, "beauty_mentor", "stay"))["assignee_id"] == str(MENTOR)


async def test_who_leaves_is_followed_through_as_many_successors_as_there_are(care: Care) -> None:
    customer = await care.customer("C")
    line = [new_id() for _ in range(12)]
    for leaver, successor in pairwise(line):
        await care.given(staff(leaver, "salesperson", active=False, successor_id=successor))
    await care.given(staff(line[-1], "salesperson"))

    await care.given(staff(SELLER, "salesperson", active=False, successor_id=line[0]), version=2)
    await care.run_loops()

    assert (await care.open_task(customer, "salesperson", "visit"))["assignee_id"] == str(line[-1])


async def test_a_ring_of_successors_ends_at_the_supervisor(care: Care) -> None:
    customer = await care.customer("C")
    await care.given(staff(OTHER_SELLER, "salesperson", active=False, successor_id=SELLER))

    leaver = staff(SELLER, "salesperson", supervisor_id=BOSS, active=False, successor_id=OTHER_SELLER)
    await care.given(leaver, version=2)
    await care.run_loops()

    assert (await care.open_task(customer, "salesperson", "visit"))["assignee_id"] == str(BOSS)


async def test_the_supervisor_who_left_is_followed_as_well(care: Care) -> None:
    """Both where a miss is told of, and where the role of a team is empty."""
    after, last = new_id(), new_id()
    await care.given(
        staff(last, "sales_manager"),
        staff(after, "sales_manager", active=False, successor_id=last),
        staff(BOSS, "sales_manager", active=False, successor_id=after),
        version=2,
    )
    served = await care.customer("C")
    without = await care.customer("C", team={"beauty_mentor": MENTOR})
    assert (await care.open_task(without, "salesperson", "visit"))["assignee_id"] == str(last)

    care.clock.forward(timedelta(days=60))
    await care.run_loops()

    missed = [fact for fact in await care.facts(TouchMissed) if fact.customer_id == served]
    told = {fact.supervisor_id for fact in missed if fact.assignee_id == SELLER}
    assert told == {last}


async def test_who_leaves_without_a_successor_leaves_the_tasks_to_the_list(care: Care) -> None:
    customer = await care.customer("C")

    await care.given(staff(SELLER, "salesperson", active=False), version=2)
    await care.run_loops()

    assert (await care.open_task(customer, "salesperson", "visit"))["assignee_id"] is None


async def test_without_any_manager_it_is_listed_and_finds_the_next_who_comes(care: Care) -> None:
    await care.given(staff(CS_MANAGER, "cs_manager", active=False), version=2)
    complaint = await care.opens(None)
    await care.overdue(complaint, None)
    (call,) = await care.tasks(unassigned=True)
    assert call["customer_id"] is None

    newcomer = new_id()
    await care.given(staff(newcomer, "cs_manager"))

    (call,) = await care.tasks(kind="apology_call")
    assert UUID(call["assignee_id"]) == newcomer


async def test_who_leaves_hands_the_call_over(care: Care) -> None:
    successor = new_id()
    customer = await care.customer("C")
    await care.overdue(await care.opens(customer), customer)
    await care.given(staff(successor, "cs_manager"))

    await care.given(staff(CS_MANAGER, "cs_manager", active=False, successor_id=successor), version=2)

    (call,) = await care.tasks(kind="apology_call")
    assert call["assignee_id"] == str(successor)


async def assign(care: Care, task: dict[str, Any], to: UUID, role: str = "cs_manager") -> Any:
    path = f"/care/v1/tasks/{task['id']}/assign"
    return await care.http.post(path, json={"assignee_id": str(to)}, headers=bearer(role, CS_MANAGER))


async def left_by_all(care: Care) -> UUID:
    customer = await care.customer("C")
    await care.team(customer, {})
    return customer


async def test_what_is_listed_is_given_to_somebody_and_stays_theirs(care: Care) -> None:
    customer = await left_by_all(care)
    visit = await care.open_task(customer, "salesperson", "visit")

    answer = await assign(care, visit, SELLER)

    assert answer.status_code == 200, answer.text
    assert (answer.json()["assignee_id"], answer.json()["assigned_by"]) == (str(SELLER), str(CS_MANAGER))
    assert [fact.assignee_id for fact in await care.facts(TouchPlanned) if str(fact.task_id) == visit["id"]] == [
        SELLER,
        None,
        SELLER,
    ]
    await care.moves(customer, "B")
    await care.finish(visit["id"])
    assert (await care.open_task(customer, "salesperson", "visit"))["assignee_id"] == str(SELLER)


async def test_what_was_given_by_hand_goes_to_a_new_team(care: Care) -> None:
    customer = await left_by_all(care)
    visit = await care.open_task(customer, "salesperson", "visit")
    await assign(care, visit, BOSS)

    await care.team(customer, TEAM)

    after = await care.open_task(customer, "salesperson", "visit")
    assert (after["id"], after["assignee_id"], after["assigned_by"]) == (visit["id"], str(SELLER), None)


async def test_what_was_given_by_hand_is_listed_again_when_its_person_leaves(care: Care) -> None:
    customer = await left_by_all(care)
    await assign(care, await care.open_task(customer, "salesperson", "visit"), SELLER)

    await care.given(staff(SELLER, "salesperson", active=False), version=2)
    await care.run_loops()

    assert (await care.open_task(customer, "salesperson", "visit"))["assignee_id"] is None


async def test_only_what_is_listed_is_given_and_only_to_who_is_there(care: Care) -> None:
    customer = await care.customer("C")
    owned = await care.open_task(customer, "salesperson", "visit")
    listed = await care.open_task(customer, "brand_manager", "visit")

    taken = await assign(care, owned, BOSS)
    nobody = await assign(care, listed, new_id())
    low = await assign(care, listed, SELLER, role="salesperson")

    assert (taken.status_code, taken.json()["slug"]) == (409, "task-not-unassigned")
    assert (nobody.status_code, nobody.json()["slug"]) == (422, "unknown-staff")
    assert low.status_code == 403
    care.clock.forward(timedelta(days=200))
    await care.run_loops()
    ended = await assign(care, listed, SELLER)
    assert (ended.status_code, ended.json()["slug"]) == (409, "task-not-unassigned")
