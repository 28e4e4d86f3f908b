"""The files of cases in the database."""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import and_, delete, func, or_, select, update
from sqlmodel import col

from services.complaints.evidence.domain.files import EvidenceFile, FileState
from services.complaints.evidence.tables import EvidenceFileRow
from shared.db import Connection
from shared.personal import Vault
from shared.statement import Reader, Statement, given, insert_one, table

_of_one = col(EvidenceFileRow.id) == given("id")
_state = col(EvidenceFileRow.state)
_STORING = Statement(
    insert_one(EvidenceFileRow, "id", "complaint_id", "media_type", "size", "words", "added_at", "added_by", "state")
)
_KEPT = Statement(
    update(table(EvidenceFileRow))
    .values(state=FileState.KEPT.value)
    .where(_of_one, _state == FileState.STORING.value)
    .returning(col(EvidenceFileRow.id))
)
_unfinished = or_(_state == FileState.STORING.value, _state == FileState.REMOVING.value)
_never_kept = and_(_unfinished, col(EvidenceFileRow.removed_at).is_(None))
_CLAIM = Statement(
    update(table(EvidenceFileRow))
    .values(state=FileState.REMOVING.value)
    .where(_of_one, _unfinished)
    .returning(col(EvidenceFileRow.id))
)
_REMOVING = Statement(
    update(table(EvidenceFileRow))
    .values(state=FileState.REMOVING.value, removed_at=given("removed_at"), removed_by=given("removed_by"))
    .where(_of_one, _state == FileState.KEPT.value)
    .returning(col(EvidenceFileRow.id))
)
_REMOVED = Statement(
    update(table(EvidenceFileRow))
    .values(state=FileState.REMOVED.value)
    .where(_of_one, _state == FileState.REMOVING.value, col(EvidenceFileRow.removed_at).is_not(None))
)
_FORGET = Statement(delete(table(EvidenceFileRow)).where(_of_one, _never_kept))
_FILES = select(
    *(table(EvidenceFileRow).c[name] for name in (
        "id", "complaint_id", "media_type", "size", "words", "added_at", "added_by", "removed_at"
    ))
)  # fmt: skip
SHOWN = or_(_state == FileState.KEPT.value, col(EvidenceFileRow.removed_at).is_not(None))
FILES = _FILES.where(SHOWN)
_ONE = Statement(FILES.where(_of_one, col(EvidenceFileRow.complaint_id) == given("complaint_id")))
_COUNT = Statement(
    select(
        func.count().label("kept"),
        func.count().filter(col(EvidenceFileRow.added_by).is_(None)).label("by_complainant"),
    ).where(
        col(EvidenceFileRow.complaint_id) == given("complaint_id"),
        or_(_state == FileState.KEPT.value, _state == FileState.STORING.value),
    )
)
_UNFINISHED = Statement(
    _FILES.where(
        or_(
            _state == FileState.REMOVING.value,
            and_(_state == FileState.STORING.value, col(EvidenceFileRow.added_at) < given("begun_before")),
        )
    )
    .order_by(col(EvidenceFileRow.added_at))
    .limit(given("most"))
)


async def begin(transaction: Connection, vault: Vault, file: EvidenceFile) -> None:
    """Says that a content is about to be stored, so that it is found should nobody finish it."""
    await _STORING.execute(
        transaction,
        id=file.id,
        complaint_id=file.complaint_id,
        media_type=file.media_type,
        size=file.size,
        words=vault.seal(orjson.dumps({"name": file.name, "note": file.note}), file.id.bytes),
        added_at=file.added_at,
        added_by=file.added_by,
        state=FileState.STORING,
    )


async def keep(transaction: Connection, id_: UUID) -> bool:
    """Whether it is kept from now on: False where it took so long that it was cleared away meanwhile."""
    return await _KEPT.one(transaction, id=id_) is not None


async def begin_removal(transaction: Connection, id_: UUID, at: datetime, by: UUID) -> bool:
    """Whether it was kept until now."""
    return await _REMOVING.one(transaction, id=id_, removed_at=at, removed_by=by) is not None


async def claim(writer: Reader, id_: UUID) -> bool:
    """Whether its content may go: from now on nobody keeps it any more."""
    return await _CLAIM.one(writer, id=id_) is not None


async def end_removal(writer: Reader, id_: UUID) -> None:
    """Its content is gone."""
    await _REMOVED.execute(writer, id=id_)


async def forget(writer: Reader, id_: UUID) -> None:
    """Of a file that was begun and never kept nothing stays."""
    await _FORGET.execute(writer, id=id_)


async def counts(transaction: Connection, complaint_id: UUID) -> tuple[int, int]:
    """How many files a case has, and how many of them the complainant added."""
    row = await _COUNT.one(transaction, complaint_id=complaint_id)
    assert row is not None  # noqa: S101  a count has a row
    return row["kept"], row["by_complainant"]


async def one(reader: Reader, vault: Vault, complaint_id: UUID, id_: UUID) -> EvidenceFile | None:
    """A file of the case, kept or removed."""
    row = await _ONE.one(reader, id=id_, complaint_id=complaint_id)
    return file_of(vault, **row) if row is not None else None


async def unfinished(reader: Reader, vault: Vault, begun_before: datetime, most: int) -> list[EvidenceFile]:
    """Files whose content is to go: begun long ago and never kept, or removed."""
    rows = await _UNFINISHED.all(reader, begun_before=begun_before, most=most)
    return [file_of(vault, **row) for row in rows]


def file_of(vault: Vault, *, words: bytes, **fields: Any) -> EvidenceFile:
    """A file from its row, its words unsealed."""
    return EvidenceFile(**fields, **orjson.loads(vault.open(words, fields["id"].bytes)))
