"""Reading the files of a case."""

from collections.abc import AsyncIterator
from uuid import UUID

from sqlmodel import col

from services.complaints.cases.queries import read_case
from services.complaints.context import Context
from services.complaints.evidence.domain.files import ContentMissing, EvidenceFile, FileNotFound, StorageAway
from services.complaints.evidence.store import files as store
from services.complaints.evidence.store.contents import opened
from services.complaints.evidence.tables import EvidenceFileRow
from shared.statement import Statement, given
from shared.storage.port import NothingStored, StorageFault
from shared.telemetry import log

_log = log("complaints.evidence")
_OF_CASE = Statement(
    store.FILES.where(col(EvidenceFileRow.complaint_id) == given("complaint_id")).order_by(col(EvidenceFileRow.id))
)


async def list_files(context: Context, complaint_id: UUID, *, viewer: UUID | None) -> list[EvidenceFile]:
    """The files of a case in the order in which they came; of removed ones it is told that they were there.

    Raises ComplaintNotFound where the case is not the viewer's to see.
    """
    await read_case(context, complaint_id, viewer=viewer)
    rows = await _OF_CASE.all(context.database, complaint_id=complaint_id)
    return [store.file_of(context.words, **row) for row in rows]


async def list_by_complainant(context: Context, complaint_id: UUID) -> list[EvidenceFile]:
    """The files that the complainant has added and that are still there, in the order in which they came."""
    rows = await _OF_CASE.all(context.database, complaint_id=complaint_id)
    own = [row for row in rows if row["added_by"] is None and row["removed_at"] is None]
    return [store.file_of(context.words, **row) for row in own]


async def read_file(context: Context, complaint_id: UUID, id_: UUID, *, viewer: UUID | None) -> EvidenceFile:
    """A file that is kept. Raises ComplaintNotFound, FileNotFound."""
    await read_case(context, complaint_id, viewer=viewer)
    file = await store.one(context.database, context.words, complaint_id, id_)
    if file is None or file.removed_at is not None:
        raise FileNotFound("no file of this case has this id")
    return file


async def content(context: Context, file: EvidenceFile) -> AsyncIterator[bytes]:
    """A file's content, piece by piece. Raises StorageAway or ContentMissing with the first piece."""
    try:
        async for piece in opened(context.files, file.id, context.storage.read(file.key)):
            yield piece
    except NothingStored:
        _log.error("the content of a file is missing", file=str(file.id))
        raise ContentMissing("its content is not where it was stored; the operator can bring it back") from None
    except StorageFault as fault:
        raise StorageAway(f"the storage of files does not answer ({fault.reason}); try again", retry_after=5) from fault
