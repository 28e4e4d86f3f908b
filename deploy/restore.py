"""Restoring: a service's database becomes what it was at the backup, whole or not at all; its log begins a new epoch.

What it told after the backup it has forgotten, but others have seen it. So nothing is given twice: sequences go on in
the new epoch, numbers of complaints and of the live stream jump ahead, and the service reads what others told from the
beginning (its inbox knows what is done).
"""

import asyncio
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg

from deploy.backup import Connection, Manifest, addresses, copy_beside, dump_in, major_of
from deploy.postgres_programs import programs_of, run, without_password
from deploy.refusals import AlreadyRunning, NotConfigured
from shared.bus.epoch import beginning_of, epoch_of, next_epoch
from shared.clock import real_time
from shared.contracts import care, complaints, customers, responsibility
from shared.contracts.confirmations import REPORTING
from shared.migrations import upgrade
from shared.revisions import newest
from shared.settings import SERVICES, ServiceName

TOPICS: Mapping[ServiceName, tuple[str, ...]] = {
    "customers": (customers.FACTS, customers.DIRECTORY),
    "complaints": (complaints.FACTS, responsibility.RESPONSIBILITY),
    "care": (care.FACTS,),
    "reporting": (REPORTING,),
}
"""What each tells. Contacts are in no log once they are published, so nothing can be said of them."""
SPARE = 10_000
"""Numbers left out after a restore, and one more for each second since the backup: more than a company records."""
SLACK = timedelta(days=1)
"""A transaction that was under way at the backup may have made its events so long before."""
AT_ONCE = 10_000
SHOWN = 20
"""Subjects of forgotten events that are named."""

_UNKNOWN = """
    SELECT id FROM unnest($1::uuid[]) AS seen(id)
    WHERE NOT EXISTS (SELECT FROM event_log WHERE event_id = seen.id AND recorded_at >= $2)
"""

_CHECK = """
IF (SELECT count(*) FROM public."{name}") <> {count:d} THEN RAISE EXCEPTION '{name} did not come whole'; END IF;
"""
_PRELUDE = "DROP SCHEMA public CASCADE;\nCREATE SCHEMA public;\n"
_NEW_EPOCH = """
SET search_path = public;
CREATE TABLE IF NOT EXISTS log_epoch (
    epoch integer PRIMARY KEY, goes_on_after bigint NOT NULL, began_at timestamptz NOT NULL DEFAULT clock_timestamp());
INSERT INTO log_epoch (epoch, goes_on_after) SELECT {epoch}, last_sequence FROM relay;
UPDATE relay SET last_sequence = {beginning}, holder = NULL, held_until = NULL;
INSERT INTO consumer_generation AS g (consumer, generation) VALUES ('{service}', {epoch})
ON CONFLICT (consumer) DO UPDATE SET generation = greatest(g.generation + 1, {epoch});
"""
_OF_SERVICE = {
    "complaints": "SELECT setval('complaint_number', last_value + {numbers}) FROM complaint_number;\n",
    "reporting": """
UPDATE live_stream SET last_id = {beginning}, trimmed_to = {beginning}, newest_trimmed = greatest(
    newest_trimmed, (SELECT event_id FROM live_event ORDER BY event_id DESC LIMIT 1));
DELETE FROM live_event;
""",
}


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What another service has taken of events that the restored one no longer has."""

    reader: ServiceName
    events: int
    subjects: tuple[UUID, ...]
    """Whom or what they are about, the first of them."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What stands there now."""

    manifest: Manifest
    epoch: int
    forgotten: tuple[Forgotten, ...]


async def restore(services: Sequence[ServiceName], data: Path, folder: Path) -> list[Restored]:
    """Restores services from a backup, each in one transaction.

    Before the first is touched, all are checked: the backup is whole and of this release or an older one, and nobody
    works on the databases. All four can be restored into a data folder that holds nothing but the keys, and bring along
    what all in one keeps beside them. Raises Damaged, NotConfigured, AlreadyRunning or ProgramFailed.
    """
    manifests = [Manifest.read(folder, service) for service in services]
    whole = set(services) == set(SERVICES) and not _in_environment()
    with addresses(_reachable(services), data, made_anew=whole and _has_keys(data)) as urls:
        for manifest in manifests:
            await _check(manifest, urls[manifest.service])
        epochs = {each.service: await _restore(each, urls[each.service], folder) for each in manifests}
        if whole:
            copy_beside(folder, data)
        return [Restored(each, epochs[each.service], await _forgotten(each, urls)) for each in manifests]


def _reachable(services: Sequence[ServiceName]) -> list[ServiceName]:
    """Those that are restored, and the others that can be asked what they have seen of them."""
    named = _in_environment()
    return [service for service in SERVICES if service in services or service in named or not named]


def _in_environment() -> list[ServiceName]:
    return [service for service in SERVICES if f"CRM_DATABASE_URL_{service.upper()}" in os.environ]


def _has_keys(data: Path) -> bool:
    """Raises NotConfigured for a new folder without the keys of the old one."""
    if (data / "postgresql").is_dir() or (data / "keys.json").exists():
        return True
    raise NotConfigured(
        f"{data} is new: put the old folder's keys.json into it first, sealed data are read by no other"
    )


