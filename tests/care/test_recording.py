"""Touches that are entered late, and touches without a task (domain 2.1 and 4.1, decision 25)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.care import TouchDone, TouchMissed, TouchMissWithdrawn, TouchPlanned
from shared.ids import new_id
from tests.care.building import BOSS, CS_MANAGER, MENTOR, OTHER_SELLER, SELLER, TEAM, Care, care_alone, staff
from tests.postgres import FreshDatabase
from tests.support import bearer

SELLERS_VISIT = ("salesperson", "visit")
MENTORS_CALL = ("beauty_mentor", "phone")


def october(day: int, clock: str = "10:00") -> str:
    return f"2026-10-{day:02d}T{clock}:00+08:00"


@pytest.fixture
async def autumn(fresh_database: FreshDatabase, tmp_path: Path) -> AsyncIterator[Care]:
    """Care alone, as October begins."""
    async with care_alone(fresh_database, tmp_path / "outbox", datetime.fromisoformat(october(1, "00:00"))) as care:
        yield care


async def comes(care: Care, moment: str) -> None:
    care.clock.move_to(datetime.fromisoformat(moment))
    await care.run_loops()


async def visits(care: Care, customer: UUID, **body: Any) -> dict[str, Any]:
    return await recorded(care, customer, "visit", "salesperson", SELLER, **body)


async def calls(care: Care, customer: UUID, **body: Any) -> dict[str, Any]:
    return await recorded(care, customer, "phone", "beauty_mentor", MENTOR, **body)


async def recorded(care: Care, customer: UUID, contact: str, role: str, who: UUID, **body: Any) -> dict[str, Any]:
    answer = await care.touch(customer, contact, role=role, subject=who, **body)
    assert answer.status_code == 201, answer.text
    task: dict[str, Any] = answer.json()
    return task


async def missed(care: Care, customer: UUID, duty: tuple[str, str]) -> list[str]:
    """When the windows of a duty ended that are missed."""
    tasks = await care.tasks(customer, state="missed")
    return [task["due_at"] for task in tasks if (task["role"], task["contact"]) == duty]


@pytest.mark.example(24)
async def test_two_visits_in_one_half_are_one_visit_of_it(autumn: Care) -> None:
    customer = await autumn.customer("A")
    await comes(autumn, october(3))
    first = await visits(autumn, customer)
    await comes(autumn, october(10))
    second = await visits(autumn, customer)

    assert (first["kind"], first["due_at"]) == ("obligation", "2026-10-15T16:00:00Z")
    assert (second["kind"], second["state"], second["assignee_id"]) == ("unplanned", "done", str(SELLER))
    ahead = await autumn.open_task(customer, *SELLERS_VISIT)
    assert (ahead["not_before"], ahead["due_at"]) == ("2026-10-15T16:00:00Z", "2026-10-31T16:00:00Z")


@pytest.mark.example(24)
async def test_two_calls_are_any_two_days_of_the_month(autumn: Care) -> None:
    customer = await autumn.customer("A")
    await comes(autumn, october(3))
    first = await calls(autumn, customer)
    await comes(autumn, october(10))
    second = await calls(autumn, customer)

    assert [(call["kind"], call["occurrence"]) for call in (first, second)] == [("obligation", 1), ("obligation", 2)]
    await comes(autumn, "2026-11-01T00:00:00+08:00")
    assert await missed(autumn, customer, MENTORS_CALL) == []
    assert (await autumn.open_task(customer, *MENTORS_CALL))["due_at"] == "2026-11-30T16:00:00Z"


@pytest.mark.example(24)
async def test_without_any_call_each_is_a_miss_when_the_month_ends(autumn: Care) -> None:
    customer = await autumn.customer("A")
    await comes(autumn, october(31, "23:59"))
    assert await missed(autumn, customer, MENTORS_CALL) == []

    await comes(autumn, "2026-11-01T00:00:00+08:00")

    assert await missed(autumn, customer, MENTORS_CALL) == ["2026-10-31T16:00:00Z"] * 2
    told = [fact for fact in await autumn.facts(TouchMissed) if (fact.role, fact.contact) == MENTORS_CALL]
    assert len({fact.task_id for fact in told}) == len(told) == 2


@pytest.mark.example(24)
async def test_a_call_without_a_task_settles_the_open_call(autumn: Care) -> None:
    customer = await autumn.customer("A")
    standing = await autumn.open_task(customer, *MENTORS_CALL)
    await comes(autumn, october(12))

    call = await calls(autumn, customer)

    assert (call["id"], call["state"], call["settled_by"]) == (standing["id"], "done", str(MENTOR))
    assert call["record"]["content"] == "问候"
    assert len(await autumn.facts(TouchDone)) == 1


@pytest.mark.example(24)
async def test_a_visit_in_time_that_is_entered_late_takes_its_miss_back(autumn: Care) -> None:
    customer = await autumn.customer("A")
    await comes(autumn, october(16, "00:00"))
    (told,) = [fact for fact in await autumn.facts(TouchMissed) if fact.contact == "visit"]
    ahead = await autumn.open_task(customer, *SELLERS_VISIT)
    await comes(autumn, october(16, "09:00"))

    visit = await visits(autumn, customer, at=october(15, "23:50"))

    assert (visit["id"], visit["state"], visit["recorded_late"]) == (str(told.task_id), "done", True)
    assert (visit["settled_at"], visit["recorded_at"]) == ("2026-10-15T15:50:00Z", "2026-10-16T01:00:00Z")
    assert await missed(autumn, customer, SELLERS_VISIT) == []
    (taken_back,) = await autumn.facts(TouchMissWithdrawn)
    assert (taken_back.task_id, taken_back.due_at) == (told.task_id, told.due_at)
    (done,) = await autumn.facts(TouchDone)
    assert (done.task_id, done.recorded_late, done.at) == (
        told.task_id,
        True,
        datetime.fromisoformat(october(15, "23:50")),
    )
    assert await autumn.open_task(customer, *SELLERS_VISIT) == ahead


@pytest.mark.example(24)
async def test_in_february_the_first_half_ends_with_the_14th(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    february = datetime.fromisoformat("2027-02-01T00:00:00+08:00")
    async with care_alone(fresh_database, tmp_path / "outbox", february) as care:
        customer = await care.customer("A")

        assert (await care.open_task(customer, *SELLERS_VISIT))["due_at"] == "2027-02-14T16:00:00Z"


async def test_a_touch_of_the_day_is_not_late(care: Care) -> None:
    customer = await care.customer("A")
    care.clock.forward(timedelta(hours=14))

    visit = await visits(care, customer, at="2026-11-04T10:00:00+08:00")

    assert (visit["recorded_late"], visit["recorded_at"]) == (False, "2026-11-04T15:00:00Z")
    assert [fact.recorded_late for fact in await care.facts(TouchDone)] == [False]


async def test_the_task_itself_takes_a_late_entry_too(autumn: Care) -> None:
    customer = await autumn.customer("A")
    visit = await autumn.open_task(customer, *SELLERS_VISIT)
    await comes(autumn, october(20))

    after = await autumn.finish(visit["id"])
    within = await autumn.finish(visit["id"], at=october(15))

    assert (after.status_code, after.json()["slug"]) == (409, "task-not-open")
    assert (within.status_code, within.json()["recorded_late"]) == (200, True)
    again = await autumn.finish(visit["id"], at=october(15))
    assert (again.status_code, again.json()["slug"]) == (409, "task-not-open")
    assert len(await autumn.facts(TouchMissWithdrawn)) == 1


async def test_what_is_entered_too_late_is_refused(autumn: Care) -> None:
    customer = await autumn.customer("A")
    await comes(autumn, "2026-11-16T09:00:00+08:00")

    answer = await autumn.touch(customer, "visit", role="salesperson", subject=SELLER, at=october(15))

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/at")
    assert (await visits(autumn, customer, at=october(16, "09:30")))["kind"] == "obligation"


async def test_what_was_before_the_window_settles_nothing(autumn: Care) -> None:
    customer = await autumn.customer("A")
    await comes(autumn, october(3))
    await visits(autumn, customer)
    await comes(autumn, october(20))
    ahead = await autumn.open_task(customer, *SELLERS_VISIT)

    early = await autumn.finish(ahead["id"], at=october(12))
    beside = await visits(autumn, customer, at=october(12))

    assert (early.status_code, early.json()["slug"]) == (409, "task-too-early")
    assert (beside["kind"], beside["recorded_late"]) == ("unplanned", True)


async def test_two_calls_of_one_day_are_one(autumn: Care) -> None:
    customer = await autumn.customer("A")
    await comes(autumn, october(10))
    await calls(autumn, customer)
    ahead = await autumn.open_task(customer, *MENTORS_CALL)
    assert ahead["not_before"] == "2026-10-10T16:00:00Z"

    same_day = await autumn.finish(ahead["id"])
    beside = await calls(autumn, customer)
    await comes(autumn, october(12))
    earlier = await calls(autumn, customer, at=october(9))

    assert (same_day.status_code, same_day.json()["slug"]) == (409, "task-same-day")
    assert beside["kind"] == "unplanned"
    assert (earlier["id"], earlier["recorded_late"]) == (ahead["id"], True)


async def test_missed_calls_are_taken_back_one_by_one(autumn: Care) -> None:
    customer = await autumn.customer("A")
    await comes(autumn, "2026-11-02T09:00:00+08:00")

    for day in (29, 30, 31):
        await calls(autumn, customer, at=october(day))

    assert await missed(autumn, customer, MENTORS_CALL) == []
    assert len(await autumn.facts(TouchMissWithdrawn)) == 2
    kinds = [fact.kind for fact in await autumn.facts(TouchDone)]
    assert kinds == ["obligation", "obligation", "unplanned"]


async def test_a_range_counts_from_the_touch_that_was_entered_late(autumn: Care) -> None:
    """A D store is owed a visit every two months; missed, the next one is counted from the visit after all."""
    customer = await autumn.customer("D")
    await comes(autumn, "2026-12-03T09:00:00+08:00")
    assert await missed(autumn, customer, SELLERS_VISIT) == ["2026-12-01T16:00:00Z"]
    before = await autumn.open_task(customer, *SELLERS_VISIT)
    assert before["due_at"] == "2027-02-01T16:00:00Z"

    await visits(autumn, customer, at="2026-11-20T10:00:00+08:00")

    after = await autumn.open_task(customer, *SELLERS_VISIT)
    assert (after["id"], after["not_before"], after["due_at"]) == (
        before["id"],
        "2026-12-19T16:00:00Z",
        "2027-01-20T16:00:00Z",
    )
    assert [str(fact.due_at) for fact in await autumn.facts(TouchPlanned) if str(fact.task_id) == after["id"]][-1] == (
        "2027-01-20 16:00:00+00:00"
    )


async def test_one_visit_fulfils_no_two_ranges(care: Care) -> None:
    customer = await care.customer("D")

    first, second = await visits(care, customer), await visits(care, customer)

    assert (first["kind"], second["kind"]) == ("obligation", "unplanned")


async def test_a_window_that_ended_unnoticed_is_missed_before_the_next_is_settled(autumn: Care) -> None:
    customer = await autumn.customer("A")
    autumn.clock.move_to(datetime.fromisoformat(october(17)))

    visit = await visits(autumn, customer)

    assert (visit["kind"], visit["due_at"]) == ("obligation", "2026-10-31T16:00:00Z")
    assert await missed(autumn, customer, SELLERS_VISIT) == ["2026-10-15T16:00:00Z"]


async def test_only_ones_own_obligation_is_settled_unless_another_role_is_named(care: Care) -> None:
    customer = await care.customer("A")

    other = await recorded(care, customer, "visit", "beauty_mentor", MENTOR)
    by_boss = await recorded(care, customer, "visit", "sales_manager", BOSS, acting="salesperson")

    assert (other["kind"], other["role"], other["assignee_id"]) == ("unplanned", "beauty_mentor", str(MENTOR))
    assert (by_boss["kind"], by_boss["assignee_id"], by_boss["settled_by"]) == ("obligation", str(SELLER), str(BOSS))


async def test_a_touch_in_the_role_of_ones_people_is_theirs(care: Care) -> None:
    customer = await care.customer("A")
    await visits(care, customer)

    beside = await recorded(care, customer, "visit", "sales_manager", BOSS, acting="salesperson")
    foreign = await care.touch(customer, "visit", role="beauty_mentor", subject=MENTOR, acting="salesperson")

    assert (beside["kind"], beside["assignee_id"]) == ("unplanned", str(SELLER))
    assert (foreign.status_code, foreign.json()["errors"][0]["pointer"]) == (422, "#/role")


async def test_only_who_sees_the_customer_records_and_foreign_is_as_unknown(care: Care) -> None:
    customer = await care.customer("A")
    await care.given(staff(OTHER_SELLER, "salesperson"))

    foreign = await care.touch(customer, "phone", role="salesperson", subject=OTHER_SELLER)
    unknown = await care.touch(new_id(), "phone", role="salesperson", subject=OTHER_SELLER)
    service = await care.touch(customer, "phone", role="cs_manager", subject=CS_MANAGER)
    partner = await care.touch(customer, "phone", role="partner", subject=new_id())

    assert [(answer.status_code, answer.json()["slug"]) for answer in (foreign, unknown)] == [
        (422, "unknown-customer"),
        (422, "unknown-customer"),
    ]
    assert foreign.json()["detail"] == unknown.json()["detail"]
    assert service.status_code == 201
    assert partner.status_code == 403


async def test_a_visit_says_where_it_was(care: Care) -> None:
    customer = await care.customer("A")

    answer = await care.touch(customer, "visit", role="salesperson", subject=SELLER, place=None)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/place")


async def test_the_same_request_with_its_key_records_once(care: Care) -> None:
    customer = await care.customer("D")
    body = {"customer_id": str(customer), "contact": "phone", "minutes": 5, "content": "问候"}
    headers = {**bearer("salesperson", SELLER), "Idempotency-Key": "touch-1"}

    answers = [await care.http.post("/care/v1/touches", json=body, headers=headers) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert len(await care.facts(TouchDone)) == 1


async def test_who_recorded_is_entered_for_good(care: Care) -> None:
    customer = await care.customer("D")

    visit = await visits(care, customer)

    entered = await care.database.fetch("SELECT made_by, what, subject FROM audit_entry")
    assert [tuple(row.values()) for row in entered] == [(SELLER, "touch.recorded", UUID(visit["id"]))]


async def test_of_two_at_once_one_settles_and_both_are_recorded(care: Care) -> None:
    customer = await care.customer("A", team=TEAM)

    found = await asyncio.gather(*(visits(care, customer) for _ in range(3)))

    assert sorted(each["kind"] for each in found) == ["obligation", "unplanned", "unplanned"]
    assert len(await care.facts(TouchDone)) == 3
