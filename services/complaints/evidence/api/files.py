"""Routes of a case's evidence: files in, a list, one content, and a removal."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import Depends, Form, Path, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import StreamingResponse

from services.complaints.cases.api.standing import CaseId
from services.complaints.cases.domain import ComplaintNotFound, Said
from services.complaints.cases.queries import read_case
from services.complaints.context import Context
from services.complaints.evidence import queries
from services.complaints.evidence.domain.files import (
    PIECE,
    ContentMissing,
    FileEmpty,
    FileNotFound,
    FileTooLarge,
    FileUnreadable,
    StorageAway,
    TooManyFiles,
)
from services.complaints.evidence.domain.kinds import CarriesScript, KindMismatch, KindNotTaken, MediaType
from services.complaints.evidence.handlers import keeping
from services.complaints.evidence.handlers.keeping import Upload
from shared.auth.visibility import viewer
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Prose
from shared.http.paging import Page
from shared.http.questions import only_known_fields
from shared.http.routing import Caller, OwnIdempotencyKey, router, streams_its_body
from shared.idempotency import IdempotencyKey

PATH = "/complaints/v1/complaints/{id}/files"
FORM_AROUND = 64 << 10
"""Bytes of a form beside the file in it."""
FileId = Annotated[UUID, Path(description="the file's id")]
_CONFINED = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}
"""A content is saved, never shown as a page of ours, whatever it is."""

routes = router("/complaints/v1", "evidence")


class EvidenceFileOut(BaseModel):
    """A file of a case."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    media_type: MediaType
    size: int
    name: str
    note: str | None
    added_at: datetime
    added_by: UUID | None
    removed_at: datetime | None


class FileRemovalIn(BaseModel):
    """Why a file is removed."""

    model_config = ConfigDict(extra="forbid")

    reason: Prose


@routes.post("/complaints/{id}/files", status_code=201, dependencies=[Depends(only_known_fields)])
@raises(
    CarriesScript,
    ComplaintNotFound,
    FileEmpty,
    FileTooLarge,
    FileUnreadable,
    KindMismatch,
    KindNotTaken,
    StorageAway,
    TooManyFiles,
)
@streams_its_body
async def add_file(
    id: CaseId,
    context: Injected[Context],
    caller: Caller,
    key: OwnIdempotencyKey,
    response: Response,
    file: Annotated[UploadFile, Field(description="its content; its name and media type must not contradict it")],
    note: Annotated[Prose | None, Form(description="what it shows")] = None,
) -> EvidenceFileOut:
    """Adds a picture, a recording, a video or a PDF; what it is, is judged by its content."""
    await read_case(context, id, viewer=viewer(caller))
    added = await keeping.add(context, id, read_upload(file, note, key), caller.id)
    response.headers["Location"] = f"{PATH.format(id=id)}/{added.id}"
    return EvidenceFileOut.model_validate(added)


def read_upload(file: UploadFile, note: str | None, key: IdempotencyKey | None = None) -> Upload:
    """A file of a form, to be read as often as need be."""

    async def pieces() -> AsyncIterator[bytes]:
        await file.seek(0)
        while piece := await file.read(PIECE):
            yield piece

    return Upload(file.filename, file.content_type or "", pieces, note, key)


@routes.get("/complaints/{id}/files")
@raises(ComplaintNotFound)
async def list_files(id: CaseId, context: Injected[Context], caller: Caller) -> Page[EvidenceFileOut]:
    """The files of a case in the order in which they came, on one page; of removed ones, that they were there."""
    files = await queries.list_files(context, id, viewer=viewer(caller))
    return Page(items=[EvidenceFileOut.model_validate(each) for each in files])


@routes.get(
    "/complaints/{id}/files/{file_id}",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}},
)
@raises(ComplaintNotFound, ContentMissing, FileNotFound, StorageAway)
async def read_file(id: CaseId, file_id: FileId, context: Injected[Context], caller: Caller) -> StreamingResponse:
    """A file's content, to be saved: browsers are told not to show it."""
    file = await queries.read_file(context, id, file_id, viewer=viewer(caller))
    content = queries.content(context, file)
    first = await anext(content)  # a storage that is away answers a problem, not half a file
    return StreamingResponse(
        _after(first, content),
        media_type=file.media_type,
        headers={
            **_CONFINED,
            "Content-Length": str(file.size),
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
        },
    )


async def _after(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


@routes.post("/complaints/{id}/files/{file_id}/removal")
@raises(ComplaintNotFound, FileNotFound)
async def remove_file(
    id: CaseId, file_id: FileId, body: FileRemovalIn, context: Injected[Context], caller: Caller
) -> EvidenceFileOut:
    """Removes a file that has no place in the case; the history keeps that it was there, who removed it, and why."""
    await keeping.remove(context, id, file_id, Said(body.reason, None, caller.id))
    files = await queries.list_files(context, id, viewer=viewer(caller))
    return EvidenceFileOut.model_validate(next(each for each in files if each.id == file_id))
