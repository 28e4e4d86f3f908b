"""What waits for one person."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.care.building import ADMINISTRATION, BOSS, MENTOR, SELLER, Care, care_alone
from tests.postgres import FreshDatabase
from tests.support import bearer


@pytest.fixture
async def autumn(fresh_database: FreshDatabase, tmp_path: Path) -> AsyncIterator[Care]:
    """Care alone, as October begins."""
    start = datetime.fromisoformat("2026-10-01T00:00:00+08:00")
    async with care_alone(fresh_database, tmp_path / "outbox", start) as care:
        yield care


async def me(care: Care, role: str, who: UUID) -> dict[str, Any]:
    answer = await care.http.get("/care/v1/me", headers=bearer(role, who))
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def comes(care: Care, moment: str) -> None:
    care.clock.move_to(datetime.fromisoformat(moment))
    await care.run_loops()


async def test_what_is_due_at_risk_missed_and_to_be_made_good(autumn: Care) -> None:
    customer = await autumn.customer("A", team={"salesperson": SELLER})
    first = await me(autumn, "salesperson", SELLER)
    assert [task["contact"] for task in first["due"]] == ["visit", "phone"]
    assert (first["at_risk"], first["missed"], first["make_good"]) == ([], [], [])

    await comes(autumn, "2026-10-12T09:00:00+08:00")
    assert [task["contact"] for task in (await me(autumn, "salesperson", SELLER))["at_risk"]] == ["visit"]
    boss = await me(autumn, "sales_manager", BOSS)
    assert [task["assignee_id"] for task in boss["people_at_risk"]] == [str(SELLER)]
    assert (await me(autumn, "beauty_mentor", MENTOR))["people_at_risk"] == []

    await comes(autumn, "2026-10-16T09:00:00+08:00")
    (missed,) = await autumn.tasks(customer, state="missed")
    order = (await autumn.order_make_good(missed["id"], "2026-10-30")).json()
    then = await me(autumn, "salesperson", SELLER)
    assert [task["id"] for task in then["missed"]] == [missed["id"]]
    assert [task["id"] for task in then["make_good"]] == [order["id"]]
    assert order["id"] in [task["id"] for task in then["due"]]


async def test_when_one_is_away_today_or_ahead(autumn: Care) -> None:
    for first, last in (("2026-09-01", "2026-09-30"), ("2026-09-20", "2026-10-01"), ("2026-10-20", "2026-10-21")):
        body = {"staff_id": str(SELLER), "from": first, "to": last, "kind": "leave"}
        entered = await autumn.http.post("/care/v1/absences", json=body, headers=bearer("admin_dept", ADMINISTRATION))
        assert entered.status_code == 201, entered.text

    mine = await me(autumn, "salesperson", SELLER)

    assert [each["from"] for each in mine["absences"]] == ["2026-10-20", "2026-09-20"]
    assert (await me(autumn, "beauty_mentor", MENTOR))["absences"] == []
