"""What a process remembers of merged customers: it reads only what is new, and keeps it while nothing can be read."""

import pytest

from shared import aliases
from shared.alias_memory import AliasMemory, Told
from shared.db import Database
from shared.ids import new_id
from tests.postgres import FreshDatabase
from tests.support import database_of


async def test_only_what_is_newer_is_read() -> None:
    first, second, kept, memory, asked = new_id(), new_id(), new_id(), AliasMemory(), list[int]()
    news = [[Told(first, kept, 7), Told(second, kept, 8)], [], [Told(first, None, 9)]]

    async def read(mark: int) -> list[Told]:
        asked.append(mark)
        return news.pop(0)

    seen = []
    for _ in range(3):
        seen.append(await memory.get(read))
        assert await memory.get(read) == seen[-1], "not asked again so soon"
        memory.forget()

    assert asked == [-1, 8, 8]
    assert seen == [{first: kept, second: kept}, {first: kept, second: kept}, {second: kept}]


async def test_what_was_known_last_stays_while_nothing_can_be_read() -> None:
    merged, kept, memory = new_id(), new_id(), AliasMemory()

    async def read(_: int) -> list[Told]:
        return [Told(merged, kept, 1)]

    async def away(_: int) -> list[Told]:
        raise ConnectionError

    await memory.get(read)
    memory.forget()
    with pytest.raises(ConnectionError):
        await memory.get(away)
    assert memory.known == {merged: kept}


async def test_another_process_hears_of_each_merge_and_of_what_follows_from_it(fresh_database: FreshDatabase) -> None:
    first, second, last = new_id(), new_id(), new_id()
    url = await database_of(fresh_database, "care")
    telling, hearing = [await Database.connect(url, pool_size=2) for _ in range(2)]
    steps = [(first, 2, second), (second, 2, last), (second, 3, None), (first, 3, None)]
    known = []
    try:
        for step in steps:
            async with telling.transaction() as transaction:
                await aliases.keep(transaction, [step])
            hearing.aliases.forget()
            known.append(await aliases.known(hearing))
    finally:
        for database in (telling, hearing):
            await database.close()

    assert known == [{first: second}, {first: last, second: last}, {first: second}, {}]
