"""Rotation of the master key while requests go on (docs/decisions/personal-keys.md).

    python -m bench.keys

1,000,000 persons (`BENCH_PERSONS`). Floor: another process gives the same rows new bytes in batches of the same size,
with a bare UPDATE each. Ours: another process wraps every key anew, as `crm keys rotate` does. Beside both, this one
reads and changes persons through the API without a pause; a request that fails ends the measurement.
"""

import asyncio
import os
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Final
from uuid import UUID

import uvloop
from pydantic import SecretStr

from bench.results import Result, save
from deploy.embedded_postgres import EmbeddedPostgres
from deploy.network import build_service
from services.customers.archive.domain import NewCustomer, Profile
from services.customers.archive.store.customers import insert_many
from services.customers.context import Context
from services.customers.personal_keys import handlers, store
from shared.auth.tokens import TokenVerifier
from shared.bus.relay import ensure_partitions
from shared.clock import ManualClock
from shared.db import Database
from shared.ids import new_id
from shared.migrations import upgrade
from shared.runtime import Runtime
from shared.telemetry import configure_logging
from tests.support import ISSUER, MASTER_KEY, SETTINGS, START, OneService

PERSONS: Final = int(os.environ.get("BENCH_PERSONS", "1000000"))
AT_ONCE: Final = 1_000
CLIENTS: Final = 4
QUIET_SECONDS: Final = 5.0
NEW: Final = f"new:{'02' * 32}"
_BATCH = """
WITH batch AS (
    SELECT subject_id FROM personal_key WHERE subject_id > $1 ORDER BY subject_id LIMIT $2 FOR UPDATE
), done AS (
    UPDATE personal_key k SET wrapped = k.wrapped || ''::bytea FROM batch b WHERE k.subject_id = b.subject_id
)
SELECT max(subject_id::text)::uuid FROM batch
"""


def main() -> None:
    configure_logging("ERROR")
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o711)
        with EmbeddedPostgres(Path(name) / "postgresql") as postgres:
            postgres.ensure_databases(["customers"])
            save("keys", uvloop.run(measure(postgres.socket_url("customers"))))


async def measure(url: str) -> list[Result]:
    await upgrade("customers", url)
    database = await Database.connect(url, pool_size=6)
    await ensure_partitions(database)
    ids = await _fill(Context.of(_runtime(database)))
    await database.execute("VACUUM ANALYZE")
    service = OneService(build_service("customers", _runtime(database, NEW)), ManualClock(START))
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        loop = asyncio.get_running_loop()
        _, alone = await _beside(service, ids, lambda: asyncio.sleep(QUIET_SECONDS))
        floor, _ = await _beside(service, ids, lambda: loop.run_in_executor(pool, _touch, url))
        ours, during = await _beside(service, ids, lambda: loop.run_in_executor(pool, _rotate, url))
    wrapped = await store.counts(database)
    assert wrapped == {"new": PERSONS}, wrapped
    await service.http.aclose()
    await database.close()
    return [
        Result("keys wrapped anew / rows given new bytes, beside requests", "keys", ours, floor, "1/s", 0.3),
        Result("requests while keys are wrapped / alone, none of them failed", "keys", during, alone, "1/s", 0.5),
    ]


def _runtime(database: Database, keys: str = "") -> Runtime:
    settings = SETTINGS.model_copy(update={"master_keys": SecretStr(keys)})
    return Runtime(settings, database, ManualClock(START), TokenVerifier(settings, ISSUER.public_keys), MASTER_KEY)


async def _fill(context: Context) -> list[UUID]:
    ids: list[UUID] = []
    while len(ids) < PERSONS:
        new = [
            NewCustomer(new_id(), Profile("person", f"王{n}", phones=(f"+86138{n:08}",)), START)
            for n in range(len(ids), min(len(ids) + AT_ONCE, PERSONS))
        ]
        async with context.database.transaction() as transaction:
            await insert_many(
                transaction,
                new,
                personal=context.personal,
                traces=context.traces,
                zone=context.zone,
                at=START,
                by=None,
            )
        ids += [each.id for each in new]
    return ids


async def _beside(
    service: OneService, ids: Sequence[UUID], work: Callable[[], Awaitable[float | None]]
) -> tuple[float, float]:
    """What the work gave, and how many requests a second were answered meanwhile, reads and changes in turn."""
    done, answered = asyncio.Event(), [0]
    clients = [asyncio.create_task(_ask(service, ids[n::CLIENTS], done, answered)) for n in range(CLIENTS)]
    began = time.perf_counter()
    gave = await work()
    seconds = time.perf_counter() - began
    done.set()
    await asyncio.gather(*clients)
    return gave or 0.0, answered[0] / seconds


async def _ask(service: OneService, own: Sequence[UUID], done: asyncio.Event, answered: list[int]) -> None:
    """Reads and changes persons whom no other client has, so that nothing may be refused."""
    chosen = random.Random(own[0].int)
    while not done.is_set():
        url = f"/customers/v1/customers/{chosen.choice(own)}"
        found = await service.http.get(url)
        change = {"address": f"南京路{chosen.randrange(10**6)}号"}
        changed = await service.http.patch(url, json=change, headers={"If-Match": found.headers.get("ETag", "")})
        if (found.status_code, changed.status_code) != (200, 200):
            raise RuntimeError(f"a request failed: {found.status_code}, {changed.status_code}")
        answered[0] += 2


def _rotate(url: str) -> float:
    """Keys a second that are wrapped by the new master key, in a process of its own."""

    async def rotate(database: Database) -> None:
        await handlers.wrap_anew(Context.of(_runtime(database, NEW)))

    return uvloop.run(_timed(url, rotate))


def _touch(url: str) -> float:
    """The floor, in a process of its own."""

    async def touch(database: Database) -> None:
        after: UUID | None = handlers.NOBODY
        while after is not None:
            async with database.transaction() as transaction:
                after = await transaction.fetchval(_BATCH, after, handlers.AT_ONCE)

    return uvloop.run(_timed(url, touch))


async def _timed(url: str, work: Callable[[Database], Awaitable[None]]) -> float:
    configure_logging("ERROR")
    database = await Database.connect(url, pool_size=2)
    try:
        began = time.perf_counter()
        await work(database)
        return PERSONS / (time.perf_counter() - began)
    finally:
        await database.close()


if __name__ == "__main__":
    main()
