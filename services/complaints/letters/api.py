"""Routes of letters."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.complaints.cases.api.standing import CaseId
from services.complaints.cases.domain import ComplaintNotFound
from services.complaints.cases.queries import read_case
from services.complaints.context import Context
from services.complaints.letters import queries
from services.complaints.letters.domain.letters import (
    LetterDetails,
    LetterNotFound,
    LetterState,
    NothingToRead,
)
from services.complaints.letters.handlers.reading import keep_read
from shared.auth.visibility import viewer
from shared.contracts.letters import ReplyChannel
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.paging import Page
from shared.http.routing import Caller, router

routes = router("/complaints/v1", "letters")


class LetterOut(BaseModel):
    """A letter to the complainant, and what became of it. No address stands here."""

    id: UUID
    occasion: str
    channel: ReplyChannel | None
    language: str | None
    state: LetterState
    reason: str | None
    attempts: int
    planned_at: datetime
    next_at: datetime | None
    sent_at: datetime | None
    provider: str | None
    script: str | None
    read_at: datetime | None
    read_by: UUID | None


@routes.get("/complaints/{id}/letters")
@raises(ComplaintNotFound)
async def list_letters(id: CaseId, context: Injected[Context], caller: Caller) -> Page[LetterOut]:
    """What the complainant was or will be written, on one page: each with its state and the reason."""
    return await _page(context, id, viewer(caller))


@routes.post("/complaints/{id}/first-reply/read")
@raises(ComplaintNotFound, LetterNotFound, NothingToRead)
async def read_first_reply(id: CaseId, context: Injected[Context], caller: Caller) -> Page[LetterOut]:
    """The first reply (a script, or what no provider took) was read to the complainant; again it changes nothing."""
    await read_case(context, id, viewer=viewer(caller))
    await keep_read(context, id, caller.id)
    return await _page(context, id, viewer(caller))


async def _page(context: Context, id_: UUID, seen_by: UUID | None) -> Page[LetterOut]:
    return Page(items=[_out(*each) for each in await queries.list_letters(context, id_, viewer=seen_by)])


def _out(letter: LetterDetails, script: str | None) -> LetterOut:
    return LetterOut.model_validate({**asdict(letter), "script": script})
