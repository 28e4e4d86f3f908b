"""The chain over the audit: each entry's link holds its hash and that of the link before (architecture 5).

Entries are chained afterwards, in batches, so nobody waits for it. The last link (the head) is also kept outside of the
database: who cuts the chain, or writes it anew from some entry on, does not reach that.
"""

import asyncio
import hashlib
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import delete, func, select

from shared.audit import AuditEntry
from shared.clock import real_time
from shared.db import Connection, Database
from shared.kernel_schema import AUDIT_ENTRY, AUDIT_LINK, AUDIT_WAITING
from shared.retry import retry_forever
from shared.statement import Reader, Scalar, Statement, any_given, by_column, given, insert_many
from shared.storage.port import NothingStored, Storage, StorageFault
from shared.telemetry import log

AT_ONCE: Final = 1_000
"""Entries of one transaction."""
EVERY_SECONDS: Final = 2.0
BEGINNING: Final = bytes(32)
"""What the first link follows."""
_LOCK: Final = 4_017_151_721


@dataclass(frozen=True, slots=True)
class Link:
    """A place in the chain, counted from 1 without a gap."""

    position: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Renewal:
    """Who put a head in the place of one that the chain no longer held, and why: after a restore, for instance."""

    by: str
    reason: str
    instead_of: int
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """The last link as it is kept outside; `hash` in hex."""

    position: int
    hash: str
    kept_at: datetime
    renewed: Renewal | None = None


_ENTRY = AUDIT_ENTRY.c
_LINK = AUDIT_LINK.c
_WAITING = AUDIT_WAITING.c
_TURN = Scalar(select(func.pg_try_advisory_xact_lock(_LOCK)), bool)
_LAST = Statement(select(_LINK.position, _LINK.hash).order_by(_LINK.position.desc()).limit(1), Link)
_AT = Scalar(select(_LINK.hash).where(_LINK.position == given("position")), bytes)
_WITHOUT = Statement(
    select(*(_ENTRY[field.name] for field in fields(AuditEntry)))
    .join(AUDIT_WAITING, _WAITING.entry_id == _ENTRY.id)
    .order_by(_ENTRY.id)
    .limit(given("most")),
    AuditEntry,
)
_CHAIN = Statement(insert_many(AUDIT_LINK, "position", "entry_id", "hash"))
_CHAINED = Statement(delete(AUDIT_WAITING).where(_WAITING.entry_id == any_given("ids", _WAITING.entry_id.type)))


def hash_of(before: bytes, entry: AuditEntry) -> bytes:
    """SHA-256 over the link before and all that the entry says. No key is in it: who verifies needs none.

    Of an entry without a purpose as before there were any, so that what was chained then still fits.
    """
    said = [_said(value) for value in astuple(entry)]
    return hashlib.sha256(before + orjson.dumps(said if entry.purpose is not None else said[:-1])).digest()


def _said(value: datetime | UUID | bytes | str | int | None) -> str | int | None:
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if isinstance(value, datetime) else str(value) if isinstance(value, UUID) else value


async def chain(database: Database, most: int = AT_ONCE) -> int:
    """Links entries that wait, in the order of their numbers; how many. One process at a time: to the others 0."""
    async with database.transaction() as transaction:
        if not await _TURN.only(transaction):
            return 0
        entries = await _WITHOUT.all(transaction, most=most)
        if entries:
            await _link(transaction, entries)
        return len(entries)


async def _link(transaction: Connection, entries: list[AuditEntry]) -> None:
    last = await last_link(transaction) or Link(0, BEGINNING)
    rows: list[dict[str, object]] = []
    for entry in entries:
        last = Link(last.position + 1, hash_of(last.hash, entry))
        rows.append({"position": last.position, "entry_id": entry.id, "hash": last.hash})
    await _CHAIN.execute(transaction, **by_column(rows))
    await _CHAINED.execute(transaction, ids=[entry.id for entry in entries])


async def last_link(reader: Reader) -> Link | None:
    """The chain's last link; None while nothing is chained."""
    return await _LAST.one(reader)


class Heads:
    """Where the head of a service's chain is kept outside of its database."""

    def __init__(self, service: str, storage: Storage) -> None:
        self._key = f"audit/{service}/head"
        self._storage = storage

    async def kept(self) -> Head | None:
        """Raises StorageFault, also for a content that is no head."""
        try:
            content = b"".join([piece async for piece in self._storage.read(self._key)])
        except NothingStored:
            return None
        try:
            return _head_in(orjson.loads(content))
        except (ValueError, KeyError, TypeError) as fault:
            raise StorageFault("audit-head-damaged") from fault

    async def keep(self, link: Link, renewed: Renewal | None = None) -> None:
        """Raises StorageFault."""
        head = Head(link.position, link.hash.hex(), real_time(), renewed)
        await self._storage.put(self._key, _pieces(orjson.dumps(head)))


def _head_in(said: dict[str, Any]) -> Head:
    renewed = Renewal(**said["renewed"]) if said["renewed"] else None
    return Head(int(said["position"]), str(said["hash"]), datetime.fromisoformat(said["kept_at"]), renewed)


async def _pieces(content: bytes) -> Any:
    yield content


async def holds(reader: Reader, head: Head) -> bool:
    """Whether the chain still has the link that the head was."""
    found = await _AT.one(reader, position=head.position)
    return found is not None and found.hex() == head.hash


class AuditChain:
    """Runs beside a service's relay; any number of processes may do it at once."""

    def __init__(self, service: str, database: Database, storage: Storage) -> None:
        self._database = database
        self._heads = Heads(service, storage)
        self._log = log("audit chain")
        self._owes = True
        """Whether a head is to be kept: at the start it may have been left undone."""

    async def run(self) -> None:
        """Every two seconds until cancelled, sooner after a fault of the database or of the storage."""
        await retry_forever(self._turn, self._log, passing=(StorageFault,))

    async def _turn(self) -> None:
        await self.step()
        await asyncio.sleep(EVERY_SECONDS)

    async def step(self) -> int:
        """Chains all that waits, then keeps the head; how many were chained."""
        chained = 0
        while linked := await chain(self._database):
            chained, self._owes = chained + linked, True
        if self._owes:
            await self._keep_head()
            self._owes = False
        return chained

    async def _keep_head(self) -> None:
        """A head that the chain no longer holds is left where it is: it is the proof that something was cut."""
        kept = await self._heads.kept()
        if kept is not None and not await holds(self._database, kept):
            self._log.error("the chain does not hold the head that is kept outside", position=kept.position)
            return
        last = await last_link(self._database)
        if last is not None and (kept is None or kept.position < last.position):
            await self._heads.keep(last, kept.renewed if kept else None)


async def renew_head(database: Database, heads: Heads, by: str, reason: str) -> Head | None:
    """Keeps the present head in place of one that the chain does not hold; that one is told in it.

    Returns what it replaced; None when the kept one holds, which then stays.
    """
    kept, last = await heads.kept(), await last_link(database)
    if kept is None or await holds(database, kept):
        return None
    await heads.keep(last or Link(0, BEGINNING), Renewal(by, reason, kept.position, kept.hash))
    return kept
