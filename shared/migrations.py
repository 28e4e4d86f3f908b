"""Alembic for every service: `migrations/env.py` of each calls `run(METADATA)`; `upgrade` brings a database to head."""

import asyncio
from typing import Any, Literal

import sqlalchemy as sa
from alembic import command, context
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from shared.db import Database
from shared.revisions import newest
from shared.settings import ServiceName
from shared.standing import SchemaTooNew, Standing, Verdict, standing_of

SERVES = "SERVES"
"""The constant of a migration: the oldest revision of the code that works on what it makes."""
RECORD = "schema_serves"
"""The table where that is written down, beside Alembic's own; no table of a service, so no migration makes it."""
_LOCK = 4_017_151_720


def configuration(service: ServiceName, url: str) -> Config:
    """The Alembic configuration of a service's database (a postgresql:// URL)."""
    config = Config()
    config.set_main_option("script_location", f"services.{service}:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["database_url"] = url
    return config


async def upgrade(service: ServiceName, url: str) -> None:
    """Brings the database to the newest migration; safe when several processes do it at once.

    One that a newer release has migrated is left as it is; raises SchemaTooNew when it does not serve this one.
    """
    ours, there = newest(service), await _standing(url)
    if there.verdict(ours) is Verdict.OUTDATED:
        raise SchemaTooNew(f"{service}: {there.reason(ours)}")
    if there.revision <= ours:
        await asyncio.to_thread(command.upgrade, configuration(service, url), "head")


async def _standing(url: str) -> Standing:
    database = await Database.connect(url, pool_size=1)
    try:
        async with database.connection() as connection:
            return await standing_of(connection)
    finally:
        await database.close()


def run(metadata: sa.MetaData) -> None:
    """What every `env.py` calls."""
    asyncio.run(_run(metadata, context.config.attributes["database_url"]))


async def _run(metadata: sa.MetaData, url: str) -> None:
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://", 1), poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(_migrate, metadata)
        await connection.commit()
    await engine.dispose()


def _migrate(connection: sa.Connection, metadata: sa.MetaData) -> None:
    connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_object=_ours,
        compare_type=True,
        compare_server_default=False,
        render_item=_as_postgresql,
    )
    with context.begin_transaction():
        context.run_migrations()
        _record(connection, context.script, context.get_context().get_current_revision())


def _record(connection: sa.Connection, script: ScriptDirectory, revision: str | None) -> None:
    """Writes down the oldest revision of the code that the database serves from now on.

    No migration serves older code than one before it, whatever it says; one that says nothing serves its own only.
    """
    connection.execute(
        sa.text(f"CREATE TABLE IF NOT EXISTS {RECORD} (revision text PRIMARY KEY, oldest text NOT NULL)")
    )
    connection.execute(sa.text(f"DELETE FROM {RECORD}"))  # noqa: S608  a constant
    if revision is not None:
        made_by = script.iterate_revisions(revision, "base")
        oldest = max(getattr(each.module, SERVES, each.revision) for each in made_by)
        connection.execute(
            sa.text(f"INSERT INTO {RECORD} VALUES (:revision, :oldest)"),  # noqa: S608  a constant
            {"revision": revision, "oldest": oldest},
        )


def _ours(_: Any, name: str | None, type_: str, *__: Any) -> bool:
    """Partitions of the event log and the record of whom the schema serves are no tables of the metadata."""
    return not (type_ == "table" and name is not None and (name == RECORD or name.startswith("event_log_")))


def _as_postgresql(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """In a draft, the types that SQLModel wraps as PostgreSQL has them; False: as Alembic would."""
    if kind == "type" and isinstance(item, AutoString):
        return "sa.Text()"
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.TIMESTAMP(timezone=True)"
    return False
