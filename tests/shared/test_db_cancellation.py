"""A cancelled task leaves no open transaction behind in the pool, whenever the cancellation comes."""

import asyncio
import logging
from contextlib import suppress

import pytest

from shared.db import Database
from tests.postgres import FreshDatabase


async def _empty(url: str) -> None:
    del url


async def test_cancellation_at_any_moment_returns_a_clean_connection(
    fresh_database: FreshDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    database = await Database.connect(await fresh_database("cancellation", _empty), pool_size=1)
    caplog.set_level(logging.ERROR, "asyncio")
    try:
        for moment in range(200):
            task = asyncio.create_task(_transact(database))
            await asyncio.sleep(moment / 100_000)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            assert await database.fetchval("SELECT pg_current_xact_id_if_assigned() IS NULL")
    finally:
        await database.close()
    assert not caplog.records, caplog.records[0].getMessage()


async def _transact(database: Database) -> None:
    async with database.transaction() as transaction:
        await transaction.execute("SELECT 1")