async def _check(manifest: Manifest, url: str) -> None:
    if manifest.revision > newest(manifest.service):
        raise NotConfigured(f"the backup of {manifest.service} is of a newer release ({manifest.revision})")
    connection: Connection = await asyncpg.connect(url)
    try:
        programs_of(major_of(connection))
        if major_of(connection) < manifest.postgresql:
            raise NotConfigured(f"the backup is of PostgreSQL {manifest.postgresql}, the server is older")
        others = await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
    finally:
        await connection.close()
    if others:
        raise AlreadyRunning(f"{others} connections use the database of {manifest.service}: stop its processes first")


async def _restore(manifest: Manifest, url: str, folder: Path) -> int:
    """The new epoch."""
    service, now = manifest.service, real_time()
    epoch = next_epoch(max(manifest.epoch, await _present_epoch(url)), now)
    age = now - datetime.fromisoformat(manifest.taken_at)
    values = {
        "service": service,
        "epoch": epoch,
        "beginning": beginning_of(epoch),
        "numbers": SPARE + max(0, int(age.total_seconds())),
    }
    after = _is_whole(manifest) + (_NEW_EPOCH + _OF_SERVICE.get(service, "")).format(**values)
    await _play(url, dump_in(folder, service), _PRELUDE, after)
    await upgrade(service, url)
    return epoch


async def _present_epoch(url: str) -> int:
    """Of the log that is about to be replaced, where there is one."""
    connection: Connection = await asyncpg.connect(url)
    try:
        return epoch_of(await connection.fetchval("SELECT last_sequence FROM relay") or 0)
    except asyncpg.UndefinedTableError:
        return 0
    finally:
        await connection.close()


def _is_whole(manifest: Manifest) -> str:
    """Fails, and with it the whole transaction, when a table has another number of rows than at the backup."""
    checks = "".join(_CHECK.format(name=name, count=count) for name, count in manifest.counts.items())
    return f"DO $$ BEGIN\n{checks}END $$;\n"


async def _play(url: str, dump: Path, before: str, after: str) -> None:
    """Pipes the dump from pg_restore into psql, in one transaction with what comes before and after it."""
    connection: Connection = await asyncpg.connect(url)
    programs = programs_of(major_of(connection))
    await connection.close()
    address, environment = without_password(url)
    with tempfile.TemporaryDirectory(prefix="crm-restore-") as folder:
        scripts = [Path(folder) / name for name in ("before.sql", "after.sql")]
        for script, text in zip(scripts, (before, after), strict=True):
            script.write_text(text)
        reads, writes = os.pipe()
        psql: list[str | Path] = [
            *(programs / "psql", "--no-psqlrc", "--quiet", "--single-transaction", f"--dbname={address}"),
            *("--set=ON_ERROR_STOP=1", "--set=VERBOSITY=terse", "--set=SHOW_CONTEXT=never"),
            *("--file", scripts[0], "--file", "-", "--file", scripts[1]),
        ]
        dumped: list[str | Path] = [programs / "pg_restore", "--no-owner", "--no-privileges", "--file=-", dump]
        ended = await asyncio.gather(
            run(psql, environment, pipe=reads),
            run(dumped, environment, pipe=writes, writes=True),
            return_exceptions=True,
        )
    for fault in ended:
        if fault is not None:
            raise fault


async def _forgotten(manifest: Manifest, urls: Mapping[ServiceName, str]) -> tuple[Forgotten, ...]:
    topics = TOPICS[manifest.service]
    told: list[Forgotten] = []
    own: Connection = await asyncpg.connect(urls[manifest.service])
    try:
        for reader, url in urls.items():
            if reader != manifest.service and topics:
                told += await _forgotten_of(own, reader, url, topics, datetime.fromisoformat(manifest.taken_at) - SLACK)
    finally:
        await own.close()
    return tuple(told)


async def _forgotten_of(
    own: Connection, reader: ServiceName, url: str, topics: Sequence[str], since: datetime
) -> list[Forgotten]:
    """Compares the reader's inbox with the log from some time before the backup on; ids tell when they were made."""
    events, subjects = 0, dict[UUID, None]()
    theirs: Connection = await asyncpg.connect(url)
    try:
        async with theirs.transaction(readonly=True):
            cursor = await theirs.cursor(
                "SELECT event_id, aggregate_id FROM inbox WHERE consumer = $1 AND topic = ANY($2) AND event_id >= $3",
                reader, list(topics), UUID(int=int(since.timestamp() * 1000) << 80),
            )  # fmt: skip
            while rows := await cursor.fetch(AT_ONCE):
                unknown = await own.fetch(_UNKNOWN, [row["event_id"] for row in rows], since)
                about = {row["event_id"]: row["aggregate_id"] for row in rows}
                events += len(unknown)
                subjects |= dict.fromkeys(about[row[0]] for row in unknown)
    finally:
        await theirs.close()
    return [Forgotten(reader, events, tuple(subjects)[:SHOWN])] if events else []
