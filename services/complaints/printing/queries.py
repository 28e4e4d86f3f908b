"""Reading letters for the paper, and how far a job is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.complaints.cases.queries import require_seen
from services.complaints.company import store as company_store
from services.complaints.company.domain import Company
from services.complaints.context import Context
from services.complaints.printing import store
from services.complaints.printing.domain import NotPrintedYet, PrintJob, PrintJobNotFound, PrintState, sheet_of
from services.complaints.reply_letters.domain import ReplyNotFound
from services.complaints.reply_letters.store import opened
from shared.paper.sheet import LetterSheet, complaint_line
from shared.statement import Reader, Statement

_LETTERS = Statement(
    """
    SELECT l.id, l.language, l.sealed, c.number, l.complaint_id
    FROM unnest(:ids::uuid[]) WITH ORDINALITY AS asked (id, place)
        JOIN reply_letter l ON l.id = asked.id JOIN complaint c ON c.id = l.complaint_id
    ORDER BY asked.place
    """
)
"""By hand, for the order in which they were asked for."""


@dataclass(frozen=True, slots=True)
class _Letter:
    """A letter as it is kept."""

    id: UUID
    complaint_id: UUID
    number: str
    language: str
    sealed: bytes


async def sheets(context: Context, reader: Reader, ids: Sequence[UUID]) -> list[LetterSheet]:
    """These letters as they are set, in this order."""
    company = await company_store.read(reader)
    return [_sheet(context, company, each) for each in await _letters(reader, ids)]


async def sheet(context: Context, case_id: UUID, id_: UUID, *, viewer: UUID | None) -> LetterSheet:
    """A case's letter as it is set. Raises ComplaintNotFound, ReplyNotFound."""
    await require_seen(context, case_id, viewer=viewer)
    found = await _letters(context.database, [id_])
    if not found or found[0].complaint_id != case_id:
        raise ReplyNotFound("no reply of this case has this id")
    return _sheet(context, await company_store.read(context.database), found[0])


async def read_job(context: Context, id_: UUID) -> PrintJob:
    """How far a job is. Raises PrintJobNotFound."""
    job = await store.read(context.database, id_)
    if job is None:
        raise PrintJobNotFound("there is none, or it was removed some days after it was asked for")
    return job


async def documents(context: Context, id_: UUID) -> list[tuple[int, bytes]]:
    """The parts of a job that is done, each a PDF. Raises PrintJobNotFound, NotPrintedYet."""
    job = await read_job(context, id_)
    if job.state is not PrintState.DONE:
        raise NotPrintedYet(f"it is {job.state}: {job.done} of {job.total} letters are set")
    kept = await store.documents(context.database, id_)
    return [(part, context.files.open(sealed, part_identity(id_, part))) for part, sealed in kept]


def part_identity(job_id: UUID, part: int) -> bytes:
    """Under which a part is sealed, so that none opens in another's place."""
    return job_id.bytes + part.to_bytes(4, "big")


async def _letters(reader: Reader, ids: Sequence[UUID]) -> list[_Letter]:
    rows: list[Any] = await _LETTERS.all(reader, ids=list(ids))
    return [_Letter(**row) for row in rows]


def _sheet(context: Context, company: Company | None, letter: _Letter) -> LetterSheet:
    text = opened(context.words, letter.id, letter.sealed)
    return sheet_of(text, letter.number, letter.language, head_of(context, company, letter.language))


def head_of(context: Context, company: Company | None, language: str) -> tuple[str, str, str]:
    """The company's name, its address, and its complaint line in words."""
    line = company.line if company is not None else context.settings.line
    said = complaint_line(line, language)
    if company is None:
        return "", "", said
    return company.names.get(language, ""), company.addresses.get(language, ""), said
