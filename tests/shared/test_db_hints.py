"""Hints after commits: to everybody after each, and to whom one transaction concerns after that one alone."""

from collections.abc import AsyncIterator, Callable

import pytest

from shared.db import Database
from tests.postgres import FreshDatabase


async def _empty(url: str) -> None:
    del url


@pytest.fixture
async def database(fresh_database: FreshDatabase) -> AsyncIterator[Database]:
    connected = await Database.connect(await fresh_database("hints", _empty), pool_size=2)
    yield connected
    await connected.close()


async def test_a_hint_comes_once_and_after_the_commit(database: Database) -> None:
    hints: list[str] = []

    def notify() -> None:
        hints.append("hint")

    async with database.transaction() as transaction:
        database.once_committed(transaction, notify)
        database.once_committed(transaction, notify)
        async with database.transaction():
            pass
        assert hints == [], "another transaction's commit is none of its own"
    assert hints == ["hint"]
    async with database.transaction():
        pass
    assert hints == ["hint"]


async def test_what_is_rolled_back_gives_no_hint(database: Database) -> None:
    hints: list[str] = []
    with pytest.raises(LookupError):
        await _fail(database, lambda: hints.append("hint"))
    async with database.transaction():
        pass
    assert hints == []


async def _fail(database: Database, notify: Callable[[], None]) -> None:
    async with database.transaction() as transaction:
        database.once_committed(transaction, notify)
        raise LookupError


async def test_what_joins_a_transaction_hints_when_that_one_commits(database: Database) -> None:
    hints: list[str] = []
    async with database.ambient_transaction():
        async with database.transaction() as joined:
            database.once_committed(joined, lambda: hints.append("hint"))
        assert hints == []
    assert hints == ["hint"]
