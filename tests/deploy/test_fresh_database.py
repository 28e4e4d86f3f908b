"""The databases that tests get: copies of a template, apart from each other, gone afterwards."""

import asyncpg
import pytest

from tests.postgres import Databases, FreshDatabase, address_of


async def ask(url: str, query: str) -> object:
    connection: asyncpg.Connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


class Recipe:
    """Builds a template with one table, and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    async def __call__(self, url: str) -> None:
        self.times += 1
        await ask(url, "CREATE TABLE dish AS SELECT 'noodles' AS name")


async def test_the_template_is_built_once_and_copies_are_apart(
    fresh_database: FreshDatabase,
) -> None:
    recipe = Recipe()
    first, second = [await fresh_database("kitchen", recipe) for _ in range(2)]
    assert recipe.times <= 1  # another run's worker may have been quicker
    await ask(first, "DELETE FROM dish")
    assert await ask(second, "SELECT count(*) FROM dish") == 1


async def test_a_template_that_failed_is_built_anew(fresh_database: FreshDatabase) -> None:
    async def burn(url: str) -> None:
        await ask(url, "CREATE TABLE dish AS SELECT 'burnt' AS name")
        raise RuntimeError("burnt")

    with pytest.raises(RuntimeError):
        await fresh_database("second_try", burn)
    url = await fresh_database("second_try", Recipe())
    assert await ask(url, "SELECT name FROM dish") == "noodles"


async def test_databases_are_dropped_even_while_somebody_is_connected(postgres_url: str) -> None:
    databases = Databases(postgres_url)
    url = await databases.fresh("kitchen", Recipe())
    left_open: asyncpg.Connection = await asyncpg.connect(url)
    await databases.drop_made()
    left_open.terminate()
    name = url.split("/")[3].split("?")[0]
    query = f"SELECT count(*) FROM pg_database WHERE datname = '{name}'"
    assert await ask(address_of("postgres", postgres_url), query) == 0
