"""Connections are lent in turn, and none is lost, whatever happens meanwhile."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress

import asyncpg
import pytest

from shared import lending
from shared.db import Database
from shared.errors import Busy
from tests.postgres import FreshDatabase

PLACES = 2


async def _empty(url: str) -> None:
    del url


@pytest.fixture
async def database(fresh_database: FreshDatabase) -> AsyncIterator[Database]:
    opened = await Database.connect(await fresh_database("lending", _empty), pool_size=PLACES)
    yield opened
    await opened.close()


async def _backend(database: Database) -> int:
    return int(await database.fetchval("SELECT pg_backend_pid()"))


async def test_what_was_given_back_is_lent_again(database: Database) -> None:
    assert len({await _backend(database) for _ in range(20)}) == 1


async def test_whoever_waits_is_served_in_turn(database: Database) -> None:
    served: list[int] = []

    async def ask(turn: int) -> None:
        async with database.connection():
            served.append(turn)
            await asyncio.sleep(0)

    async with database.connection(), database.connection():
        asking = [asyncio.create_task(ask(turn)) for turn in range(10)]
        await asyncio.sleep(0.01)
        assert not served
    await asyncio.gather(*asking)

    assert served == list(range(10))


async def test_whoever_waits_too_long_is_told_so_and_takes_nothing(database: Database) -> None:
    async with database.connection(), database.connection():
        with pytest.raises(Busy):
            async with database.connection(0.02):
                pytest.fail("there was none")
    await _every_place_is_free(database)


async def test_one_that_was_lost_at_hand_is_replaced(database: Database) -> None:
    async with database.connection() as connection:
        lost = await connection.fetchval("SELECT pg_backend_pid()")
    async with database.connection() as one, database.connection() as other:
        asked = other if await one.fetchval("SELECT pg_backend_pid()") == lost else one
        await asked.fetchval("SELECT pg_terminate_backend($1, 1000)", lost)
    await asyncio.sleep(0.05)

    assert await _backend(database) != lost
    await _every_place_is_free(database)


async def test_one_that_was_lost_while_lent_makes_room_for_who_waits(database: Database) -> None:
    async with database.connection():
        waiting = None
        with suppress(ConnectionError, asyncpg.PostgresError):
            async with database.connection() as connection:
                waiting = asyncio.create_task(_backend(database))
                await asyncio.sleep(0.01)
                connection.terminate()
        assert waiting is not None
        assert await asyncio.wait_for(waiting, 5)
    await _every_place_is_free(database)


async def test_one_that_nobody_used_for_long_is_closed(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await _backend(database)
    monkeypatch.setattr(lending, "IDLE_SECONDS", -1.0)

    assert await _backend(database) != first
    await _every_place_is_free(database)


async def test_after_a_while_the_pool_looks_after_it(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await _backend(database)
    monkeypatch.setattr(lending, "KEPT_SECONDS", -1.0)
    await _backend(database)

    assert database._pool.get_idle_size() == database._pool.get_size()
    await _every_place_is_free(database)


async def test_one_with_a_transaction_left_open_is_not_lent_on(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute("BEGIN")
    async with database.connection() as one, database.connection() as other:
        assert not one.is_in_transaction()
        assert not other.is_in_transaction()


async def test_closing_refuses_who_waits(fresh_database: FreshDatabase) -> None:
    database = await Database.connect(await fresh_database("lending", _empty), pool_size=1)
    async with database.connection():
        waiting = asyncio.create_task(_backend(database))
        await asyncio.sleep(0.01)
        closing = asyncio.create_task(database.close())
        with pytest.raises(Busy):
            await waiting
    await asyncio.wait_for(closing, 4)
    with pytest.raises(Busy):
        await _backend(database)


async def test_no_place_is_lost_by_cancellation(database: Database) -> None:
    """Many ask, and are cancelled at any moment: waiting, asking the pool, working, handing on."""
    moments = random.Random(7)

    async def ask() -> None:
        async with database.connection(0.05) as connection:
            await connection.fetchval("SELECT pg_sleep($1)", moments.random() / 500)

    for _ in range(40):
        asking = [asyncio.create_task(ask()) for _ in range(8)]
        await asyncio.sleep(moments.random() / 100)
        for each in moments.sample(asking, 4):
            each.cancel()
        for told in await asyncio.gather(*asking, return_exceptions=True):
            assert told is None or isinstance(told, asyncio.CancelledError | Busy), told

    await _every_place_is_free(database)


async def _every_place_is_free(database: Database) -> None:
    async with AsyncExitStack() as held:
        async with asyncio.timeout(5):
            backends = {
                await (await held.enter_async_context(database.connection())).fetchval("SELECT pg_backend_pid()")
                for _ in range(PLACES)
            }
        assert len(backends) == PLACES
