"""What was missed is made good by a task of its own, until a date that was ordered (domain 4.1, examples 12)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.care.settling import handlers as settling
from shared.contracts.care import (
    TouchDone,
    TouchDropped,
    TouchMadeGood,
    TouchMakeGoodMissed,
    TouchMakeGoodOrdered,
    TouchMissed,
    TouchMissWithdrawn,
    TouchPlanned,
)
from shared.ids import new_id
from tests.care.building import ADMINISTRATION, BOSS, CS_MANAGER, OTHER_SELLER, SELLER, Care, care_alone, staff
from tests.postgres import FreshDatabase
from tests.support import bearer

VISIT = ("salesperson", "visit")
CALL = ("salesperson", "phone")
ENDS = datetime.fromisoformat("2026-11-11T00:00:00+08:00")


def at(month: int, day: int, clock: str = "10:00") -> str:
    return f"2026-{month:02d}-{day:02d}T{clock}:00+08:00"


@pytest.fixture
async def autumn(fresh_database: FreshDatabase, tmp_path: Path) -> AsyncIterator[Care]:
    """Care alone, as October begins."""
    async with care_alone(fresh_database, tmp_path / "outbox", datetime.fromisoformat(at(10, 1, "00:00"))) as care:
        yield care


async def comes(care: Care, moment: str) -> None:
    care.clock.move_to(datetime.fromisoformat(moment))
    await care.run_loops()


async def missed_one(care: Care, customer: UUID, duty: tuple[str, str] = VISIT) -> dict[str, Any]:
    """The first miss of a duty."""
    tasks = await care.tasks(customer, state="missed", kind="obligation")
    return next(task for task in tasks if (task["role"], task["contact"]) == duty)


async def misses(care: Care, many: int) -> list[tuple[UUID, dict[str, Any]]]:
    """A stores whose visits of the first half of October were missed; it is 20 October."""
    customers = [await care.customer("A", team={"salesperson": SELLER}) for _ in range(many)]
    await comes(care, at(10, 20))
    return [(customer, await missed_one(care, customer)) for customer in customers]


async def a_miss(care: Care) -> tuple[UUID, dict[str, Any]]:
    """One such store."""
    (only,) = await misses(care, 1)
    return only


async def task(care: Care, task_id: str) -> dict[str, Any]:
    answer = await care.http.get(f"/care/v1/tasks/{task_id}")
    assert answer.status_code == 200, answer.text
    read: dict[str, Any] = answer.json()
    return read


@pytest.mark.example(12)
async def test_of_three_that_are_to_be_made_good_one_is_and_two_are_told_when_their_time_ends(autumn: Care) -> None:
    li, wang = SELLER, BOSS
    a_store = await autumn.customer("A", team={"salesperson": li})
    own_store = await autumn.customer("A", team={"salesperson": wang})
    for day in (5, 20):
        await comes(autumn, at(10, day))
        for customer, who in ((a_store, li), (own_store, wang)):
            if (day, who) != (5, li) and (day, who) != (20, wang):
                assert (await autumn.finish((await autumn.open_task(customer, *VISIT))["id"])).status_code == 200
    await comes(autumn, at(11, 3))
    visit, call = await missed_one(autumn, a_store), await missed_one(autumn, a_store, CALL)
    own_visit = await missed_one(autumn, own_store)

    orders = [await autumn.order_make_good(each["id"], "2026-11-10") for each in (visit, call, own_visit)]

    assert [order.status_code for order in orders] == [201] * 3
    assert [order.json()["assignee_id"] for order in orders] == [str(li), str(li), str(wang)]
    assert {order.json()["due_at"] for order in orders} == {"2026-11-10T16:00:00Z"}
    assert {(fact.task_id, fact.until) for fact in await autumn.facts(TouchMakeGoodOrdered)} == {
        (UUID(each["id"]), ENDS) for each in (visit, call, own_visit)
    }
    await comes(autumn, at(11, 9))
    done = await autumn.touch(a_store, "visit", role="salesperson", subject=li)
    assert (done.json()["id"], done.json()["makes_good"]) == (orders[0].json()["id"], visit["id"])
    regular = await autumn.open_task(a_store, *VISIT)
    assert (regular["not_before"], regular["due_at"]) == ("2026-10-31T16:00:00Z", "2026-11-15T16:00:00Z")
    (made_good,) = await autumn.facts(TouchMadeGood)
    assert made_good.task_id == UUID(visit["id"])

    await comes(autumn, at(11, 10, "23:59"))
    assert await autumn.facts(TouchMakeGoodMissed) == []
    await comes(autumn, at(11, 11, "00:00"))
    await comes(autumn, at(11, 12, "00:00"))

    told = {fact.task_id: fact for fact in await autumn.facts(TouchMakeGoodMissed)}
    assert len(await autumn.facts(TouchMakeGoodMissed)) == len(told) == 2
    assert set(told) == {UUID(call["id"]), UUID(own_visit["id"])}
    assert {(fact.until, fact.at) for fact in told.values()} == {(ENDS, ENDS)}
    assert told[UUID(call["id"])].supervisor_id == wang
    assert told[UUID(own_visit["id"])].assignee_id == wang
    assert {fact.kind for fact in await autumn.facts(TouchMissed)} == {"obligation"}
    assert (await task(autumn, visit["id"]))["state"] == "missed"
    await comes(autumn, at(11, 16, "00:00"))
    again = [each for each in await autumn.tasks(a_store, state="missed") if each["id"] == regular["id"]]
    assert len(again) == 1, "made good is not done: the window 1-15 Nov was missed as well"


async def test_a_miss_says_that_it_is_to_be_made_good_and_what_became_of_it(autumn: Care) -> None:
    _, missed = await a_miss(autumn)
    order = (await autumn.order_make_good(missed["id"], at(10, 25, "18:00"))).json()

    (owed,) = await autumn.tasks(kind="make_good")
    assert (owed["id"], owed["state"], owed["not_before"]) == (order["id"], "open", "2026-10-20T02:00:00Z")
    assert (await task(autumn, missed["id"]))["make_good"] == {
        "id": order["id"],
        "until": "2026-10-25T10:00:00Z",
        "state": "open",
        "ordered_at": "2026-10-20T02:00:00Z",
        "ordered_by": str(ADMINISTRATION),
    }
    await comes(autumn, at(10, 25, "18:00"))
    assert (await task(autumn, missed["id"]))["make_good"]["state"] == "missed"


async def test_a_moment_is_taken_as_it_is_and_a_date_to_its_end(autumn: Care) -> None:
    _, missed = await a_miss(autumn)

    today = await autumn.order_make_good(missed["id"], "2026-10-20")

    assert today.json()["due_at"] == "2026-10-20T16:00:00Z"


@pytest.mark.parametrize(
    "until", ["2026-10-19", at(10, 20), "2027-12-31", "10.11.2026", "20261110", "2026-11-31", "2026-11-10T00:00:00"]
)
async def test_an_end_that_does_not_lie_ahead_or_is_no_date_is_refused(autumn: Care, until: str) -> None:
    _, missed = await a_miss(autumn)

    answer = await autumn.order_make_good(missed["id"], until)

    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == ["#/until"]
    assert await autumn.tasks(kind="make_good") == []


async def test_it_is_ordered_once(autumn: Care) -> None:
    _, missed = await a_miss(autumn)

    answers = await asyncio.gather(*(autumn.order_make_good(missed["id"], "2026-11-10") for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {answer.json().get("slug") for answer in answers} == {None, "make-good-stands"}
    assert len(await autumn.facts(TouchMakeGoodOrdered)) == 1


async def test_only_a_missed_obligation_is_made_good(autumn: Care) -> None:
    customer, missed = await a_miss(autumn)
    ordered = (await autumn.order_make_good(missed["id"], "2026-10-21")).json()
    standing = await autumn.open_task(customer, *VISIT)
    await autumn.finish(standing["id"])
    ahead = await autumn.open_task(customer, *VISIT)
    await comes(autumn, at(10, 22))

    refused = [await autumn.order_make_good(id_, "2026-11-10") for id_ in (standing["id"], ahead["id"], ordered["id"])]

    assert [(answer.status_code, answer.json()["slug"]) for answer in refused] == [(409, "task-not-missed")] * 3
    assert (await autumn.order_make_good(str(new_id()), "2026-11-10")).status_code == 404


async def test_nobody_sets_a_time_for_their_own_miss_or_for_one_they_are_charged_for(autumn: Care) -> None:
    await autumn.given(staff(CS_MANAGER, "cs_manager", supervisor_id=BOSS), staff(BOSS, "general_manager"), version=2)
    customer = await autumn.customer("A", team={"cs_manager": CS_MANAGER})
    await comes(autumn, at(11, 1))
    missed = await missed_one(autumn, customer, ("cs_manager", "phone"))

    own = await autumn.order_make_good(missed["id"], "2026-11-10", role="cs_manager", subject=CS_MANAGER)
    charged = await autumn.order_make_good(missed["id"], "2026-11-10", role="general_manager", subject=BOSS)
    nobody = await autumn.order_make_good(missed["id"], "2026-11-10", role="sales_manager", subject=new_id())

    assert [(each.status_code, each.json()["slug"]) for each in (own, charged)] == [(403, "own-miss")] * 2
    assert (nobody.status_code, nobody.json()["slug"]) == (403, "forbidden")
    assert (await autumn.order_make_good(missed["id"], "2026-11-10")).status_code == 201


async def test_the_date_moves_while_it_has_not_ended(autumn: Care) -> None:
    _, missed = await a_miss(autumn)
    path, me = f"/care/v1/tasks/{missed['id']}/make-good/move", bearer("admin_dept", ADMINISTRATION)
    nothing = await autumn.http.post(path, json={"until": "2026-10-22"}, headers=me)
    await autumn.order_make_good(missed["id"], "2026-10-21")

    moved = await autumn.http.post(path, json={"until": "2026-10-24"}, headers=me)

    assert (nothing.status_code, nothing.json()["slug"]) == (404, "make-good-not-found")
    assert (moved.status_code, moved.json()["due_at"]) == (200, "2026-10-24T16:00:00Z")
    assert [fact.until.isoformat() for fact in await autumn.facts(TouchMakeGoodOrdered)] == [
        "2026-10-21T16:00:00+00:00",
        "2026-10-24T16:00:00+00:00",
    ]
    entered = (await autumn.http.get("/care/v1/audit", params={"subject": missed["id"]})).json()["items"]
    assert [entry["what"] for entry in entered] == ["make_good.moved", "make_good.ordered"]
    await comes(autumn, at(10, 24))
    assert await autumn.facts(TouchMakeGoodMissed) == []
    autumn.clock.forward(timedelta(days=1))
    unnoticed = await autumn.http.post(path, json={"until": "2026-10-30"}, headers=me)
    await autumn.run_loops()
    ended = await autumn.http.post(path, json={"until": "2026-10-30"}, headers=me)
    assert [(each.status_code, each.json()["slug"]) for each in (unnoticed, ended)] == [(409, "make-good-ended")] * 2
    assert len(await autumn.facts(TouchMakeGoodMissed)) == 1


async def test_what_came_before_the_order_does_not_make_it_good(autumn: Care) -> None:
    _, missed = await a_miss(autumn)
    order = (await autumn.order_make_good(missed["id"], "2026-10-30")).json()

    early = await autumn.finish(order["id"], at=at(10, 20, "09:00"))

    assert (early.status_code, early.json()["slug"]) == (409, "task-too-early")


async def test_made_good_in_time_and_entered_late_takes_back_that_it_was_not(autumn: Care) -> None:
    _, missed = await a_miss(autumn)
    order = (await autumn.order_make_good(missed["id"], "2026-10-22")).json()
    await comes(autumn, at(10, 23, "00:00"))
    assert len(await autumn.facts(TouchMakeGoodMissed)) == 1
    await comes(autumn, at(10, 23, "09:00"))

    late = await autumn.finish(order["id"], at=at(10, 22, "23:00"))
    too_late = await autumn.finish(order["id"], at=at(10, 23, "08:00"))

    assert (late.json()["state"], late.json()["recorded_late"]) == ("done", True)
    (fact,) = await autumn.facts(TouchMadeGood)
    assert (fact.task_id, fact.make_good_id) == (UUID(missed["id"]), UUID(order["id"]))
    assert await autumn.facts(TouchMissWithdrawn) == []
    assert (too_late.status_code, too_late.json()["slug"]) == (409, "task-not-open")


async def test_an_order_goes_when_the_miss_turns_out_to_be_none(autumn: Care) -> None:
    _, missed = await a_miss(autumn)
    order = (await autumn.order_make_good(missed["id"], "2026-10-30")).json()

    await autumn.finish(missed["id"], at=at(10, 15, "23:50"))

    assert (await task(autumn, order["id"]))["state"] == "dropped"
    assert (await task(autumn, missed["id"]))["make_good"] is None
    assert [fact.task_id for fact in await autumn.facts(TouchDropped)] == [UUID(order["id"])]
    await comes(autumn, at(11, 2))
    assert await autumn.facts(TouchMakeGoodMissed) == []


async def test_many_are_ordered_each_by_itself(autumn: Care) -> None:
    first, second = await misses(autumn, 2)
    await autumn.order_make_good(first[1]["id"], "2026-11-10")
    ids = [first[1]["id"], second[1]["id"], second[1]["id"], str(new_id())]

    answer = await autumn.http.post("/care/v1/tasks/make-good", json={"ids": ids, "until": "2026-11-10"})

    items = answer.json()["items"]
    assert [(item["id"], item["status"]) for item in items] == [(ids[0], 409), (ids[1], 201), (ids[3], 404)]
    assert items[0]["problem"]["slug"] == "make-good-stands"
    assert (await task(autumn, ids[1]))["make_good"]["id"] == items[1]["make_good_id"]
    bad = await autumn.http.post("/care/v1/tasks/make-good", json={"ids": ids, "until": "2026-10-01"})
    assert bad.status_code == 422


async def test_who_leaves_leaves_the_order_to_the_successor(autumn: Care) -> None:
    _, missed = await a_miss(autumn)
    order = (await autumn.order_make_good(missed["id"], "2026-11-10")).json()

    await autumn.given(staff(OTHER_SELLER, "salesperson", supervisor_id=BOSS))
    leaver = staff(SELLER, "salesperson", active=False, successor_id=OTHER_SELLER)
    await autumn.given(leaver, version=2)

    assert (await task(autumn, order["id"]))["assignee_id"] == str(OTHER_SELLER)
    told = [fact for fact in await autumn.facts(TouchPlanned) if fact.task_id == UUID(order["id"])]
    assert [fact.assignee_id for fact in told] == [SELLER, OTHER_SELLER]


async def test_of_who_has_left_the_one_who_took_over_makes_it_good(autumn: Care) -> None:
    _, missed = await a_miss(autumn)
    await autumn.given(staff(OTHER_SELLER, "salesperson", supervisor_id=BOSS))
    await autumn.given(staff(SELLER, "salesperson", active=False, successor_id=OTHER_SELLER), version=2)

    order = (await autumn.order_make_good(missed["id"], "2026-11-10")).json()

    assert order["assignee_id"] == str(OTHER_SELLER)


async def test_several_timers_tell_each_end_once(autumn: Care) -> None:
    for _, missed in await misses(autumn, 5):
        await autumn.order_make_good(missed["id"], "2026-10-22")
    autumn.clock.forward(timedelta(days=4))

    while any(await asyncio.gather(*(settling.miss_due(autumn.context) for _ in range(3)))):
        pass

    told = await autumn.facts(TouchMakeGoodMissed)
    assert len({fact.task_id for fact in told}) == len(told) == 5


async def test_made_good_at_the_moment_in_which_the_time_ends_is_settled_one_way(autumn: Care) -> None:
    _, missed = await a_miss(autumn)
    order = (await autumn.order_make_good(missed["id"], "2026-10-22")).json()
    autumn.clock.move_to(datetime.fromisoformat(at(10, 23, "00:00")))

    done, _ = await asyncio.gather(
        autumn.finish(order["id"], at=at(10, 22, "23:59")), settling.miss_due(autumn.context)
    )

    assert done.status_code == 200, done.text
    await autumn.run_loops()
    assert (await task(autumn, missed["id"]))["make_good"]["state"] == "done"
    assert len(await autumn.facts(TouchMadeGood)) == 1
    assert [fact.kind for fact in await autumn.facts(TouchDone)] == ["make_good"]
