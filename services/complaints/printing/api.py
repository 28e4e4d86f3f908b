"""Routes of replies on paper."""

import asyncio
import io
import zipfile
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path, Response
from pydantic import BaseModel, ConfigDict, Field

from services.complaints.cases.api.standing import CaseId
from services.complaints.cases.domain import ComplaintNotFound
from services.complaints.context import Context
from services.complaints.printing import queries
from services.complaints.printing.domain import (
    MOST_LETTERS,
    NothingToPrint,
    NotPrintedYet,
    PrintJob,
    PrintJobNotFound,
    PrintState,
    UnknownReply,
)
from services.complaints.printing.handlers import asking
from services.complaints.reply_letters.domain import ReplyNotFound
from shared.auth.visibility import viewer
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.documents import PDF, ZIP, answers, document
from shared.http.routing import Caller, router
from shared.paper.sheet import NotTypeset
from shared.paper.typesetting import typeset

routes = router("/complaints/v1", "printing")

JobId = Annotated[UUID, Path(description="the print job's id")]


class PrintIn(BaseModel):
    """Which letters are wanted on paper."""

    model_config = ConfigDict(extra="forbid")

    reply_ids: Annotated[
        list[UUID] | None,
        Field(min_length=1, max_length=MOST_LETTERS, description="these; unless said all that wait for the printer"),
    ] = None


class PrintJobOut(BaseModel):
    """A print job, and how far it is."""

    id: UUID = Field(description="the id of the job (UUIDv7)")
    state: PrintState = Field(description="`failed` when some letters could not be set several times")
    total: int = Field(description="letters in all")
    done: int = Field(description="letters that are set")
    asked_at: datetime = Field(description="when it was asked for; some days later it is removed")
    asked_by: UUID = Field(description="the staff member who asked for it")
    ended_at: datetime | None = Field(description="when it was done, or failed; null before")


@routes.get("/complaints/{id}/replies/{reply_id}/pdf", response_class=Response, responses=answers(PDF))
@raises(ComplaintNotFound, NotTypeset, ReplyNotFound)
async def read_reply_pdf(
    id: CaseId,
    reply_id: Annotated[UUID, Path(description="the reply's id")],
    context: Injected[Context],
    caller: Caller,
) -> Response:
    """A reply as PDF for paper, in the company's layout."""
    sheet = await queries.sheet(context, id, reply_id, viewer=viewer(caller))
    return document(await typeset([sheet]), PDF, f"{sheet.number}.pdf")


@routes.post("/letters/print", status_code=202)
@raises(NothingToPrint, UnknownReply)
async def print_letters(
    context: Injected[Context], caller: Caller, response: Response, body: PrintIn | None = None
) -> PrintJobOut:
    """Has letters set in the background: those that wait for the printer and are in no other job, or these."""
    ids = list(dict.fromkeys(body.reply_ids)) if body is not None and body.reply_ids is not None else None
    job = await asking.ask(context, ids, by=caller.id)
    response.headers["Location"] = f"/complaints/v1/letters/print/{job.id}"
    return _out(job)


@routes.get("/letters/print/{job_id}")
@raises(PrintJobNotFound)
async def read_print_job(job_id: JobId, context: Injected[Context]) -> PrintJobOut:
    """How far a print job is."""
    return _out(await queries.read_job(context, job_id))


@routes.get("/letters/print/{job_id}/file", response_class=Response, responses=answers(ZIP))
@raises(NotPrintedYet, PrintJobNotFound)
async def read_printed_letters(job_id: JobId, context: Injected[Context]) -> Response:
    """The letters of a job that is done: PDFs of up to 50 letters each, in one ZIP."""
    parts = await queries.documents(context, job_id)
    return document(await asyncio.to_thread(_zipped, parts), ZIP, "letters.zip")


@routes.post("/letters/print/{job_id}/posted")
@raises(NotPrintedYet, PrintJobNotFound)
async def post_printed_letters(job_id: JobId, context: Injected[Context], caller: Caller) -> PrintJobOut:
    """All letters of a job were put into the post; again it changes nothing."""
    return _out(await asking.posted(context, job_id, caller))


def _zipped(parts: Sequence[tuple[int, bytes]]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for part, document in parts:
            archive.writestr(f"letters-{part:03}.pdf", document)
    return content.getvalue()


def _out(job: PrintJob) -> PrintJobOut:
    return PrintJobOut.model_validate(asdict(job))
