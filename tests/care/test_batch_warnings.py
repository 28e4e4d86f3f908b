"""Warnings of an alarmed batch: one call a store, one stop of sale, nothing more once it is lifted (domain 3.8)."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from shared.contracts.care import TouchDone, TouchDropped, TouchMissed, TouchMissWithdrawn, TouchPlanned
from shared.contracts.safety import BatchAlarmed, BatchExtended, BatchLifted
from shared.ids import new_id
from tests.care.building import BOSS, OTHER_SELLER, SELLER, TEAM, Care, staff

BATCH = UUID("01900000-0000-7000-8000-00000000d001")
LOGISTICS = UUID("01900000-0000-7000-8000-00000000d002")


def alarm(desk: Care, *customers: UUID, number: int = 1) -> BatchAlarmed:
    return BatchAlarmed(
        batch_id=BATCH,
        product="CR-50",
        batch="B7",
        alarm=number,
        cases=3,
        first_on=date(2026, 11, 1),
        last_on=date(2026, 11, 4),
        customers=len(customers),
        customer_ids=list(customers),
        policy_version=1,
        at=desk.clock.now(),
    )


def more(desk: Care, *customers: UUID, number: int = 1) -> BatchExtended:
    return BatchExtended(
        batch_id=BATCH,
        product="CR-50",
        batch="B7",
        alarm=number,
        cases=4,
        customer_ids=list(customers),
        at=desk.clock.now(),
    )


async def tell(desk: Care, fact: Any, *, historical: bool = False) -> None:
    """A fact of the batch, later than what was told of it before."""
    desk._version += 1
    await desk.given(fact, version=desk._version, historical=historical)


async def warnings(desk: Care, customer: UUID | None = None, **filters: Any) -> list[dict[str, Any]]:
    return await desk.tasks(customer, kind="batch_warning", **filters)


async def test_every_store_that_bought_it_is_called_by_its_salesperson(care: Care) -> None:
    await care.given(staff(LOGISTICS, "logistics_manager"))
    shops = [await care.customer() for _ in range(3)]

    await tell(care, alarm(care, *shops))

    for shop in shops:
        [task] = await warnings(care, shop)
        assert (task["assignee_id"], task["role"], task["contact"]) == (str(SELLER), "salesperson", "phone")
        assert (task["product"], task["batch"], task["batch_id"]) == ("CR-50", "B7", str(BATCH))
        assert task["due_at"] == (care.clock.now() + timedelta(hours=24)).isoformat().replace("+00:00", "Z")
    [stop] = await care.tasks(kind="sale_stop")
    assert (stop["assignee_id"], stop["customer_id"], stop["batch"]) == (str(LOGISTICS), None, "B7")
    told = [fact for fact in await care.facts(TouchPlanned) if fact.kind in ("batch_warning", "sale_stop")]
    assert len(told) == 4


async def test_who_has_no_salesperson_is_called_by_who_stands_in(care: Care) -> None:
    without = await care.customer(team={"cs_manager": TEAM["cs_manager"]})
    unserved = new_id()

    await tell(care, alarm(care, without, unserved))

    assert [task["assignee_id"] for task in await warnings(care, without)] == [str(BOSS)]
    assert [task["assignee_id"] for task in await warnings(care, unserved)] == [None]
    assert len(await warnings(care, unassigned="true")) == 1


async def test_a_fourth_case_brings_calls_to_new_buyers_alone(care: Care) -> None:
    first, second = await care.customer(), await care.customer()
    await tell(care, alarm(care, first))

    await tell(care, more(care))
    await tell(care, more(care, first, second))

    assert len(await warnings(care, first)) == len(await warnings(care, second)) == 1
    assert len(await care.tasks(kind="sale_stop")) == 1


async def test_a_lifted_alarm_drops_what_is_open_and_keeps_what_was_done(care: Care) -> None:
    called, waiting = await care.customer(), await care.customer()
    await tell(care, alarm(care, called, waiting))
    [task] = await warnings(care, called)
    assert (await care.finish(task["id"])).status_code == 200

    await tell(care, BatchLifted(batch_id=BATCH, product="CR-50", batch="B7", alarm=1, at=care.clock.now()))
    await tell(care, more(care, await care.customer()))

    states = [(await warnings(care, shop))[0]["state"] for shop in (called, waiting)]
    assert states == ["done", "dropped"]
    assert [stop["state"] for stop in await care.tasks(kind="sale_stop")] == ["dropped"]
    assert [fact.reason for fact in await care.facts(TouchDropped)] == ["alarm_lifted"] * 2
    assert len(await warnings(care)) == 2


async def test_another_alarm_of_the_batch_has_calls_of_its_own(care: Care) -> None:
    shop = await care.customer()
    await tell(care, alarm(care, shop))
    await tell(care, BatchLifted(batch_id=BATCH, batch="B7", alarm=1, at=care.clock.now()))

    await tell(care, alarm(care, shop, number=2))

    assert sorted(task["state"] for task in await warnings(care, shop)) == ["dropped", "open"]


async def test_history_warns_nobody(care: Care) -> None:
    shop = await care.customer()

    await tell(care, alarm(care, shop), historical=True)

    assert await warnings(care) == []


async def test_who_leaves_hands_open_warnings_on(care: Care) -> None:
    await care.given(staff(LOGISTICS, "logistics_manager"), staff(OTHER_SELLER, "salesperson", supervisor_id=BOSS))
    shop = await care.customer()
    await tell(care, alarm(care, shop))

    await care.given(
        staff(SELLER, "salesperson", active=False, successor_id=OTHER_SELLER, supervisor_id=BOSS),
        staff(LOGISTICS, "logistics_manager", active=False),
        version=9,
    )

    assert [task["assignee_id"] for task in await warnings(care, shop)] == [str(OTHER_SELLER)]
    assert [stop["assignee_id"] for stop in await care.tasks(kind="sale_stop")] == [None]


async def test_a_stop_of_sale_is_done_without_a_customer(care: Care) -> None:
    await care.given(staff(LOGISTICS, "logistics_manager"))
    await tell(care, alarm(care))
    [stop] = await care.tasks(kind="sale_stop")

    done = await care.finish(stop["id"], role="logistics_manager", subject=LOGISTICS)

    assert (done.status_code, done.json()["state"]) == (200, "done")


async def test_a_warning_that_was_missed_shows_as_missed(care: Care) -> None:
    shop = await care.customer()
    await tell(care, alarm(care, shop))

    care.clock.forward(timedelta(hours=24))
    await care.run_loops()

    assert [task["state"] for task in await warnings(care, shop)] == ["missed"]


async def test_a_warning_that_was_missed_is_given_nevertheless_and_the_miss_stands(care: Care) -> None:
    shop = await care.customer()
    await care.given(staff(LOGISTICS, "logistics_manager"))
    await tell(care, alarm(care, shop))
    [task], [stop] = await warnings(care, shop), await care.tasks(kind="sale_stop")
    care.clock.forward(timedelta(days=3))
    await care.run_loops()
    assert [fact.kind for fact in await care.facts(TouchMissed)].count("batch_warning") == 1

    for each in (task, stop):
        answer = await care.finish(each["id"])
        assert (answer.status_code, answer.json()["state"]) == (200, "done"), answer.text
        assert (await care.finish(each["id"])).status_code == 409

    assert [str(fact.task_id) for fact in await care.facts(TouchDone)] == [task["id"], stop["id"]]
    assert await care.facts(TouchMissWithdrawn) == []


async def test_a_warning_given_before_its_miss_was_noticed_is_missed_first(care: Care) -> None:
    shop = await care.customer()
    await tell(care, alarm(care, shop))
    [task] = await warnings(care, shop)
    care.clock.forward(timedelta(days=3))

    assert (await care.finish(task["id"])).status_code == 200
    await care.run_loops()

    told = [type(fact) for fact in await care.facts(TouchMissed, TouchDone) if str(fact.task_id) == task["id"]]
    assert told == [TouchMissed, TouchDone]


async def test_a_warning_given_in_time_and_entered_late_was_never_missed(care: Care) -> None:
    shop = await care.customer()
    await tell(care, alarm(care, shop))
    [task] = await warnings(care, shop)
    called_at = care.clock.now() + timedelta(hours=1)
    care.clock.forward(timedelta(days=3))
    await care.run_loops()

    assert (await care.finish(task["id"], at=called_at.isoformat())).status_code == 200

    assert [str(fact.task_id) for fact in await care.facts(TouchMissWithdrawn)] == [task["id"]]
