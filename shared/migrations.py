"""Alembic for every service: `migrations/env.py` of each calls `run(METADATA)`; `upgrade` brings a database to head."""

import asyncio
from typing import Any, Literal

import sqlalchemy as sa
from alembic import command, context
from alembic.config import Config
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from shared.settings import ServiceName

_LOCK = 4_017_151_720


def configuration(service: ServiceName, url: str) -> Config:
    """The Alembic configuration of a service's database (a postgresql:// URL)."""
    config = Config()
    config.set_main_option("script_location", f"services.{service}:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["database_url"] = url
    return config


async def upgrade(service: ServiceName, url: str) -> None:
    """Brings the database to the newest migration; safe when several processes do it at once."""
    await asyncio.to_thread(command.upgrade, configuration(service, url), "head")


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


def _ours(_: Any, name: str | None, type_: str, *__: Any) -> bool:
    """Partitions of the event log are no tables of the metadata."""
    return not (type_ == "table" and name is not None and name.startswith("event_log_"))


def _as_postgresql(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """In a draft, the types that SQLModel wraps as PostgreSQL has them; False: as Alembic would."""
    if kind == "type" and isinstance(item, AutoString):
        return "sa.Text()"
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.TIMESTAMP(timezone=True)"
    return False
