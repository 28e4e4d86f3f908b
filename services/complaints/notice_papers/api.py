"""The route of a notice on paper."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from starlette.responses import Response

from services.complaints.cases.api.standing import CaseId
from services.complaints.cases.domain import ComplaintNotFound
from services.complaints.context import Context
from services.complaints.notice_papers import queries
from services.complaints.notices.domain import NoticeNotFound
from shared.auth.visibility import viewer
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.documents import PDF, answers, document
from shared.http.routing import Caller, router
from shared.languages import Language
from shared.paper.sheet import NotTypeset
from shared.paper.typesetting import typeset

routes = router("/complaints/v1", "notices")


@routes.get("/complaints/{id}/notices/{notice_id}/pdf", response_class=Response, responses=answers(PDF))
@raises(ComplaintNotFound, NotTypeset, NoticeNotFound)
async def read_notice_pdf(
    id: CaseId,
    notice_id: Annotated[UUID, Path(description="the notice's id")],
    context: Injected[Context],
    caller: Caller,
    language: Annotated[Language, Query(description="the language of all but what is demanded")] = "zh-CN",
) -> Response:
    """A notice as PDF for paper, in the company's layout, with a line for its receipt."""
    sheet = await queries.read_sheet(context, id, notice_id, language, viewer=viewer(caller))
    return document(await typeset([sheet]), PDF, f"{sheet.number}.pdf")
