"""Customers that were merged: who is kept in the end, whatever came at once."""

import asyncio

from shared import aliases
from shared.db import Database
from shared.ids import new_id
from tests.postgres import FreshDatabase
from tests.support import database_of


async def test_two_merges_of_a_chain_at_once_end_with_who_is_kept(fresh_database: FreshDatabase) -> None:
    first, second, last = new_id(), new_id(), new_id()
    database = await Database.connect(await database_of(fresh_database, "care"), pool_size=3)
    try:

        async def merged_further() -> None:
            async with database.transaction() as later:
                await aliases.keep(later, [(second, 2, last)])

        async with database.transaction() as earlier:
            await aliases.keep(earlier, [(first, 2, second)])
            further = asyncio.create_task(merged_further())
            await asyncio.wait([further], timeout=0.3)
        await further

        assert await aliases.kept(database, [first, second]) == {first: last, second: last}
    finally:
        await database.close()
