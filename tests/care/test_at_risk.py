"""Five and two days before its window ends a touch is at risk: the person and the supervisor see it (examples 25)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.care.at_risk import handlers
from shared.contracts.care import TouchAtRisk
from tests.care.building import ADMINISTRATION, BOSS, CS_MANAGER, SELLER, Care, care_alone
from tests.postgres import FreshDatabase
from tests.support import bearer

ENDS = datetime.fromisoformat("2026-10-16T00:00:00+08:00")


def october(day: int, clock: str = "00:00") -> str:
    return f"2026-10-{day:02d}T{clock}:00+08:00"


@pytest.fixture
async def autumn(fresh_database: FreshDatabase, tmp_path: Path) -> AsyncIterator[Care]:
    """Care alone, as October begins."""
    async with care_alone(fresh_database, tmp_path / "outbox", datetime.fromisoformat(october(1))) as care:
        yield care


async def comes(care: Care, moment: str) -> None:
    care.clock.move_to(datetime.fromisoformat(moment))
    await care.run_loops()


async def a_store(care: Care) -> UUID:
    return await care.customer("A", team={"salesperson": SELLER})


async def told(care: Care) -> list[tuple[int, datetime]]:
    """Of the visit of the first half: how many days before, and when."""
    return [(fact.days, fact.at) for fact in await care.facts(TouchAtRisk) if fact.due_at == ENDS]


async def notices(care: Care, who: UUID) -> list[dict[str, Any]]:
    found = await care.messages(staff_id=who)
    return [message for message in found if message["template"].startswith("touch_at_risk")]


@pytest.mark.example(25)
async def test_five_and_two_days_before_the_end_the_person_and_the_supervisor_see_it(autumn: Care) -> None:
    await a_store(autumn)
    await comes(autumn, october(10, "23:59"))
    assert await told(autumn) == []

    await comes(autumn, october(11))
    await comes(autumn, october(12))

    assert await told(autumn) == [(5, datetime.fromisoformat(october(11)))]
    (fact,) = await autumn.facts(TouchAtRisk)
    assert (fact.assignee_id, fact.supervisor_id, fact.due_at) == (SELLER, BOSS, ENDS)
    assert [len(await notices(autumn, who)) for who in (SELLER, BOSS)] == [1, 1]
    await comes(autumn, october(13, "23:59"))
    assert len(await told(autumn)) == 1
    await comes(autumn, october(14))
    await comes(autumn, october(15))
    assert [days for days, _ in await told(autumn)] == [5, 2]
    assert [len(await notices(autumn, who)) for who in (SELLER, BOSS)] == [2, 2]


@pytest.mark.example(25)
async def test_done_in_between_the_second_does_not_come(autumn: Care) -> None:
    customer = await a_store(autumn)
    await comes(autumn, october(11))
    await comes(autumn, october(12))
    await autumn.finish((await autumn.open_task(customer, "salesperson", "visit"))["id"])

    await comes(autumn, october(15))

    assert [days for days, _ in await told(autumn)] == [5]
    assert [len(await notices(autumn, who)) for who in (SELLER, BOSS)] == [1, 1]


async def test_many_that_end_together_are_one_notice_that_counts_them(
    autumn: Care, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "BATCH", 2)
    for _ in range(5):
        await a_store(autumn)

    await comes(autumn, october(11, "09:00"))

    assert len(await told(autumn)) == 5
    letters = {letter["subject"] for letter in autumn.letters() if "October" not in letter["subject"]}
    assert letters == {
        "5 of your visits and calls: due by 2026-10-16 00:00",
        "5 visits and calls of your people: due by 2026-10-16 00:00",
    }


async def test_several_timers_tell_each_once(autumn: Care) -> None:
    for _ in range(5):
        await a_store(autumn)
    autumn.clock.move_to(datetime.fromisoformat(october(11)))

    while any(await asyncio.gather(*(handlers.warn_due(autumn.context) for _ in range(3)))):
        pass

    facts = await autumn.facts(TouchAtRisk)
    assert len({fact.task_id for fact in facts}) == len(facts) == 5


async def test_after_an_outage_only_the_latest_moment_is_told(autumn: Care) -> None:
    await a_store(autumn)

    await comes(autumn, october(15))

    assert await told(autumn) == [(2, datetime.fromisoformat(october(14)))]


async def test_what_came_after_its_moment_is_not_told_of_it(autumn: Care) -> None:
    await comes(autumn, october(11, "09:00"))
    await a_store(autumn)

    await comes(autumn, october(12))

    assert await told(autumn) == []


async def test_an_order_to_make_good_is_at_risk_as_well(autumn: Care) -> None:
    customer = await a_store(autumn)
    await comes(autumn, october(17))
    (missed,) = await autumn.tasks(customer, state="missed")
    order = (await autumn.order_make_good(missed["id"], "2026-10-24")).json()

    await comes(autumn, october(20))

    facts = [fact for fact in await autumn.facts(TouchAtRisk) if fact.kind == "make_good"]
    assert [(str(fact.task_id), fact.days) for fact in facts] == [(order["id"], 5)]


async def test_the_policy_says_how_many_days_before(autumn: Care) -> None:
    path, me = "/care/v1/at-risk-policy", bearer("admin_dept", ADMINISTRATION)
    first = await autumn.http.get(path, headers=bearer("salesperson", SELLER))
    assert first.json() == {"version": 1, "days": [5, 2], "set_at": None, "set_by": None}
    await a_store(autumn)

    changed = {"If-Match": first.headers["ETag"], **me}
    second = await autumn.http.put(path, json={"days": [1, 7]}, headers=changed)
    stale = await autumn.http.put(path, json={"days": [3]}, headers=changed)
    denied = await autumn.http.put(path, json={"days": [3]}, headers=bearer("salesperson", SELLER))

    assert (second.json()["days"], second.json()["version"]) == ([7, 1], 2)
    assert [answer.status_code for answer in (second, stale, denied)] == [200, 412, 403]
    for day in (9, 11, 14, 15):
        await comes(autumn, october(day))
    assert [days for days, _ in await told(autumn)] == [7, 1]


@pytest.mark.parametrize("days", [[], [5, 5], [0], [61], ["5"], [1.5], [1, 2, 3, 4, 5, 6]], ids=str)
async def test_days_that_cannot_be_are_refused(autumn: Care, days: list[Any]) -> None:
    headers = {**bearer("cs_manager", CS_MANAGER), "If-Match": "*"}

    answer = await autumn.http.put("/care/v1/at-risk-policy", json={"days": days}, headers=headers)

    assert answer.status_code == 422, answer.text
