"""PostgreSQL 15 will do: migrations and statements on a real one, no function of a newer one, older ones refused."""

import ast
import re
from collections.abc import AsyncIterator, Iterator
from itertools import pairwise
from typing import TypeAlias
from uuid import UUID

import asyncpg
import pytest

from deploy import server_version
from deploy.refusals import NotConfigured
from shared.ids import SQL as NEW_ID
from shared.migrations import upgrade
from shared.settings import SERVICES
from tests.architecture.source import Source, python_sources
from tests.architecture.test_statements import faults_of, statements_of
from tests.deploy.oldest_postgres import PROGRAMS, oldest_server
from tests.postgres import address_of

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

NEWER = (
    "any_value|array_reverse|array_sample|array_shuffle|array_sort|casefold|crc32c?|date_add|date_subtract|erfc?|l?gamma|"
    "json_(array|arrayagg|exists|objectagg|query|scalar|serialize|table|value)|merge_action|pg_input_error_info|"
    "pg_input_is_valid|random_normal|to_bin|to_oct|uuid_extract_timestamp|uuid_extract_version|uuidv4|uuidv7|xmltext"
)
"""Functions that came after PostgreSQL 15 (release notes of 16, 17 and 18)."""
_NEWER = re.compile(rf"(?<![\w.])(?:{NEWER})\s*\(")


@pytest.fixture(scope="module")
def oldest() -> Iterator[str]:
    if not PROGRAMS.is_dir():
        pytest.skip(f"no PostgreSQL in {PROGRAMS}: install the package postgresql-{server_version.OLDEST}")
    with oldest_server() as url:
        yield url


@pytest.fixture
async def connection(oldest: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(oldest)
    yield connection
    await connection.close()


async def test_every_migration_and_statement_fits_the_oldest_server(oldest: str, connection: Connection) -> None:
    for service in SERVICES:
        await connection.execute(f"CREATE DATABASE {service}")
        url = address_of(service, oldest)
        await upgrade(service, url)
        assert await faults_of(url, statements_of(f"services.{service}")) == []
        if service == "complaints":
            assert await faults_of(url, statements_of("shared")) == []


async def test_ids_made_by_the_oldest_server_sort_by_creation(
    connection: Connection,
) -> None:
    assert await ids_in_order(connection) > 1_900


async def test_ids_made_by_the_newest_server_sort_by_creation(postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    assert await ids_in_order(connection) > 1_900
    await connection.close()


async def ids_in_order(connection: Connection) -> int:
    """How many of 2,000 follow the one before, but for those of the same quarter of a microsecond."""
    now = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"
    began: int = await connection.fetchval(now)
    ids = [UUID(str(row[0])) for row in await connection.fetch(f"SELECT {NEW_ID} FROM generate_series(1, 2000)")]
    ended: int = await connection.fetchval(now)
    assert len(set(ids)) == 2_000
    for made in ids:
        assert (made.version, made.variant) == (7, "specified in RFC 4122")
        assert began - 1 <= made.int >> 80 <= ended + 1
    return sum(str(before)[:18] <= str(after)[:18] for before, after in pairwise(ids))


def newer_functions(source: Source) -> list[str]:
    texts = [node for node in ast.walk(source.tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return [f"{source.place}:{node.lineno}" for node in texts if _NEWER.search(str(node.value))]


def test_no_sql_calls_a_function_that_came_later() -> None:
    sources = python_sources("services", "shared", "deploy")
    assert [place for source in sources for place in newer_functions(source)] == []


def test_such_a_call_is_seen() -> None:
    assert _NEWER.search("SELECT uuidv7(), 1")
    assert not _NEWER.search("SELECT my_any_value(1), gen_random_uuid()")


async def test_an_older_server_is_refused_before_anything_is_migrated(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await server_version.check_servers([postgres_url])
    monkeypatch.setattr(server_version, "OLDEST", 99)
    with pytest.raises(NotConfigured, match="PostgreSQL 99 or newer is needed; this server is 18: upgrade it"):
        await server_version.check_servers([postgres_url])
