"""Kill -9 of the timer in the middle of a wave of misses, on every clock: each is recorded once, and none is missed."""

import asyncio
import sys
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from shared.contracts.clocks import ComplaintClockEscalated
from shared.contracts.complaints import ComplaintClockMissed, ComplaintOverdue
from shared.contracts.customers import StaffListed
from shared.db import Database
from tests.eventually import eventually
from tests.postgres import FreshDatabase
from tests.support import START, OneService, one_service

CASES = 1_200
SECONDS = str(timedelta(hours=4, minutes=1).total_seconds())
HEADS = {UUID(int=1): "cs_manager", UUID(int=2): "general_manager"}
LEVELS = {
    "kind": "accept",
    "answer_within": "PT30M",
    "levels": {
        "before": [],
        "after": [
            {"delay": "PT0S", "recipient": "concerned"},
            {"delay": "PT10M", "recipient": "general_manager"},
        ],
    },
}
"""Of a case that nobody takes the customer-service manager hears, then the general manager."""


async def _record(complaints: OneService) -> None:
    """Cases of nobody's customers, all due within the same minute."""
    case = {"complainant": {"name": "王女士", "contact": "+8613800000000"}, "subject": "product", "text": "Broken."}
    for _ in range(CASES // 50):
        answers: list[httpx.Response] = await asyncio.gather(
            *(complaints.http.post("/complaints/v1/complaints", json=case) for _ in range(50))
        )
        assert {answer.status_code for answer in answers} == {201}


async def _told(database: Database) -> int:
    """Misses that were told: of answers, and of cases that nobody took; of these the level above as well."""
    types = [ComplaintOverdue.TYPE, ComplaintClockMissed.TYPE, ComplaintClockEscalated.TYPE]
    return int(await database.fetchval("SELECT count(*) FROM event_log WHERE type = ANY($1::text[])", types))


async def _worker(url: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.faults.clock_worker", url, SECONDS)


@pytest.mark.timeout(300)
async def test_every_miss_is_told_once_whoever_is_killed(fresh_database: FreshDatabase) -> None:
    """Killed between noticing and recording as well: both are one transaction."""
    async with one_service(fresh_database, "complaints") as complaints:
        await complaints.given(
            *(StaffListed(staff_id=id_, name=role, role=role, department_id=UUID(int=3)) for id_, role in HEADS.items())
        )
        answer = await complaints.http.post("/complaints/v1/clock-policies", json=LEVELS)
        assert answer.status_code == 201, answer.text
        await _record(complaints)
        await complaints.hear_own()
        database = complaints.database
        for _ in range(4):
            before = await _told(database)
            victim = await _worker(database.url)

            async def went_on(before: int = before) -> bool:
                return await _told(database) > before or before == 3 * CASES

            await eventually(went_on, within=60)
            victim.kill()
            await victim.wait()
        both = [await _worker(database.url) for _ in range(2)]

        async def all_told() -> bool:
            return await _told(database) >= 3 * CASES

        await eventually(all_told, within=60)
        for worker in both:
            worker.kill()
            await worker.wait()

        told = await complaints.facts(ComplaintOverdue)
        assert len(told) == len({fact.complaint_id for fact in told}) == CASES
        overdue = await database.fetchval("SELECT count(*) FROM complaint WHERE breached_at IS NOT NULL")
        assert overdue == CASES
        missed = await complaints.facts(ComplaintClockMissed)
        assert len(missed) == len({fact.complaint_id for fact in missed}) == CASES
        assert {(fact.clock, fact.at - START) for fact in missed} == {("accept", timedelta(minutes=30))}
        above = await complaints.facts(ComplaintClockEscalated)
        assert len(above) == len({fact.complaint_id for fact in above}) == CASES
        assert {(fact.at - START, fact.staff_id) for fact in above} == {(timedelta(minutes=40), UUID(int=2))}
        kept = await database.fetch("SELECT breached_at, noticed_at FROM case_clock WHERE breached_at IS NOT NULL")
        assert len(kept) == CASES
        assert {(row["breached_at"] - START, row["noticed_at"] - START) for row in kept} == {
            (timedelta(minutes=30), timedelta(seconds=float(SECONDS)))
        }
