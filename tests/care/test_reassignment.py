"""When people come and go, open tasks find whoever is responsible now."""

from uuid import UUID

from shared.ids import new_id
from tests.care.building import BOSS, CS_MANAGER, MENTOR, OTHER_SELLER, SELLER, Care, staff


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
