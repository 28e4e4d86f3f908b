"""Reading a notice for paper."""

from uuid import UUID

from services.complaints.cases.queries import read_case
from services.complaints.company import store as company_store
from services.complaints.context import Context
from services.complaints.notice_papers.domain import sheet_of
from services.complaints.notices.domain import NoticeNotFound
from services.complaints.notices.queries import read_notices
from services.complaints.printing.queries import head_of
from shared.languages import Language
from shared.paper.sheet import LetterSheet

MOST = 500
"""Notices about one case that are looked through."""


async def read_sheet(
    context: Context, case_id: UUID, notice_id: UUID, language: Language, *, viewer: UUID | None
) -> LetterSheet:
    """A notice of a case as it is set. Raises ComplaintNotFound, NoticeNotFound."""
    case, _ = await read_case(context, case_id, viewer=viewer)
    notices = await read_notices(context, case_id, None, MOST, viewer=viewer)
    found = next((each for each in notices if each.notice.id == notice_id), None)
    if found is None:
        raise NoticeNotFound("no notice about this case has this id")
    head = head_of(context, await company_store.read(context.database), language)
    return sheet_of(found, case["number"], head, context.zone, language)
