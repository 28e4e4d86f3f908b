"""Reading a notice for paper."""

from uuid import UUID

from services.complaints.cases.queries import read_case, words_of
from services.complaints.company import store as company_store
from services.complaints.context import Context
from services.complaints.faults import queries as faults
from services.complaints.notice_papers.domain import Frame, fault_sheet_of, sheet_of
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
    frame = await _frame(context, case_id, language, viewer=viewer)
    notices = await read_notices(context, case_id, None, MOST, viewer=viewer)
    found = next((each for each in notices if each.notice.id == notice_id), None)
    if found is None:
        raise NoticeNotFound("no notice about this case has this id")
    return sheet_of(found, frame)


async def read_fault_sheet(
    context: Context, internal_id: UUID, language: Language, *, viewer: UUID | None, viewer_of_money: UUID | None
) -> LetterSheet:
    """The notice of fault of an internal case as it is set. Raises ComplaintNotFound, FaultNoticeNotFound."""
    found = await faults.read(context, internal_id, viewer=viewer, viewer_of_money=viewer_of_money)
    return fault_sheet_of(found, await _frame(context, internal_id, language, viewer=viewer))


async def _frame(context: Context, case_id: UUID, language: Language, *, viewer: UUID | None) -> Frame:
    case, _ = await read_case(context, case_id, viewer=viewer)
    head = head_of(context, await company_store.read(context.database), language)
    return Frame(case["number"], words_of(context, case_id, case).text, head, context.zone, language)
