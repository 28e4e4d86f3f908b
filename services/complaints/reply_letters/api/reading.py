"""Routes of replies that were written."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, Field

from services.complaints.cases.api.standing import CaseId
from services.complaints.cases.domain import ComplaintNotFound
from services.complaints.context import Context
from services.complaints.reply_letters.domain import ReplyNotFound, ReplyNotOpen, ReplyState
from services.complaints.reply_letters.handlers import handing
from services.complaints.reply_letters.queries import reading
from services.complaints.reply_letters.queries.reading import ReadReply
from services.complaints.reply_templates.domain import LetterChannel
from shared.auth.visibility import viewer
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.paging import Page
from shared.http.routing import Caller, router
from shared.languages import Language

routes = router("/complaints/v1", "replies")

ReplyId = Annotated[UUID, Path(description="the reply's id")]


class ReplyOut(BaseModel):
    """A reply to the complainant, and what became of it. No address stands here."""

    id: UUID = Field(description="the id of the reply (UUIDv7)")
    round: int
    asked: LetterChannel | None = Field(description="the channel that was asked for; null: whichever reaches them")
    channel: LetterChannel | None = Field(description="by which it goes or went; null before that is known")
    language: Language
    subject: str = Field(description="of an e-mail or letter")
    text: str = Field(description="what it says; where it is read out, the script")
    state: ReplyState = Field(description="what became of it")
    reason: str | None
    attempts: int
    template_version: int | None = Field(description="the version of the templates it was drafted from, if any")
    written_at: datetime = Field(description="when it was written")
    written_by: UUID = Field(description="the staff member who wrote it")
    next_at: datetime | None
    provider: str | None
    ended_at: datetime | None = Field(description="when it was sent, read out or posted")
    ended_by: UUID | None = Field(description="who read it out or posted it")


@routes.get("/complaints/{id}/replies")
@raises(ComplaintNotFound)
async def list_replies(id: CaseId, context: Injected[Context], caller: Caller) -> Page[ReplyOut]:
    """Every reply that was written in the case, on one page: with what it says and what became of it."""
    return await _page(context, id, viewer(caller))


@routes.post("/complaints/{id}/replies/{reply_id}/read")
@raises(ComplaintNotFound, ReplyNotFound, ReplyNotOpen)
async def read_reply_out(id: CaseId, reply_id: ReplyId, context: Injected[Context], caller: Caller) -> Page[ReplyOut]:
    """The reply was read to the complainant: a script, or what did not arrive; again it changes nothing."""
    await handing.end(context, id, reply_id, ReplyState.READ, caller)
    return await _page(context, id, viewer(caller))


@routes.post("/complaints/{id}/replies/{reply_id}/posted")
@raises(ComplaintNotFound, ReplyNotFound, ReplyNotOpen)
async def post_reply(id: CaseId, reply_id: ReplyId, context: Injected[Context], caller: Caller) -> Page[ReplyOut]:
    """The reply was put into the post on paper; again it changes nothing."""
    await handing.end(context, id, reply_id, ReplyState.PRINTED, caller)
    return await _page(context, id, viewer(caller))


async def _page(context: Context, id_: UUID, seen_by: UUID | None) -> Page[ReplyOut]:
    return Page(items=[_out(each) for each in await reading.list_replies(context, id_, viewer=seen_by)])


def _out(reply: ReadReply) -> ReplyOut:
    return ReplyOut.model_validate({**asdict(reply.details), **asdict(reply.text)})
