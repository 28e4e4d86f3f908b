"""Reading the notices about a case."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.complaints.cases.queries import read_case
from services.complaints.context import Context
from services.complaints.history.tables import EntryRow
from services.complaints.notices.domain import Notice, ReadNotice
from services.complaints.notices.store import COLUMNS
from services.complaints.notices.tables import NoticeRow
from shared.directory_schema import STAFF
from shared.statement import Statement, given

BELOW_EVERY_ID: Final = UUID(int=0)
_NOTICES = Statement(
    select(*COLUMNS, STAFF.c.name.label("to_name"), col(EntryRow.words))
    .join(EntryRow, col(EntryRow.id) == col(NoticeRow.entry_id))
    .outerjoin(STAFF, STAFF.c.id == col(NoticeRow.to_id))
    .where(col(NoticeRow.complaint_id) == given("case_id"), col(NoticeRow.id) > given("after"))
    .order_by(col(NoticeRow.id))
    .limit(given("most"))
)


async def read_notices(
    context: Context, case_id: UUID, after: UUID | None, most: int, *, viewer: UUID | None
) -> list[ReadNotice]:
    """The notices about a case in the order in which they were issued.

    Raises ComplaintNotFound where the case is not the viewer's to see.
    """
    await read_case(context, case_id, viewer=viewer)
    rows = await _NOTICES.all(context.database, case_id=case_id, after=after or BELOW_EVERY_ID, most=most)
    return [unsealed(context, **row) for row in rows]


def unsealed(context: Context, *, to_name: str | None, words: bytes, **fields: Any) -> ReadNotice:
    """The notice with its words in the open."""
    notice = Notice(**fields)
    return ReadNotice(notice, to_name, context.words.open(words, notice.entry_id.bytes).decode())
