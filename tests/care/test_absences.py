"""Leave of people and closed stores excuse a miss whose whole window lies in them (examples 12, decision 22b)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.care.absences.domain import is_covered
from services.care.obligations.domain import Window
from services.care.settling import handlers as settling
from shared.contracts.care import (
    TouchDropped,
    TouchMakeGoodMissed,
    TouchMakeGoodOrdered,
    TouchMissed,
    TouchMissWithdrawn,
)
from shared.contracts.customers import DepartmentListed
from shared.ids import new_id
from tests.care.building import ADMINISTRATION, BOSS, CS_MANAGER, MENTOR, SELLER, Care, care_alone, staff
from tests.postgres import FreshDatabase
from tests.support import bearer

ADMIN_DEPT = bearer("admin_dept", ADMINISTRATION)


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


async def away(care: Care, first: str, last: str, who: UUID = SELLER, headers: dict[str, str] = ADMIN_DEPT) -> Any:
    body = {"staff_id": str(who), "from": first, "to": last, "kind": "leave"}
    return await care.http.post("/care/v1/absences", json=body, headers=headers)


async def closed(care: Care, customer: UUID, first: str, last: str, headers: dict[str, str] = ADMIN_DEPT) -> Any:
    body = {"customer_id": str(customer), "from": first, "to": last, "reason": "renovation"}
    return await care.http.post("/care/v1/closures", json=body, headers=headers)


async def a_store(care: Care) -> UUID:
    """A store of tier A that the salesperson alone serves."""
    return await care.customer("A", team={"salesperson": SELLER})


async def told(care: Care, customer: UUID) -> list[tuple[datetime, str | None]]:
    """The misses of the customer's visits by the salesperson that were told, in order, with their excuses."""
    facts = [fact for fact in await care.facts(TouchMissed) if fact.customer_id == customer]
    return [(fact.due_at, fact.excuse) for fact in facts if (fact.role, fact.contact) == ("salesperson", "visit")]


async def excuse_shown(care: Care, customer: UUID) -> list[str | None]:
    tasks = await care.tasks(customer, state="missed")
    return [task["excuse"] for task in tasks if (task["role"], task["contact"]) == ("salesperson", "visit")]


HALF = datetime.fromisoformat(october(16, "00:00"))
END_OF_20TH = datetime.fromisoformat(october(21, "00:00"))


@pytest.mark.example(12)
async def test_leave_in_the_whole_window_excuses_the_miss_and_a_part_of_it_does_not(autumn: Care) -> None:
    customer = await a_store(autumn)
    assert (await away(autumn, "2026-10-01", "2026-10-15")).status_code == 201
    assert (await away(autumn, "2026-10-17", "2026-10-31")).status_code == 201

    await comes(autumn, "2026-11-01T00:00:00+08:00")

    ends = datetime.fromisoformat("2026-11-01T00:00:00+08:00")
    assert await told(autumn, customer) == [(HALF, "leave"), (ends, None)]
    assert await excuse_shown(autumn, customer) == ["leave", None]


@pytest.mark.example(12)
async def test_a_closed_store_excuses_the_miss(autumn: Care) -> None:
    customer, other = await a_store(autumn), await a_store(autumn)
    assert (await closed(autumn, customer, "2026-09-20", "2026-10-15")).status_code == 201

    await comes(autumn, october(16, "00:00"))

    assert (await told(autumn, customer), await told(autumn, other)) == ([(HALF, "closed")], [(HALF, None)])


async def test_absences_that_follow_each_other_excuse_together_leave_and_closure_do_not(autumn: Care) -> None:
    together, mixed = await a_store(autumn), await autumn.customer("A", team={"salesperson": MENTOR})
    await away(autumn, "2026-10-08", "2026-10-20")
    await away(autumn, "2026-10-01", "2026-10-07")
    await away(autumn, "2026-10-01", "2026-10-07", MENTOR)
    await closed(autumn, mixed, "2026-10-08", "2026-10-20")

    await comes(autumn, october(16, "00:00"))

    assert (await told(autumn, together), await told(autumn, mixed)) == ([(HALF, "leave")], [(HALF, None)])


