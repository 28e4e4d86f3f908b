"""Files of a case: added, removed, and what was begun and never ended.

A content and its entry are two stores, so that one of them is there first: the row says `storing` and commits, the
content is stored, and then one transaction keeps the row, writes the history and tells of it. Whoever is killed in
between leaves a row by which the content is found and removed.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from services.complaints.cases.domain import Case, Said, Unsigned
from services.complaints.cases.store.holding import lock
from services.complaints.context import Context
from services.complaints.evidence import events
from services.complaints.evidence.domain.files import (
    PIECE,
    UNFINISHED_FOR,
    EvidenceFile,
    FileNotFound,
    StorageAway,
    check_room,
    name_of,
)
from services.complaints.evidence.handlers.looking import Pieces, look
from services.complaints.evidence.store import files as store
from services.complaints.evidence.store.contents import sealed
from services.complaints.history import handlers as history
from services.complaints.history.handlers import Movement
from services.complaints.response_clocks.domain.advancing import replied
from shared.idempotency import IdempotencyKey, KeyInProgress, claim_for, stored_resource
from shared.ids import new_id
from shared.repeats import Trouble
from shared.storage.port import StorageFault
from shared.telemetry import log

_STORAGE: Final = Trouble(log("complaints.evidence"), waits="files cannot be stored", over="files are stored again")
"""While it is away every upload meets it: said once a minute, with the reason."""
AT_ONCE: Final = 100
"""Unfinished files that are looked after in one go."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came in: what it is called, what it is said to be, and its content."""

    name: str | None
    said: str
    pieces: Pieces
    note: str | None
    key: IdempotencyKey | None = None


class _SameRequest(Exception):
    """The Idempotency-Key came before."""


async def add(context: Context, complaint_id: UUID, upload: Upload, by: UUID | None) -> EvidenceFile:
    """Adds a file to a case, by nobody of the staff for the complainant; the first one again when its Idempotency-Key
    came before.

    Raises ComplaintNotFound, FileEmpty, FileTooLarge, FileUnreadable, KindNotTaken, KindMismatch, CarriesScript,
    TooManyFiles, StorageAway, KeyReused, KeyInProgress; nothing is kept then.
    """
    name = name_of(upload.name)
    looked = await look(upload.pieces, name, upload.said, context.largest_file)
    key = upload.key.with_content(looked.digest) if upload.key else None
    if key is not None and (earlier := await _earlier(context, complaint_id, key)):
        return earlier
    file = EvidenceFile(
        new_id(), complaint_id, looked.media_type, looked.size, name, upload.note, context.clock.now(), by
    )
    async with context.database.transaction() as transaction:
        await lock(transaction, complaint_id)
        check_room(*await store.counts(transaction, complaint_id), complainant=by is None)
        await store.begin(transaction, context.words, file)
    try:
        await context.storage.put(file.key, sealed(context.files, file.id, _in_pieces(upload.pieces())))
        await _keep(context, file, key)
    except _SameRequest:
        await _give_up(context, file)
        assert key is not None  # noqa: S101  only a key can have come before
        if (earlier := await _earlier(context, complaint_id, key)) is None:
            raise KeyInProgress("the same Idempotency-Key has just ended; ask again") from None
        return earlier
    except StorageFault as fault:
        _STORAGE.met(fault, reason=fault.reason)
        await _give_up(context, file)
        raise StorageAway(
            f"the storage of files does not take it ({fault.reason}); send it again", retry_after=5
        ) from fault
    except Exception:
        await _give_up(context, file)
        raise
    _STORAGE.over()
    return file


async def _keep(context: Context, file: EvidenceFile, key: IdempotencyKey | None) -> None:
    async with context.database.transaction() as transaction:
        case = await lock(transaction, file.complaint_id)
        if key is not None and not await claim_for(transaction, key, file.id):
            raise _SameRequest
        if not await store.keep(transaction, file.id):
            raise StorageFault("cleared-away")
        await history.keep(transaction, context, _movement(case, file, max(context.clock.now(), case.moved_at)))


def _movement(case: Case, file: EvidenceFile, now: datetime) -> Movement:
    """What was said of it stands in the history, with when it came. A pause ends with the complainant's own."""
    added = [events.added(case, file)]
    if file.added_by is not None:
        return Movement(case, "file_added", Said(file.note, None, file.added_by), file.added_at, added, moves=False)
    clock, resumed = replied(case.clock, now)
    case = case._replace(clock=clock)
    return Movement(case, "file_added", Unsigned(file.note), file.added_at, added, resumed, moves=bool(resumed))


async def _give_up(context: Context, file: EvidenceFile) -> None:
    """Removes what was stored; if that fails too, it is found later by its row."""
    try:
        await context.storage.remove(file.key)
    except StorageFault:
        return
    await store.forget(context.database, file.id)


async def _earlier(context: Context, complaint_id: UUID, key: IdempotencyKey) -> EvidenceFile | None:
    async with context.database.connection() as reader:
        id_ = await stored_resource(reader, key)
        return await store.one(reader, context.words, complaint_id, id_) if id_ is not None else None


async def _in_pieces(content: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Pieces of the size in which they are sealed, however they come."""
    async for piece in content:
        for start in range(0, len(piece), PIECE):
            yield piece[start : start + PIECE]


async def remove(context: Context, complaint_id: UUID, id_: UUID, said: Said) -> Case:
    """Removes a file that has no place in the case; the history keeps that it was there, who removed it, and why.

    Raises ComplaintNotFound, FileNotFound, TextMissing.
    """
    async with context.database.transaction() as transaction:
        case = await lock(transaction, complaint_id)
        file = await store.one(transaction, context.words, complaint_id, id_)
        now = context.clock.now()
        if file is None or not await store.begin_removal(transaction, id_, now, said.by):
            raise FileNotFound("no file of this case has this id, or it is removed already")
        movement = Movement(case, "file_removed", said, now, [events.removed(case, file, now)], moves=False)
        case = await history.keep(transaction, context, movement)
    context.unfinished_files.wake()
    return case


async def finish(context: Context) -> int:
    """Due work: removes contents of removed files, and of those that were begun and never kept; how many.

    Raises StorageAway: all of it waits until the storage is back.
    """
    now = context.clock.now()
    waiting = await store.unfinished(context.database, context.words, now - UNFINISHED_FOR, AT_ONCE)
    for file in waiting:
        if not await store.claim(context.database, file.id):
            continue  # a slow one that was kept at last
        try:
            await context.storage.remove(file.key)
        except StorageFault as fault:
            raise StorageAway(f"the storage of files does not answer ({fault.reason})") from fault
        await store.end_removal(context.database, file.id)
        await store.forget(context.database, file.id)
    return len(waiting)
