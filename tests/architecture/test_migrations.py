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

from shared.migrations import configuration, upgrade
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