async def test_leave_entered_after_the_miss_was_told_tells_it_anew_and_drops_its_order(autumn: Care) -> None:
    customer = await a_store(autumn)
    await comes(autumn, october(16, "09:00"))
    (missed,) = [task for task in await autumn.tasks(customer, state="missed") if task["contact"] == "visit"]
    order = (await autumn.order_make_good(missed["id"], "2026-10-30")).json()

    assert (await away(autumn, "2026-10-01", "2026-10-15")).status_code == 201

    (withdrawn,) = await autumn.facts(TouchMissWithdrawn)
    assert withdrawn.task_id == UUID(missed["id"])
    assert await told(autumn, customer) == [(HALF, None), (HALF, "leave")]
    events = await autumn.service.events(TouchMissWithdrawn, TouchMissed)
    assert [event.type for event in events][-2:] == [TouchMissWithdrawn.TYPE, TouchMissed.TYPE]
    assert [fact.task_id for fact in await autumn.facts(TouchDropped)] == [UUID(order["id"])]
    assert await excuse_shown(autumn, customer) == ["leave"]
    again = await autumn.order_make_good(missed["id"], "2026-10-30")
    assert (again.status_code, again.json()["slug"]) == (409, "task-not-missed")
    await comes(autumn, "2026-10-31T12:00:00+08:00")
    assert await autumn.facts(TouchMakeGoodMissed) == []


async def test_leave_that_was_a_mistake_excuses_no_longer(autumn: Care) -> None:
    customer = await a_store(autumn)
    entered = (await away(autumn, "2026-10-01", "2026-10-15")).json()
    await comes(autumn, october(16, "00:00"))

    gone = await autumn.http.delete(f"/care/v1/absences/{entered['id']}", headers=ADMIN_DEPT)
    again = await autumn.http.delete(f"/care/v1/absences/{entered['id']}", headers=ADMIN_DEPT)

    assert (gone.status_code, again.status_code) == (204, 404)
    assert await told(autumn, customer) == [(HALF, "leave"), (HALF, None)]
    assert len(await autumn.facts(TouchMissWithdrawn)) == 1
    assert await excuse_shown(autumn, customer) == [None]


@pytest.mark.parametrize("ended", [False, True])
async def test_leave_that_was_a_mistake_leaves_what_was_ordered_as_it_was(autumn: Care, *, ended: bool) -> None:
    """Whether the time of the order is over or not when the leave is entered; both before it is taken back."""
    customer = await a_store(autumn)
    await comes(autumn, october(16, "09:00"))
    (missed,) = [task for task in await autumn.tasks(customer, state="missed") if task["contact"] == "visit"]
    order = (await autumn.order_make_good(missed["id"], "2026-10-20")).json()
    await comes(autumn, october(22 if ended else 18))
    assert len(await autumn.facts(TouchMakeGoodMissed)) == int(ended)
    entered = (await away(autumn, "2026-10-01", "2026-10-15")).json()
    assert (await autumn.http.get(f"/care/v1/tasks/{missed['id']}")).json()["make_good"] is None

    await autumn.http.delete(f"/care/v1/absences/{entered['id']}", headers=ADMIN_DEPT)

    stands = (await autumn.http.get(f"/care/v1/tasks/{missed['id']}")).json()
    assert stands["make_good"]["id"] == order["id"]
    assert (await autumn.http.get(f"/care/v1/tasks/{order['id']}")).json()["state"] == "open"
    ordered = await autumn.facts(TouchMakeGoodOrdered)
    assert [(fact.make_good_id, fact.until) for fact in ordered] == [(UUID(order["id"]), END_OF_20TH)] * 2
    await comes(autumn, october(23))
    told_of = await autumn.facts(TouchMakeGoodMissed)
    assert [fact.at for fact in told_of] == [END_OF_20TH] * (1 + int(ended)), "as much again is owed as before"
    assert (await autumn.http.get(f"/care/v1/tasks/{order['id']}")).json()["state"] == "missed"


async def test_who_supervised_at_the_miss_is_charged_whoever_supervises_when_it_is_told_anew(autumn: Care) -> None:
    customer = await a_store(autumn)
    entered = (await away(autumn, "2026-10-01", "2026-10-15")).json()
    await comes(autumn, october(16, "00:00"))
    later = new_id()
    await autumn.given(staff(later, "sales_manager"), staff(SELLER, "salesperson", supervisor_id=later), version=2)
    path = f"/care/v1/absences/{entered['id']}"

    of_theirs = await autumn.http.delete(path, headers=bearer("admin_dept", BOSS))
    assert (of_theirs.status_code, of_theirs.json()["slug"]) == (403, "own-miss"), "charged, though no longer in charge"
    assert (await autumn.http.delete(path, headers=bearer("sales_manager", later))).status_code == 204

    facts = [
        fact for fact in await autumn.facts(TouchMissed) if (fact.customer_id, fact.contact) == (customer, "visit")
    ]
    assert [(fact.excuse, fact.supervisor_id) for fact in facts] == [("leave", BOSS), (None, BOSS)]
    (missed,) = [task for task in await autumn.tasks(customer, state="missed") if task["contact"] == "visit"]
    by_who_pays = await autumn.order_make_good(missed["id"], "2026-10-30", subject=BOSS)
    by_another = await autumn.order_make_good(missed["id"], "2026-10-30", subject=later)
    assert (by_who_pays.status_code, by_another.status_code) == (403, 201)


