"""Kill -9 of the worker in the middle of an import: another one goes on, every row counts exactly once."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import psutil
import pytest

from shared.contracts.customers import CustomerRegistered, PurchaseRecorded, StoreListed
from tests.customers.importing import Done, amounts, csv_of, found, imported, send
from tests.eventually import eventually
from tests.faults import import_worker
from tests.postgres import FreshDatabase
from tests.support import OneService, one_service

KILLS = 3

pytestmark = pytest.mark.timeout(300)


@asynccontextmanager
async def worker(url: str) -> AsyncIterator[None]:
    """A worker of its own, killed with -9 at the end; the reader that it started ends by itself."""
    process = import_worker.start(url)
    assert process.pid
    try:
        yield
    finally:
        readers = psutil.Process(process.pid).children()
        process.kill()
        await eventually(lambda: not any(_runs(reader) for reader in readers))
        process.join()
        process.close()


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


async def _steps(customers: OneService, id_: str) -> tuple[int, int, str]:
    job = await customers.database.fetchrow(
        "SELECT rows_total, rows_ok + rows_repeated + rows_refused AS applied, state FROM import_job WHERE id = $1", id_
    )
    assert job is not None
    return job["rows_total"], job["applied"], job["state"]


async def _worked_on_by_mortals(customers: OneService, id_: str, chance: random.Random) -> Done:
    """Kills one worker after the other, each after it got somewhat further, until the last one may finish."""
    url = customers.database.url
    for _ in range(KILLS):
        before = await _steps(customers, id_)

        async def got_further(before: tuple[int, int, str] = before) -> bool:
            now = await _steps(customers, id_)
            return now[:2] != before[:2] or now[2] == "done"

        async with worker(url):
            await eventually(got_further, within=60)
            await asyncio.sleep(chance.random() * 0.1)  # not always right after a commit
    async with worker(url):

        async def ended() -> bool:
            return (await _steps(customers, id_))[2] == "done"

        await eventually(ended, within=60)
    return await found(customers, id_)


async def test_every_purchase_counts_once_whoever_is_killed(fresh_database: FreshDatabase) -> None:
    chance = random.Random(10)
    rows = [
        (f"S-{chance.randrange(300)}", f"2026-{chance.randrange(1, 11):02}-05", chance.choice(["1", "2.50", "0"]))
        for _ in range(2_400)
    ]
    async with one_service(fresh_database, "customers") as customers:
        answer = await send(customers, csv_of([*rows, ("S-1", "soon", "1")]), create_customers=True)

        done = await _worked_on_by_mortals(customers, answer.json()["id"], chance)

        assert (done.total, done.figures, len(done.faults)) == (2_401, (2_400, 0, 1), 1)
        want = Counter((number, day, f"{Decimal(amount):.2f}") for number, day, amount in rows)
        assert Counter(await amounts(customers)) == want
        told = await customers.facts(PurchaseRecorded)
        assert len({fact.purchase_id for fact in told}) == len(told) == 2_400
        total = await customers.database.fetchval("SELECT sum(amount) FROM month_total")
        assert total == sum(Decimal(amount) for _, _, amount in rows)
        stores = await customers.facts(StoreListed)
        assert sorted(listed.external_no for listed in stores) == sorted({number for number, _, _ in rows})
        again = await imported(customers, csv_of(rows))
        assert again.figures == (0, 2_400, 0)


async def test_every_purchase_of_two_parts_counts_once_whoever_is_killed(fresh_database: FreshDatabase) -> None:
    chance = random.Random(12)
    rows = [
        (f"S-{chance.randrange(300)}", f"2026-{chance.randrange(1, 11):02}-05", chance.choice(["1", "2.50", "0"]))
        for _ in range(2_400)
    ]
    async with one_service(fresh_database, "customers") as customers:
        stores = csv_of([(f"S-{number}", f"店{number}") for number in range(300)], ("external_no", "name"))
        assert (await imported(customers, stores, "customers")).figures == (300, 0, 0)
        id_ = (await send(customers, csv_of([*rows, ("S-300", "2026-10-05", "1")]))).json()["id"]
        async with worker(customers.database.url):

            async def applies() -> bool:
                return (await _steps(customers, id_))[1] > 0

            await eventually(applies, within=60)
        assert await customers.database.fetchval("SELECT count(*) FROM import_part") == 2

        done = await _worked_on_by_mortals(customers, id_, chance)

        assert (done.total, done.figures, len(done.faults)) == (2_401, (2_400, 0, 1), 1)
        want = Counter((number, day, f"{Decimal(amount):.2f}") for number, day, amount in rows)
        assert Counter(await amounts(customers)) == want
        told = await customers.facts(PurchaseRecorded)
        assert len({fact.purchase_id for fact in told}) == len(told) == 2_400
        total = await customers.database.fetchval("SELECT sum(amount) FROM month_total")
        assert total == sum(Decimal(amount) for _, _, amount in rows)


async def test_every_customer_is_registered_once_whoever_is_killed(fresh_database: FreshDatabase) -> None:
    chance = random.Random(11)
    async with one_service(fresh_database, "customers") as customers:
        rows = [(f"S-{number}", f"店{number}") for number in range(600)]
        answer = await send(customers, csv_of(rows, ("external_no", "name")), "customers")

        done = await _worked_on_by_mortals(customers, answer.json()["id"], chance)

        assert done.figures == (600, 0, 0)
        told = await customers.facts(CustomerRegistered)
        assert sorted(fact.external_no for fact in told) == sorted(number for number, _ in rows)


async def test_what_was_read_is_read_again_when_a_crash_of_the_server_took_it(fresh_database: FreshDatabase) -> None:
    """Unlogged tables are empty after a crash; the job must neither lose nor double a row."""
    async with one_service(fresh_database, "customers") as customers:
        rows = [("S-1", "2026-10-05", "1")] * 2_000 + [("S-2", "2026-10-05", "1")] * 2_000 + [("S-3", "soon", "1")]
        id_ = (await send(customers, csv_of(rows), create_customers=True)).json()["id"]
        async with worker(customers.database.url):

            async def applies() -> bool:
                return (await _steps(customers, id_))[1] > 0

            await eventually(applies, within=60)
        assert (await _steps(customers, id_))[2] == "running"
        await customers.database.execute("TRUNCATE import_row, import_reading")
        await customers.database.execute("UPDATE import_job SET holder = NULL, held_until = NULL")

        await customers.run_loops()

        done = await found(customers, id_)
        assert (done.total, done.figures, len(done.faults)) == (4_001, (4_000, 0, 1), 1)
        assert len(await amounts(customers)) == 4_000


async def test_a_job_that_kills_its_workers_is_given_up(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        id_ = (await send(customers, csv_of([("S-1", "2026-10-05", "1")]), create_customers=True)).json()["id"]
        await customers.database.execute("UPDATE import_job SET attempts = 5, state = 'running'")

        await customers.run_loops()

        done = await found(customers, id_)
        assert (done.state, done.error_slug) == ("failed", "given-up")
