"""`alembic check` for every service: what its migrations build is what its tables say."""

import asyncio
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from shared.migrations import SERVES, configuration, upgrade
from shared.revisions import newest
from shared.settings import SERVICES, ServiceName
from tests.architecture.frozen import digest, listed, migrations
from tests.architecture.source import ROOT, imported_names, is_migration, python_sources
from tests.postgres import FreshDatabase


async def nothing(_: str) -> None:
    """The template of an empty database."""


@pytest.fixture
async def migrated(fresh_database: FreshDatabase, service: ServiceName) -> str:
    """The address of a database in which every migration of the service has run."""
    url = await fresh_database("empty", nothing)
    await upgrade(service, url)
    return url


async def check(service: ServiceName, url: str) -> None:
    await asyncio.to_thread(command.check, configuration(service, url))


@pytest.mark.parametrize("service", SERVICES)
async def test_migrations_build_what_the_tables_say(service: ServiceName, migrated: str) -> None:
    await check(service, migrated)


@pytest.mark.parametrize("service", SERVICES)
def test_migrations_are_one_line_of_history(service: ServiceName) -> None:
    script = ScriptDirectory.from_config(configuration(service, ""))

    assert script.get_heads() == [newest(service)], "the file with the highest number is the newest"
    assert len(script.get_bases()) == 1


@pytest.mark.parametrize("service", SERVICES)
def test_a_process_that_serves_does_not_load_what_migrates(service: ServiceName) -> None:
    """Statements are made from the tables, so SQLAlchemy is loaded; Alembic would cost every process its start."""
    loaded = subprocess.run(
        [sys.executable, "-c", f"import sys, deploy.process, services.{service}.app; print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert "alembic" not in loaded


@pytest.mark.parametrize("service", SERVICES)
async def test_migrations_can_be_taken_back_and_made_again(service: ServiceName, migrated: str) -> None:
    await asyncio.to_thread(command.downgrade, configuration(service, migrated), "base")
    await upgrade(service, migrated)

    await check(service, migrated)


@pytest.mark.parametrize("service", ["complaints"])
async def test_a_table_that_no_migration_makes_is_seen(service: ServiceName, migrated: str) -> None:
    connection: asyncpg.Connection = await asyncpg.connect(migrated)
    await connection.execute("ALTER TABLE relay DROP COLUMN holder, ADD COLUMN owner text")
    await connection.close()

    with pytest.raises(CommandError, match="holder"):
        await check(service, migrated)


def test_every_service_has_migrations() -> None:
    folders: list[Path] = [ROOT / "services" / service / "migrations" for service in SERVICES]

    assert [folder for folder in folders if not (folder / "env.py").is_file()] == []


NOTHING_SAID: dict[ServiceName, str] = {"customers": "0010", "complaints": "0008", "care": "0008", "reporting": "0008"}
"""The last migrations from before each said whom it serves: they serve their own code only."""


@pytest.mark.parametrize("service", SERVICES)
def test_every_migration_says_the_oldest_code_that_it_serves(service: ServiceName) -> None:
    script = ScriptDirectory.from_config(configuration(service, ""))
    past = sorted(each.revision for each in script.walk_revisions())
    said = {each.revision: getattr(each.module, SERVES, None) for each in script.walk_revisions()}

    silent = [revision for revision, serves in said.items() if serves is None and revision > NOTHING_SAID[service]]
    assert silent == [], 'add SERVES = "…": the oldest revision of the code that works on what the migration makes'
    assert [
        (revision, serves)
        for revision, serves in said.items()
        if serves and not (serves in past and serves <= revision)
    ] == []


Columns = dict[tuple[str, str], tuple[str, bool]]
"""Table and column -> its type, and whether a row can be written without it."""


async def columns_at(service: ServiceName, url: str, revision: str) -> Columns:
    """What there is at a revision of the database, which is moved there."""
    move = command.upgrade if revision == "head" else command.downgrade
    await asyncio.to_thread(move, configuration(service, url), revision)
    connection: asyncpg.Connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(
            """
            SELECT table_name, column_name, data_type,
                   is_nullable = 'YES' OR column_default IS NOT NULL OR is_identity = 'YES' AS optional
            FROM information_schema.columns WHERE table_schema = 'public' AND table_name !~ '^event_log_'
            """
        )
    finally:
        await connection.close()
    return {(row["table_name"], row["column_name"]): (row["data_type"], row["optional"]) for row in rows}


def in_the_way(before: Columns, after: Columns) -> list[str]:
    """What keeps code that was written for `before` from reading and writing `after`."""
    tables = {table for table, _ in before}
    gone = [f"{table}.{name} is gone" for table, name in before.keys() - after.keys()]
    other = [f"{'.'.join(at)} is another type" for at in before.keys() & after.keys() if before[at][0] != after[at][0]]
    asked = [
        f"{table}.{name} must be given"
        for (table, name), (_, optional) in after.items()
        if table in tables and not optional and before.get((table, name), ("", True))[1]
    ]
    return sorted(gone + other + asked)


@pytest.mark.parametrize("service", SERVICES)
async def test_the_code_that_a_schema_serves_finds_what_it_reads_and_writes(
    service: ServiceName, migrated: str
) -> None:
    connection: asyncpg.Connection = await asyncpg.connect(migrated)
    oldest: str = await connection.fetchval("SELECT oldest FROM schema_serves")
    await connection.close()
    now = await columns_at(service, migrated, "head")

    assert in_the_way(await columns_at(service, migrated, oldest), now) == []


@pytest.mark.parametrize("service", ["care"])
async def test_what_is_taken_away_or_newly_asked_for_is_in_the_way(migrated: str, service: ServiceName) -> None:
    """As the past shows: what 0006 made is not in 0005, and the inbox of 0007 may be written without its epoch."""
    newest_one = await columns_at(service, migrated, "head")
    before = await columns_at(service, migrated, "0006")
    assert in_the_way(before, newest_one) == []
    assert "log_epoch.epoch is gone" in in_the_way(newest_one, before)
    asked = {**newest_one, ("inbox", "event_id"): ("text", False), ("inbox", "why"): ("text", False)}
    assert in_the_way(newest_one, asked) == ["inbox.event_id is another type", "inbox.why must be given"]


LIVE = ("services", "shared", "deploy")
"""What changes from day to day; only the frozen text of the first schema may be imported."""


def test_a_migration_of_the_past_is_never_edited() -> None:
    frozen = listed()
    missing = [str(file) for file, must in migrations().items() if must and str(file) not in frozen]
    assert missing == [], "run: python -m tests.architecture.frozen"
    assert [name for name, before in frozen.items() if digest(Path(name)) != before] == [], "write a new one instead"


def test_migrations_import_nothing_that_lives() -> None:
    living = [
        f"{source.place}:{line} {name}"
        for source in python_sources("services")
        if is_migration(source) and source.path.name != "env.py"
        for line, name in imported_names(source.tree)
        if name.startswith(LIVE) and not name.startswith("shared.first_schema")
    ]
    assert living == []