async def test_whoever_comes_back_earlier_is_not_excused_and_whoever_stays_longer_is(autumn: Care) -> None:
    customer = await a_store(autumn)
    entered = await away(autumn, "2026-10-01", "2026-10-15")
    path = f"/care/v1/absences/{entered.json()['id']}"
    await comes(autumn, october(16, "00:00"))

    unread = await autumn.http.patch(path, json={"to": "2026-10-14"}, headers=ADMIN_DEPT)
    shorter = await autumn.http.patch(
        path, json={"to": "2026-10-14"}, headers={**ADMIN_DEPT, "If-Match": entered.headers["ETag"]}
    )
    stale = await autumn.http.patch(
        path, json={"to": "2026-10-15"}, headers={**ADMIN_DEPT, "If-Match": entered.headers["ETag"]}
    )
    longer = await autumn.http.patch(
        path, json={"to": "2026-10-15"}, headers={**ADMIN_DEPT, "If-Match": shorter.headers["ETag"]}
    )

    assert [each.status_code for each in (unread, shorter, stale, longer)] == [428, 200, 412, 200]
    assert (shorter.json()["from"], shorter.json()["to"]) == ("2026-10-01", "2026-10-14")
    assert [excuse for _, excuse in await told(autumn, customer)] == ["leave", None, "leave"]


async def test_who_enters_absences(autumn: Care) -> None:
    department, manager, theirs = new_id(), new_id(), new_id()
    await autumn.given(
        DepartmentListed(department_id=department, name="销售部", manager_id=manager),
        staff(theirs, "salesperson", department_id=department),
    )

    async def enters(role: str, who: UUID, about: UUID) -> tuple[int, str | None]:
        answer = await away(autumn, "2026-10-05", "2026-10-06", about, bearer(role, who))
        return answer.status_code, answer.json().get("slug")

    assert await enters("sales_manager", BOSS, SELLER) == (201, None)
    assert await enters("brand_manager", manager, theirs) == (201, None)
    assert await enters("general_manager", new_id(), SELLER) == (201, None)
    assert await enters("salesperson", SELLER, SELLER) == (403, "own-absence")
    assert await enters("admin_dept", ADMINISTRATION, ADMINISTRATION) == (403, "own-absence")
    assert await enters("sales_manager", BOSS, theirs) == (422, "unknown-staff")
    assert await enters("admin_dept", ADMINISTRATION, new_id()) == (422, "unknown-staff")
    assert await enters("partner", new_id(), SELLER) == (403, "forbidden")


async def test_who_sees_and_changes_absences(autumn: Care) -> None:
    entered = (await away(autumn, "2026-10-01", "2026-10-05")).json()
    path = f"/care/v1/absences/{entered['id']}"

    async def sees(role: str, who: UUID, **params: str) -> int:
        answer = await autumn.http.get("/care/v1/absences", params=params, headers=bearer(role, who))
        return len(answer.json()["items"])

    assert [await sees(*who) for who in (("salesperson", SELLER), ("sales_manager", BOSS))] == [1, 1]
    assert await sees("beauty_mentor", MENTOR) == 0
    assert [await sees("admin_dept", ADMINISTRATION, on=day) for day in ("2026-10-05", "2026-10-06")] == [1, 0]
    own = await autumn.http.delete(path, headers=bearer("salesperson", SELLER))
    foreign = await autumn.http.delete(path, headers=bearer("beauty_mentor", MENTOR))
    as_closure = await autumn.http.delete(path.replace("absences", "closures"), headers=ADMIN_DEPT)
    assert [answer.status_code for answer in (own, foreign, as_closure)] == [403, 404, 404]
    assert (await autumn.http.delete(path, headers=bearer("sales_manager", BOSS))).status_code == 204


async def test_who_enters_and_sees_closures(autumn: Care) -> None:
    customer = await a_store(autumn)

    async def enters(role: str, who: UUID) -> int:
        answer = await closed(autumn, customer, "2026-10-05", "2026-10-06", bearer(role, who))
        return int(answer.status_code)

    assert [await enters("salesperson", SELLER), await enters("cs_specialist", new_id())] == [201, 201]
    assert [await enters("cs_manager", CS_MANAGER), await enters("beauty_mentor", MENTOR)] == [201, 422]
    params = {"customer_id": str(customer), "on": "2026-10-06"}
    listed = await autumn.http.get("/care/v1/closures", params=params, headers=bearer("salesperson", SELLER))
    assert [(item["reason"], item["from"]) for item in listed.json()["items"]] == [("renovation", "2026-10-05")] * 3
    hidden = await autumn.http.get("/care/v1/closures", params=params, headers=bearer("beauty_mentor", MENTOR))
    assert hidden.status_code == 404


