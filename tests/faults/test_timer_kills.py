"""Kill -9 of the timer in the middle of a wave of breaches: each is recorded once, and none is missed."""

import asyncio
import sys
from datetime import timedelta

import httpx
import pytest

from shared.contracts.complaints import ComplaintOverdue
from shared.db import Database
from tests.eventually import eventually
from tests.postgres import FreshDatabase
from tests.support import OneService, one_service

CASES = 1_200
SECONDS = str(timedelta(hours=4, minutes=1).total_seconds())


async def _record(complaints: OneService) -> None:
    """Cases of nobody's customers, all due within the same minute."""
    case = {"complainant": {"name": "王女士", "contact": "+8613800000000"}, "subject": "product", "text": "Broken."}
    for _ in range(CASES // 50):
        answers: list[httpx.Response] = await asyncio.gather(
            *(complaints.http.post("/complaints/v1/complaints", json=case) for _ in range(50))
        )
        assert {answer.status_code for answer in answers} == {201}


async def _breaches(database: Database) -> int:
    return int(await database.fetchval("SELECT count(*) FROM event_log WHERE type = $1", ComplaintOverdue.TYPE))


async def _worker(url: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.faults.clock_worker", url, SECONDS)


@pytest.mark.timeout(300)
async def test_every_breach_is_told_once_whoever_is_killed(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "complaints") as complaints:
        await _record(complaints)
        database = complaints.database
        for _ in range(3):
            before = await _breaches(database)
            victim = await _worker(database.url)

            async def went_on(before: int = before) -> bool:
                return await _breaches(database) > before or before == CASES

            await eventually(went_on, within=60)
            victim.kill()
            await victim.wait()
        both = [await _worker(database.url) for _ in range(2)]

        async def all_told() -> bool:
            return await _breaches(database) >= CASES

        await eventually(all_told, within=60)
        for worker in both:
            worker.kill()
            await worker.wait()

        told = await complaints.facts(ComplaintOverdue)
        assert len(told) == len({fact.complaint_id for fact in told}) == CASES
        overdue = await database.fetchval("SELECT count(*) FROM complaint WHERE breached_at IS NOT NULL")
        assert overdue == CASES
