"""Replies as people read them."""

from dataclasses import dataclass, fields
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.complaints.cases.queries import require_seen
from services.complaints.context import Context
from services.complaints.reply_letters import store
from services.complaints.reply_letters.domain import ReplyDetails, ReplyText
from services.complaints.reply_letters.tables import ReplyLetterRow
from shared.statement import Statement, given, table

_OF_CASE = Statement(
    select(*(table(ReplyLetterRow).c[field.name] for field in fields(ReplyDetails)))
    .where(col(ReplyLetterRow.complaint_id) == given("complaint_id"))
    .order_by(col(ReplyLetterRow.id)),
    ReplyDetails,
)


@dataclass(frozen=True, slots=True)
class ReadReply:
    """A reply as it is read: with what it says."""

    details: ReplyDetails
    text: ReplyText


async def list_replies(context: Context, case_id: UUID, *, viewer: UUID | None) -> list[ReadReply]:
    """What the complainant was answered in the company's name, in the order of writing. Raises ComplaintNotFound."""
    await require_seen(context, case_id, viewer=viewer)
    found = await _OF_CASE.all(context.database, complaint_id=case_id)
    return [ReadReply(each, store.opened(context.words, each.id, each.sealed)) for each in found]