async def test_nobody_excuses_a_miss_of_their_own_or_one_they_are_charged_for(autumn: Care) -> None:
    customer = await a_store(autumn)
    seller, boss = bearer("salesperson", SELLER), bearer("sales_manager", BOSS)
    await comes(autumn, october(16, "09:00"))
    days = ("2026-10-01", "2026-10-15")

    own = await closed(autumn, customer, *days, seller)
    charged = [await closed(autumn, customer, *days, boss), await away(autumn, *days, headers=boss)]

    assert [(each.status_code, each.json()["slug"]) for each in (own, *charged)] == [(403, "own-miss")] * 3
    assert await excuse_shown(autumn, customer) == [None]
    assert await autumn.facts(TouchMissWithdrawn) == []
    part = await closed(autumn, customer, "2026-10-02", "2026-10-03", seller)
    assert part.status_code == 201, "it decides about no miss"
    assert (await away(autumn, *days)).status_code == 201
    assert [fact.excuse for fact in await autumn.facts(TouchMissWithdrawn)] == ["leave"]


async def test_nobody_moves_or_takes_back_what_decides_about_a_miss_of_theirs(autumn: Care) -> None:
    customer = await a_store(autumn)
    seller, boss = bearer("salesperson", SELLER), bearer("sales_manager", BOSS)
    closure = await closed(autumn, customer, "2026-10-01", "2026-10-14", seller)
    leave = await away(autumn, "2026-10-01", "2026-10-14", headers=boss)
    await comes(autumn, october(16, "09:00"))

    async def moves(kind: str, entered: Any, headers: dict[str, str]) -> tuple[int, str | None]:
        path = f"/care/v1/{kind}/{entered.json()['id']}"
        tag = {"If-Match": '"1"'}
        answer = await autumn.http.patch(path, json={"to": "2026-10-15"}, headers={**headers, **tag})
        return answer.status_code, answer.json().get("slug")

    assert await moves("closures", closure, seller) == (403, "own-miss")
    assert await moves("absences", leave, boss) == (403, "own-miss")
    assert await moves("absences", leave, ADMIN_DEPT) == (200, None)
    assert await excuse_shown(autumn, customer) == ["leave"]
    gone = await autumn.http.delete(f"/care/v1/absences/{leave.json()['id']}", headers=boss)
    assert (gone.status_code, gone.json()["slug"]) == (403, "own-miss")
    assert await excuse_shown(autumn, customer) == ["leave"]


async def test_a_window_that_has_ended_is_a_miss_before_anybody_told_of_it(autumn: Care) -> None:
    customer = await a_store(autumn)
    autumn.clock.move_to(datetime.fromisoformat(october(16, "09:00")))

    own = await closed(autumn, customer, "2026-10-01", "2026-10-15", bearer("salesperson", SELLER))

    assert (own.status_code, own.json()["slug"]) == (403, "own-miss")
    assert (await closed(autumn, customer, "2026-10-01", "2026-10-15")).status_code == 201
    await autumn.run_loops()
    assert await told(autumn, customer) == [(HALF, "closed")]


@pytest.mark.parametrize(
    "first, last, pointer",
    [
        ("2026-10-06", "2026-10-05", "#/to"),
        ("2026-10-01", "2027-10-02", "#/to"),
        ("2025-09-01", "2026-08-01", "#/from"),
        ("2027-09-01", "2027-10-05", "#/to"),
        ("20261001", "2026-10-05", "#/from"),
        ("2026-10-01T00:00:00+08:00", "2026-10-05", "#/from"),
        ("2026-02-29", "2026-10-05", "#/from"),
    ],
)
async def test_days_that_cannot_be_are_refused(autumn: Care, first: str, last: str, pointer: str) -> None:
    answer = await away(autumn, first, last)

    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_leave_entered_in_the_instant_in_which_a_window_ends_excuses_whichever_came_first(autumn: Care) -> None:
    customers = [await a_store(autumn) for _ in range(5)]
    autumn.clock.move_to(HALF)

    entered, *_ = await asyncio.gather(
        away(autumn, "2026-10-01", "2026-10-15"), *(settling.miss_due(autumn.context) for _ in range(3))
    )
    await autumn.run_loops()

    assert entered.status_code == 201, entered.text
    for customer in customers:
        assert (await told(autumn, customer))[-1] == (HALF, "leave")
        assert await excuse_shown(autumn, customer) == ["leave"]


def test_a_window_is_covered_without_a_gap_or_not_at_all() -> None:
    def day(number: int) -> datetime:
        return datetime.fromisoformat(f"2026-10-{number:02d}T00:00:00+08:00")

    window = Window(day(3), day(10))

    assert is_covered(window, [(day(3), day(10))])
    assert is_covered(window, [(day(7), day(12)), (day(1), day(7))])
    assert not is_covered(window, [(day(1), day(6)), (day(7), day(12))])
    assert not is_covered(window, [(day(4), day(12))])
    assert not is_covered(window, [])
