"""What import contracts cannot say: which part of the standard library a rule may use, which rooms of a capability may
speak HTTP, know the tables, hold statements or begin a transaction, and that nobody opens an ORM session.

The contracts themselves stand in pyproject.toml.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import Source, imported_names, is_migration, python_sources, spoken_strings

OUTSIDE_WORLD = {
    "asyncio",
    "concurrent",
    "contextvars",
    "http",
    "io",
    "logging",
    "multiprocessing",
    "os",
    "pathlib",
    "random",
    "secrets",
    "select",
    "shutil",
    "signal",
    "socket",
    "sqlite3",
    "ssl",
    "subprocess",
    "sys",
    "tempfile",
    "threading",
    "time",
    "urllib",
}
"""Parts of the standard library that reach out of a pure function."""

EVENT_BASE = ("shared.contracts.", "shared.money.", "shared.months.")
"""The base of events, and the two values that travel in them."""

HTTP = {"fastapi", "sse_starlette", "starlette"}
TABLES = {"sqlalchemy", "sqlmodel"}
KNOW_TABLES = {"registry", "schema", "tables", "store", "queries"}

HOLD_STATEMENTS = {"store", "queries"}
RUNS_SQL = {"copy_records_to_table", "executemany", "fetch", "fetchrow", "fetchval"}
SQL = re.compile(r"\b(?:SELECT|INSERT INTO|DELETE FROM)\b|\bUPDATE \w+ SET\b")
CHANGES = {"delete", "insert", "insert_many", "insert_one", "update", "update_many", "upsert_many"}
CHANGING_SQL = re.compile(r"\b(?:INSERT INTO|DELETE FROM|FOR (?:UPDATE|SHARE|NO KEY UPDATE))\b|\bUPDATE \w+ SET\b")
BEGINS = {"ambient_transaction", "transaction"}

ORM_SESSIONS = {"AsyncSession", "Session", "async_sessionmaker", "create_engine", "sessionmaker"}


def reaches_out(source: Source) -> Iterator[str]:
    for line, name in imported_names(source.tree):
        if name.split(".")[0] in OUTSIDE_WORLD:
            yield f"{source.place}:{line} imports {name}; a domain takes what it needs as arguments"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.AsyncFunctionDef):
            yield f"{source.place}:{node.lineno} awaits in {node.name}; rules are plain functions"
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"open", "print"}:
            yield f"{source.place}:{node.lineno} reads or writes; a domain only computes"


def more_than_the_event_base(source: Source) -> Iterator[str]:
    for line, name in imported_names(source.tree):
        top = name.split(".")[0]
        ours = name.startswith(EVENT_BASE) or top in {"pydantic", "pydantic_core"}
        if not ours and top not in sys.stdlib_module_names:
            yield f"{source.place}:{line} imports {name}; a published event stands for itself"


def opens_a_session(source: Source) -> Iterator[str]:
    for line, name in imported_names(source.tree):
        if name.rpartition(".")[2] in ORM_SESSIONS:
            yield f"{source.place}:{line} imports {name}; statements are run by asyncpg"


def room_of(source: Source) -> str:
    """What a file of a service is by its place: `store` for `store.py` and for `store/standing.py`."""
    inside = source.path.with_suffix("").parts[2:]
    return inside[1] if len(inside) > 1 else source.path.stem


def speaks_http(source: Source) -> Iterator[str]:
    """Within a capability only its routes do, and only the composition root knows them."""
    for line, name in imported_names(source.tree):
        parts = name.split(".")
        if parts[0] in HTTP or (parts[0] == "services" and "api" in parts[2:]):
            yield f"{source.place}:{line} imports {name}; only routes know HTTP, and nobody knows routes"


def knows_the_schema(source: Source) -> Iterator[str]:
    for line, name in imported_names(source.tree):
        if name.split(".")[0] in TABLES:
            yield f"{source.place}:{line} imports {name}; statements are made in store and queries"


def holds_statements(source: Source) -> Iterator[str]:
    where = "statements stand in store and queries"
    for line, name in imported_names(source.tree):
        if name.startswith("shared.statement."):
            yield f"{source.place}:{line} imports {name}; {where}"
    for node in ast.walk(source.tree):
        match node:
            case ast.Call(ast.Attribute(attr=method), arguments) if method in RUNS_SQL or (
                method == "execute" and any(isinstance(each, ast.Constant | ast.JoinedStr) for each in arguments)
            ):
                yield f"{source.place}:{node.lineno} calls {method}; {where}"
    for line, text in spoken_strings(source.tree):
        if SQL.search(text):
            yield f"{source.place}:{line} holds SQL; {where}"


def changes_rows(source: Source) -> Iterator[str]:
    for line, name in imported_names(source.tree):
        makes_statements = name.split(".")[0] in TABLES or name.startswith("shared.statement.")
        if makes_statements and name.rpartition(".")[2] in CHANGES:
            yield f"{source.place}:{line} imports {name}; a read changes nothing"
    for line, text in spoken_strings(source.tree):
        if CHANGING_SQL.search(text):
            yield f"{source.place}:{line} changes or holds rows; a read does neither"


def begins_a_transaction(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in BEGINS:
            yield f"{source.place}:{node.lineno} begins a transaction; a use case has its one, in handlers"


def inside_capabilities() -> list[Source]:
    return [s for s in python_sources("services") if len(s.path.parts) > 3 and not is_migration(s)]


def is_domain(source: Source) -> bool:
    return source.path.name == "domain.py" or "domain" in source.path.parts


def test_every_domain_is_pure() -> None:
    domains = [s for s in python_sources("services") if is_domain(s)]

    assert [fault for source in domains for fault in reaches_out(source)] == []


def test_published_events_import_their_base_alone() -> None:
    published = [s for s in python_sources("shared") if s.path.parts[1] == "contracts"]

    assert [fault for source in published for fault in more_than_the_event_base(source)] == []


def test_within_a_capability_only_routes_speak_http() -> None:
    behind = [s for s in python_sources("services") if len(s.path.parts) > 3 and room_of(s) != "api"]

    assert [fault for source in behind for fault in speaks_http(source)] == []


def test_the_schema_is_known_to_tables_and_to_who_makes_statements() -> None:
    others = [s for s in python_sources("services") if room_of(s) not in KNOW_TABLES and not is_migration(s)]

    assert [fault for source in others for fault in knows_the_schema(source)] == []


def test_statements_stand_in_store_and_queries() -> None:
    others = [s for s in inside_capabilities() if room_of(s) not in HOLD_STATEMENTS]

    assert [fault for source in others for fault in holds_statements(source)] == []


def test_queries_change_nothing() -> None:
    reads = [s for s in inside_capabilities() if room_of(s) == "queries"]

    assert [fault for source in reads for fault in changes_rows(source)] == []


def test_only_handlers_begin_a_transaction() -> None:
    others = [s for s in inside_capabilities() if room_of(s) != "handlers"]

    assert [fault for source in others for fault in begins_a_transaction(source)] == []


def test_no_query_goes_through_an_orm_session() -> None:
    sources = [s for s in python_sources("services", "shared", "deploy") if not is_migration(s)]

    assert [fault for source in sources for fault in opens_a_session(source)] == []


@pytest.mark.parametrize(
    "text",
    [
        "import asyncio",
        "from pathlib import Path",
        "from time import sleep",
        "async def breach() -> None: ...",
        "def names() -> str:\n    return open('names').read()",
    ],
)
def test_a_domain_that_reaches_out_is_seen(text: str) -> None:
    assert list(reaches_out(Source(Path("services/care/obligations/domain.py"), text)))


@pytest.mark.parametrize("name", ["shared.errors.Invalid", "orjson.loads", "services.care.app.run"])
def test_a_published_event_that_leans_on_others_is_seen(name: str) -> None:
    module, _, member = name.rpartition(".")
    text = f"from {module} import {member}"

    assert list(more_than_the_event_base(Source(Path("shared/contracts/care.py"), text)))


def test_an_orm_session_is_seen() -> None:
    text = "from sqlalchemy.ext.asyncio import AsyncSession"

    assert list(opens_a_session(Source(Path("services/care/consent/store.py"), text)))


@pytest.mark.parametrize(
    "line",
    ["from fastapi import Request", "from services.care.plans import api", "import services.care.plans.api.approvals"],
)
def test_http_behind_the_routes_is_seen(line: str) -> None:
    assert list(speaks_http(Source(Path("services/care/plans/handlers/approving.py"), line)))


def test_a_query_built_on_tables_is_seen() -> None:
    assert list(knows_the_schema(Source(Path("services/care/plans/handlers.py"), "from sqlmodel import select")))


@pytest.mark.parametrize(
    "text",
    [
        "async def f(context): return await context.database.fetchval(text)",
        "async def f(transaction): await transaction.execute('LOCK TABLE plan')",
        "from shared.statement import Statement",
        "ALL = 'SELECT id FROM plan'",
    ],
)
def test_a_statement_in_a_route_is_seen(text: str) -> None:
    assert list(holds_statements(Source(Path("services/care/plans/api.py"), text)))


def test_running_a_statement_of_the_store_is_none() -> None:
    text = "async def f(transaction): await store.LOCK.execute(transaction, id=1)"

    assert list(holds_statements(Source(Path("services/care/plans/handlers.py"), text))) == []


@pytest.mark.parametrize(
    "text",
    [
        "from sqlalchemy import select, update",
        "from shared.statement import insert_many",
        "A = 'UPDATE plan SET a = 1'",
    ],
)
def test_a_query_that_changes_rows_is_seen(text: str) -> None:
    assert list(changes_rows(Source(Path("services/care/plans/queries.py"), text)))


def test_a_transaction_in_a_store_is_seen() -> None:
    text = "async def f(database):\n    async with database.transaction(): ..."

    assert list(begins_a_transaction(Source(Path("services/care/plans/store.py"), text)))
