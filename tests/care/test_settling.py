"""Tasks done with proof, or missed at their moment."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.care.settling import handlers
from shared.contracts.care import TouchDone, TouchMissed, TouchPlanned
from tests.care.building import BOSS, SELLER, Care

TWICE = ("beauty_mentor", "phone")
"""What a C store is owed twice a month, on any two days."""


async def test_done_is_recorded_with_its_proof_and_the_next_is_planned(care: Care) -> None:
    customer = await care.customer("A")
    visit = await care.open_task(customer, "salesperson", "visit")
    care.clock.forward(timedelta(hours=2))

    answer = await care.finish(visit["id"], minutes=90, content="新品介绍", said="很满意", place="门店", cost="120.50")

    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["state"], body["minutes"], body["cost"]) == ("done", 90, "120.50")
    assert body["settled_at"] == "2026-11-04T03:00:00Z"
    assert body["record"] == {"content": "新品介绍", "said": "很满意", "place": "门店"}
    following = await care.open_task(customer, "salesperson", "visit")
    assert (following["not_before"], following["due_at"]) == ("2026-11-15T16:00:00Z", "2026-11-30T16:00:00Z")
    (done,) = await care.facts(TouchDone)
    assert (done.assignee_id, done.minutes, done.contact) == (SELLER, 90, "visit")


async def test_what_was_said_is_sealed(care: Care) -> None:
    customer = await care.customer("A")
    visit = await care.open_task(customer, "salesperson", "visit")
    await care.finish(visit["id"], said="我的电话是 13800138000")

    stored = await care.database.fetchval("SELECT record FROM task WHERE id = $1", UUID(visit["id"]))
    told = " ".join(event.data for event in await care.service.events(TouchDone))

    assert b"13800138000" not in stored
    assert "13800138000" not in told


async def test_done_twice_is_refused(care: Care) -> None:
    customer = await care.customer("A")
    visit = await care.open_task(customer, "salesperson", "visit")
    await care.finish(visit["id"])

    again = await care.finish(visit["id"])

    assert (again.status_code, again.json()["slug"]) == (409, "task-not-open")
    assert len(await care.facts(TouchDone)) == 1


async def test_the_same_request_with_its_key_gives_the_same_answer(care: Care) -> None:
    customer = await care.customer("A")
    visit = await care.open_task(customer, "salesperson", "visit")
    path = f"/care/v1/tasks/{visit['id']}/done"
    proof = {"minutes": 30, "content": "看望", "place": "门店"}
    headers = {"Idempotency-Key": "visit-1"}

    first = await care.http.post(path, json=proof, headers=headers)
    second = await care.http.post(path, json=proof, headers=headers)

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert len(await care.facts(TouchDone)) == 1


@pytest.mark.parametrize(
    "change, pointer",
    [
        ({"place": None}, "#/place"),
        ({"place": " "}, "#/place"),
        ({"content": ""}, "#/content"),
        ({"content": "  "}, "#/content"),
        ({"content": "a\x00b"}, "#/content"),
        ({"content": "x" * 4001}, "#/content"),
        ({"minutes": 0}, "#/minutes"),
        ({"minutes": 100_000}, "#/minutes"),
        ({"cost": "-1"}, "#/cost"),
        ({"cost": "1.234"}, "#/cost"),
        ({"cost": 1.5}, "#/cost"),
        ({"at": "2026-11-04T09:30:00+08:00"}, "#/at"),
        ({"at": "2026-10-03T23:59:00+08:00"}, "#/at"),
        ({"at": "2026-11-04T09:00:00"}, "#/at"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "#/at"),
        ({"at": "0001-01-01T00:00:00Z"}, "#/at"),
        ({"at": "9999-12-31T23:59:59Z"}, "#/at"),
        ({"mood": "good"}, "#/mood"),
    ],
    ids=str,
)
async def test_a_proof_that_does_not_hold_is_refused(care: Care, change: dict[str, Any], pointer: str) -> None:
    customer = await care.customer("A")
    visit = await care.open_task(customer, "salesperson", "visit")

    answer = await care.finish(visit["id"], **change)

    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert (await care.open_task(customer, "salesperson", "visit"))["state"] == "open"


async def test_a_call_says_no_place(care: Care) -> None:
    customer = await care.customer("A")
    call = await care.open_task(customer, "salesperson", "phone")

    assert (await care.finish(call["id"], place=None)).status_code == 200


async def test_the_second_visit_of_a_month_belongs_into_its_second_half(care: Care) -> None:
    customer = await care.customer("A")
    await care.finish((await care.open_task(customer, "salesperson", "visit"))["id"])
    second = await care.open_task(customer, "salesperson", "visit")

    early = await care.finish(second["id"])

    assert (early.status_code, early.json()["slug"]) == (409, "task-too-early")


async def test_a_range_may_be_done_before_it_is_welcome(care: Care) -> None:
    customer = await care.customer("A")
    await care.finish((await care.open_task(customer, "brand_manager", "visit"))["id"])
    following = await care.open_task(customer, "brand_manager", "visit")
    assert following["not_before"] == "2026-12-03T16:00:00Z"
    care.clock.forward(timedelta(days=7))

    assert (await care.finish(following["id"])).status_code == 200


async def test_a_missed_window_is_told_at_its_end_with_the_supervisor(care: Care) -> None:
    customer = await care.customer("A")
    visit = await care.open_task(customer, "salesperson", "visit")
    care.clock.forward(timedelta(days=11, hours=14, minutes=59))
    await care.run_loops()
    assert await care.tasks(customer, state="missed") == []

    care.clock.forward(timedelta(minutes=1))
    await care.run_loops()

    missed = {fact.task_id: fact for fact in await care.facts(TouchMissed)}
    fact = missed[UUID(visit["id"])]
    assert (fact.assignee_id, fact.supervisor_id, fact.due_at) == (SELLER, BOSS, fact.at)
    following = await care.open_task(customer, "salesperson", "visit")
    assert following["not_before"] == "2026-11-15T16:00:00Z"
    late = await care.finish(visit["id"])
    assert (late.status_code, late.json()["slug"]) == (409, "task-not-open")


async def test_an_outage_delays_what_is_published_and_erases_no_miss(care: Care) -> None:
    customer = await care.customer("A")
    care.clock.forward(timedelta(days=70))

    await care.run_loops()

    missed = [task for task in await care.tasks(customer, state="missed") if task["contact"] == "visit"]
    by_seller = [task["due_at"] for task in missed if task["role"] == "salesperson"]
    assert by_seller == [
        "2026-11-15T16:00:00Z",
        "2026-11-30T16:00:00Z",
        "2026-12-15T16:00:00Z",
        "2026-12-31T16:00:00Z",
    ]
    assert len(await care.tasks(customer, state="open")) == 11
    assert all(task["due_at"] > "2027-01-13" for task in await care.tasks(customer, state="open"))


async def test_a_touch_after_the_windows_end_does_not_save_it(care: Care) -> None:
    customer = await care.customer("A")
    visit = await care.open_task(customer, "salesperson", "visit")
    care.clock.forward(timedelta(days=11, hours=15))

    late = await care.finish(visit["id"])
    await care.run_loops()

    assert (late.status_code, late.json()["slug"]) == (409, "task-window-ended")
    assert visit["id"] in {task["id"] for task in await care.tasks(customer, state="missed")}


async def test_a_touch_within_the_window_counts_though_it_is_recorded_after(care: Care) -> None:
    """The stop time is judged, not the moment of noticing; both lie on the same day for a call due at noon."""
    complaint = await care.opens(None)
    await care.overdue(complaint, None)
    (call,) = await care.tasks(kind="apology_call")
    care.clock.forward(timedelta(hours=3))

    answer = await care.finish(call["id"], at="2026-11-04T09:30:00+08:00")

    assert answer.json()["state"] == "done"
    await care.run_loops()
    assert await care.facts(TouchMissed) == []


async def test_missing_many_goes_batch_by_batch_and_tells_each_once(care: Care) -> None:
    for _ in range(20):
        await care.customer("C")
    care.clock.forward(timedelta(days=400))

    total = await care.run_loops()

    missed = await care.facts(TouchMissed)
    assert total >= len(missed) > 0
    assert len({fact.task_id for fact in missed}) == len(missed)
    windows = Counter((fact.customer_id, fact.role, fact.contact, fact.due_at) for fact in missed)
    assert {times for (_, role, contact, _), times in windows.items() if (role, contact) == TWICE} == {2}
    assert {times for (_, role, contact, _), times in windows.items() if (role, contact) != TWICE} == {1}
    planned = await care.facts(TouchPlanned)
    assert len({fact.task_id for fact in planned}) == len(missed) + 20 * 6


async def test_two_who_record_the_same_touch_at_once_record_it_once(care: Care) -> None:
    customer = await care.customer("A")
    visit = await care.open_task(customer, "salesperson", "visit")

    answers = await asyncio.gather(*(care.finish(visit["id"]) for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert len(await care.facts(TouchDone)) == 1
    assert (await care.open_task(customer, "salesperson", "visit"))["state"] == "open"


async def test_several_timers_miss_each_window_once(care: Care) -> None:
    for _ in range(10):
        await care.customer("B")
    care.clock.forward(timedelta(days=40))

    while any(await asyncio.gather(*(handlers.miss_due(care.context) for _ in range(3)))):
        pass

    missed = await care.facts(TouchMissed)
    assert len({fact.task_id for fact in missed}) == len(missed) > 0
    assert len(await care.tasks(state="open")) == 10 * 9
