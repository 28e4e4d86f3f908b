"""What comes at a bad moment, a cancellation or the loss of the connection, leaves the pool as it should be."""

import asyncio
import logging
from contextlib import suppress

import pytest

from shared import lending
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


async def test_a_connection_lost_while_the_pool_takes_it_back_takes_nothing_with_it(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lending, "KEPT_SECONDS", -1.0)
    database = await Database.connect(await fresh_database("cancellation", _empty), pool_size=1)
    try:
        async with database.transaction() as transaction:
            await transaction.execute("SELECT 1")
        async with database.connection() as connection:
            asyncio.get_running_loop().call_soon(connection.terminate)

        assert await database.fetchval("SELECT 1") == 1
    finally:
        await database.close()
