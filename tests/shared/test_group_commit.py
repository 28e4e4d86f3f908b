"""What waits at the same time is written together, and nobody fails because of another."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from shared.db import Connection, Database
from shared.errors import Busy, Conflict
from shared.group_commit import LARGEST_GROUP, WRITERS, GroupCommit
from tests.postgres import FreshDatabase

MANY = 3 * LARGEST_GROUP


class Refused(Conflict):
    """A request that ends badly."""


class Table:
    """A table of numbers, and how they came into it."""

    def __init__(self) -> None:
        self.groups: list[tuple[str, list[int]]] = []

    async def add(self, connection: Connection, together: str, numbers: Sequence[int]) -> list[int | None]:
        """Doubles what it writes, leaves out what is negative, and refuses a group with the number 13."""
        self.groups.append((together, list(numbers)))
        rows = await connection.fetch(
            "INSERT INTO number SELECT n FROM unnest($1::integer[]) AS t(n) WHERE n >= 0 RETURNING n", list(numbers)
        )
        written = {row["n"]: 2 * row["n"] for row in rows}
        return [written.get(number) for number in numbers]

    async def add_elsewhere(self, connection: Connection, together: str, numbers: Sequence[int]) -> list[int | None]:
        return await self.add(connection, f"elsewhere {together}", numbers)


async def _numbers(url: str) -> None:
    database = await Database.connect(url, pool_size=1)
    await database.execute("CREATE TABLE number (n integer PRIMARY KEY CHECK (n <> 13))")
    await database.close()


@pytest.fixture
async def database(fresh_database: FreshDatabase) -> AsyncIterator[Database]:
    connected = await Database.connect(await fresh_database("numbers", _numbers), pool_size=WRITERS)
    yield connected
    await connected.close()


async def test_what_waits_at_the_same_time_is_written_together(database: Database) -> None:
    commit, table = GroupCommit(database), Table()

    outcomes = await asyncio.gather(*(commit.write(table.add, "a", n) for n in range(100, 100 + MANY)))

    assert outcomes == [2 * n for n in range(100, 100 + MANY)]
    sizes = [len(numbers) for _, numbers in table.groups]
    assert max(sizes) == LARGEST_GROUP
    assert len(sizes) < MANY / 10


async def test_what_is_written_otherwise_waits_for_a_group_of_its_own(database: Database) -> None:
    commit, table = GroupCommit(database), Table()

    await asyncio.gather(
        *(commit.write(table.add, "a", n) for n in range(20, 40)),
        *(commit.write(table.add, "b", n) for n in range(40, 60)),
        *(commit.write(table.add_elsewhere, "b", n) for n in range(60, 80)),
    )

    assert {together for together, _ in table.groups} == {"a", "b", "elsewhere b"}
    for together, numbers in table.groups:
        assert {"a": 1, "b": 2, "elsewhere b": 3}[together] == numbers[0] // 20 == numbers[-1] // 20


async def test_nobody_fails_because_of_another(database: Database) -> None:
    commit, table = GroupCommit(database), Table()

    outcomes = await asyncio.gather(*(commit.write(table.add, "a", n) for n in range(30)), return_exceptions=True)

    assert [n for n, outcome in enumerate(outcomes) if isinstance(outcome, Exception)] == [13]
    assert await database.fetchval("SELECT count(*) FROM number") == 29


async def test_what_was_not_written_gives_none_and_no_hint(database: Database) -> None:
    hints: list[None] = []
    database.when_committed(lambda: hints.append(None))
    commit, table = GroupCommit(database), Table()

    assert await commit.write(table.add, "a", -1) is None
    assert hints == []
    assert await commit.write(table.add, "a", 1) == 2
    assert hints == [None]


async def test_a_writer_joins_no_transaction_of_who_asks(database: Database) -> None:
    commit, table = GroupCommit(database), Table()

    async def request() -> None:
        async with database.ambient_transaction():
            await commit.write(table.add, "a", 7)
            raise Refused("takes back what the request did itself")

    with pytest.raises(Refused):
        await request()

    assert await database.fetchval("SELECT n FROM number") == 7


async def test_a_busy_database_is_said_to_all_of_a_group_at_once(fresh_database: FreshDatabase) -> None:
    database = await Database.connect(await fresh_database("numbers", _numbers), pool_size=1)
    commit, table = GroupCommit(database), Table()
    await database.close()

    outcomes = await asyncio.gather(*(commit.write(table.add, "a", n) for n in range(5)), return_exceptions=True)

    assert all(isinstance(outcome, Busy) for outcome in outcomes)
    assert table.groups == []
