"""Backups: for each service one dump of a single moment, and a manifest that says what is in it.

PostgreSQL's pg_dump writes it and streams, so memory does not grow. The figures of the manifest are read in the very
snapshot that is dumped.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self, TypeAlias, cast

import asyncpg

from deploy.embedded_postgres import EmbeddedPostgres
from deploy.keys import write_private
from deploy.postgres_programs import programs_of, run, without_password
from deploy.refusals import Damaged, NotConfigured
from shared.bus.epoch import epoch_of
from shared.clock import real_time
from shared.settings import ServiceName

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
TABLES = """
    SELECT relname FROM pg_class
    WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace ORDER BY relname
"""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a dump holds, and how it stood with the log when it was taken."""

    service: ServiceName
    revision: str
    epoch: int
    last_sequence: int
    taken_at: str
    postgresql: int
    counts: Mapping[str, int]
    sha256: str

    @property
    def rows(self) -> int:
        return sum(self.counts.values())

    @classmethod
    def read(cls, folder: Path, service: ServiceName) -> Self:
        """The manifest of a service's dump, after its sum was checked. Raises Damaged or NotConfigured."""
        file = folder / f"{service}.json"
        if not file.exists():
            raise NotConfigured(f"{folder} has no backup of {service}")
        try:
            manifest = cls(**json.loads(file.read_text()))
        except (ValueError, TypeError) as fault:
            raise Damaged(f"{file} cannot be read: take another backup") from fault
        dump = dump_in(folder, service)
        if not dump.exists() or _sum_of(dump) != manifest.sha256:
            raise Damaged(f"{dump} is not what was written (its sum is another): take another backup")
        return manifest


def dump_in(folder: Path, service: ServiceName) -> Path:
    return folder / f"{service}.dump"


BESIDE = ("clock.json", "staff.json")
"""What all in one keeps beside its databases: how far rehearsals moved the clock, and whose the ready tokens are."""


@contextmanager
def addresses(
    services: Sequence[ServiceName], data: Path, *, made_anew: bool = False
) -> Iterator[dict[ServiceName, str]]:
    """Where each service's database is: the environment's, else the embedded one in `data` (running or not).

    An embedded one that is not there is only `made_anew` on demand; else raises NotConfigured.
    """
    named = {service: os.environ.get(f"CRM_DATABASE_URL_{service.upper()}", "") for service in services}
    if all(named.values()):
        yield named
        return
    if not made_anew and not (data / "postgresql").is_dir():
        missing = ", ".join(f"CRM_DATABASE_URL_{service.upper()}" for service in services if not named[service])
        raise NotConfigured(
            f"{data} holds no databases: name the data folder of all in one with --data, or set {missing}"
        )
    with EmbeddedPostgres(data / "postgresql") as postgres:
        postgres.ensure_databases(services)
        yield {service: named[service] or postgres.url(service) for service in services}


async def back_up(services: Sequence[ServiceName], data: Path, to: Path) -> list[Manifest]:
    """Writes the backup into a new folder, readable by the owner alone; whole or not at all."""
    draft = _draft(to)
    with addresses(services, data) as urls:
        manifests = [await _back_up(service, urls[service], draft) for service in services]
    copy_beside(data, draft)
    draft.rename(to)
    return manifests


def copy_beside(present: Path, to: Path) -> None:
    """Copies what all in one keeps beside its databases, where there is such a thing."""
    for name in BESIDE:
        if (present / name).exists():
            write_private(to / name, (present / name).read_text())


def _draft(to: Path) -> Path:
    if to.exists():
        raise NotConfigured(f"{to} exists already: name a new folder, such as backups/{real_time():%Y-%m-%d-%H%M}")
    to.parent.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=f"{to.name}.unfinished-", dir=to.parent))


async def _back_up(service: ServiceName, url: str, folder: Path) -> Manifest:
    connection: Connection = await asyncpg.connect(url)
    try:
        programs = programs_of(major_of(connection))
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
            known = await _facts(connection)
            dump = dump_in(folder, service)
            dump.touch(mode=0o600)
            address, environment = without_password(url)
            options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={dump}"]
            await run([programs / "pg_dump", *options, f"--dbname={address}"], environment)
            manifest = Manifest(service, **known, sha256=_sum_of(dump))
    finally:
        await connection.close()
    file = folder / f"{service}.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(asdict(manifest), indent=2) + "\n")
    return manifest


def major_of(connection: Connection) -> int:
    return int(connection.get_server_version().major)


async def _facts(connection: Connection) -> dict[str, Any]:
    last = await connection.fetchval("SELECT last_sequence FROM relay")
    return {
        "revision": await connection.fetchval("SELECT version_num FROM alembic_version"),
        "epoch": epoch_of(last),
        "last_sequence": last,
        "taken_at": cast(datetime, await connection.fetchval("SELECT clock_timestamp()")).isoformat(),
        "postgresql": major_of(connection),
        "counts": await counts_of(connection),
    }


async def counts_of(connection: Connection) -> dict[str, int]:
    """Table -> rows, partitions with what they are parts of."""
    names = [row[0] for row in await connection.fetch(TABLES)]
    return {name: await connection.fetchval(f'SELECT count(*) FROM "{name}"') for name in names}  # noqa: S608  of the catalogue


def _sum_of(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
