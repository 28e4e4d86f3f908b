"""Every statement of every service fits its migrated database, and what it selects fits what its rows become."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterable, Iterator
from types import ModuleType

import asyncpg
import pytest

from shared.migrations import upgrade
from shared.settings import SERVICES, ServiceName
from shared.statement import Scalar, Statement
from tests.architecture.test_migrations import nothing
from tests.postgres import FreshDatabase

NOT_LOADED = ("migrations",)


def modules_below(package: str) -> Iterator[ModuleType]:
    """Every module of a package but its migrations."""
    root = importlib.import_module(package)
    yield root
    for found in pkgutil.walk_packages(root.__path__, f"{package}."):
        if not any(part in NOT_LOADED for part in found.name.split(".")):
            yield importlib.import_module(found.name)


def statements_in(thing: object, seen: set[int]) -> Iterator[Statement[object]]:
    """The statements that a module holds: by name, in collections, or in objects of ours."""
    if id(thing) in seen:
        return
    seen.add(id(thing))
    if isinstance(thing, Statement):
        yield thing
    elif isinstance(thing, dict):
        for value in thing.values():
            yield from statements_in(value, seen)
    elif isinstance(thing, list | tuple | set | frozenset):
        for value in thing:
            yield from statements_in(value, seen)
    elif type(thing).__module__.startswith(("services.", "shared.")) and hasattr(thing, "__dict__"):
        yield from statements_in(vars(thing), seen)


def statements_of(package: str) -> dict[str, Statement[object]]:
    """Where it stands -> statement."""
    found: dict[str, Statement[object]] = {}
    seen: set[int] = set()
    for module in modules_below(package):
        for name, value in vars(module).items():
            for n, statement in enumerate(statements_in(value, seen)):
                found[f"{module.__name__}.{name}" + (f"[{n}]" if n else "")] = statement
    return found


def unfit(statement: Statement[object], columns: Iterable[str]) -> str | None:
    """Why rows with these columns cannot become what the statement says; None when they can."""
    if statement.into is None or isinstance(statement, Scalar) or statement.into is dict:
        return None
    try:
        signature = inspect.signature(statement.into)
    except ValueError:  # a built-in such as dict[str, object]
        return None
    try:
        signature.bind(**dict.fromkeys(columns))
    except TypeError as fault:
        return f"{statement.into}: {fault}"
    return None


async def faults_of(url: str, statements: dict[str, Statement[object]]) -> list[str]:
    connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(url)
    faults = []
    try:
        for place, statement in statements.items():
            try:
                prepared = await connection.prepare(statement.sql)
            except asyncpg.PostgresError as fault:
                faults.append(f"{place}: {fault}\n{statement.sql}")
                continue
            if len(prepared.get_parameters()) != len(statement.names):
                faults.append(f"{place}: {len(prepared.get_parameters())} parameters, named {statement.names}")
            if reason := unfit(statement, [each.name for each in prepared.get_attributes()]):
                faults.append(f"{place}: {reason}")
    finally:
        await connection.close()
    return faults


@pytest.fixture
async def migrated(fresh_database: FreshDatabase, service: ServiceName) -> str:
    url = await fresh_database("empty", nothing)
    await upgrade(service, url)
    return url


@pytest.mark.parametrize("service", SERVICES)
async def test_the_statements_of_a_service_fit_its_database(service: ServiceName, migrated: str) -> None:
    statements = statements_of(f"services.{service}")

    assert len(statements) > 10, "they are found"
    assert await faults_of(migrated, statements) == []


@pytest.mark.parametrize("service", ["complaints"])
async def test_shared_statements_fit_a_service_with_kernel_and_directory(service: ServiceName, migrated: str) -> None:
    statements = statements_of("shared")

    assert len(statements) > 20, "they are found"
    assert await faults_of(migrated, statements) == []


async def test_a_statement_that_does_not_fit_is_told(fresh_database: FreshDatabase) -> None:
    url = await fresh_database("empty", nothing)
    statements: dict[str, Statement[object]] = {
        "a table that is not there": Statement("SELECT id FROM nowhere", dict),
        "a column too many": Statement("SELECT 1 AS one, 2 AS two", lambda one: one),
        "right": Statement("SELECT :n::integer AS one", lambda one: one),
    }

    faults = await faults_of(url, statements)

    assert [fault.partition(":")[0] for fault in faults] == ["a table that is not there", "a column too many"]
