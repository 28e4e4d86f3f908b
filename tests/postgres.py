"""Real PostgreSQL for tests: one server per test run, databases copied from templates.

A service's fixture asks for a database and says how its template is built (its migrations); the
template is built once per run, over all workers, and each test gets a copy in a few milliseconds:

    @pytest.fixture
    async def complaints_database(fresh_database: FreshDatabase) -> str:
        return await fresh_database("complaints", migrate_complaints)
"""

import fcntl
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import psutil

from deploy.embedded_postgres import EmbeddedPostgres

Build = Callable[[str], Awaitable[None]]
"""Fills the empty database at the given address, and closes its connections to it."""

_PREFIX = "crm-tests-"
_MEMORY_DISK = Path("/dev/shm")
_ROOM = 4 * 1024**3
"""Bytes free in the memory disk and in memory, for a run's databases and half a gigabyte of log."""


class FreshDatabase(Protocol):
    """Gives the address of a new database; it is dropped when the test is over."""

    async def __call__(self, template: str, build: Build) -> str: ...


@contextmanager
def throwaway_folder() -> Iterator[Path]:
    """A folder that the server's account can pass through, removed at the end.

    Folders that killed runs left behind are removed as well: a run holds the lock of its folder as
    long as it lives.
    """
    _remove_left_folders()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_quick_place()))
    folder.chmod(0o711)
    with (folder / "locking").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        (folder / "locking").rename(folder / "lock")
        try:
            yield folder
        finally:
            shutil.rmtree(folder)


@contextmanager
def throwaway_server() -> Iterator[str]:
    """The server of one test run; the address of the database from which others are created."""
    with throwaway_folder() as folder:
        with EmbeddedPostgres(folder / "postgresql", durable=False) as postgres:
            yield postgres.socket_url()
        # Where the server's account cannot reach the folder, this is a link.
        shutil.rmtree((folder / "postgresql").resolve())


class Databases:
    """Creates databases from templates on one server, and drops them."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._made: list[str] = []

    async def fresh(self, template: str, build: Build) -> str:
        """A new database with what `build` once put into the template; its address."""
        name = f"test_{uuid4().hex}"
        async with _connected(self._url) as connection:
            await self._ensure_template(connection, f"template_{template}", build)
            await connection.execute(f'CREATE DATABASE {name} TEMPLATE "template_{template}" STRATEGY file_copy')
        self._made.append(name)
        return address_of(name, self._url)

    async def drop_made(self) -> None:
        """Drop what was created, whoever is still connected."""
        if not self._made:
            return
        async with _connected(self._url) as connection:
            while self._made:
                await connection.execute(f"DROP DATABASE {self._made.pop()} WITH (FORCE)")

    async def _ensure_template(self, connection: asyncpg.Connection, template: str, build: Build) -> None:
        if await _exists(connection, template):
            return
        async with _locked(connection, template):
            if not await _exists(connection, template):
                await self._build(connection, template, build)

    async def _build(self, connection: asyncpg.Connection, template: str, build: Build) -> None:
        """Under another name until it is whole, so that no half template is ever copied."""
        half = f"{template}_building"
        await connection.execute(f'DROP DATABASE IF EXISTS "{half}" WITH (FORCE)')
        await connection.execute(f'CREATE DATABASE "{half}"')
        await build(address_of(half, self._url))
        await connection.execute(f'ALTER DATABASE "{half}" RENAME TO "{template}"')


def address_of(database: str, server_url: str) -> str:
    """The address of another database on the same server."""
    return urlsplit(server_url)._replace(path=f"/{database}").geturl()


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection: asyncpg.Connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def _locked(connection: asyncpg.Connection, what: str) -> AsyncIterator[None]:
    await connection.execute("SELECT pg_advisory_lock(hashtext($1))", what)
    try:
        yield
    finally:
        await connection.execute("SELECT pg_advisory_unlock(hashtext($1))", what)


async def _exists(connection: asyncpg.Connection, database: str) -> bool:
    query = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)"
    return bool(await connection.fetchval(query, database))


def _quick_place() -> Path:
    """The memory disk if there is room: a copy takes 15 ms there, up to 300 ms on a busy disk."""
    free = psutil.virtual_memory().available
    if _MEMORY_DISK.is_dir() and min(free, shutil.disk_usage(_MEMORY_DISK).free) >= _ROOM:
        return _MEMORY_DISK
    return Path(tempfile.gettempdir())


def _remove_left_folders() -> None:
    for place in (_MEMORY_DISK, Path(tempfile.gettempdir())):
        for folder in place.glob(f"{_PREFIX}*"):
            try:
                with (folder / "lock").open("r+") as lock:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder)
            except OSError:
                continue  # in use, being made, or somebody else's
