"""The route of a notice on paper."""

from typing import Annotated
from uuid import UUID

from fastapi import Header, Path, Query
from starlette.responses import Response

from services.complaints.cases.api.standing import CaseId
from services.complaints.cases.domain import ComplaintNotFound
from services.complaints.context import Context
from services.complaints.faults.domain import FaultNoticeNotFound
from services.complaints.internal_cases.api import InternalId
from services.complaints.notice_papers import queries
from services.complaints.notices.domain import NoticeNotFound
from shared.auth.visibility import viewer, viewer_of_money
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.documents import PDF, answers, document
from shared.http.routing import Caller, router
from shared.languages import Language, language_of
from shared.paper.sheet import NotTypeset
from shared.paper.typesetting import typeset

routes = router("/complaints/v1", "notices")

Accepted = Annotated[str | None, Header(alias="Accept-Language", description="the language; Chinese unless said")]


@routes.get("/complaints/{id}/notices/{notice_id}/pdf", response_class=Response, responses=answers(PDF))
@raises(ComplaintNotFound, NotTypeset, NoticeNotFound)
async def read_notice_pdf(
    id: CaseId,
    notice_id: Annotated[UUID, Path(description="the notice's id")],
    context: Injected[Context],
    caller: Caller,
    accepted: Accepted = None,
    language: Annotated[
        Language | None, Query(description="the language of all but what people wrote, before Accept-Language")
    ] = None,
) -> Response:
    """A notice as PDF for paper, in the company's layout: the case and what happened, what is demanded until when, with
    a line for its receipt."""
    sheet = await queries.read_sheet(context, id, notice_id, language or _spoken(accepted), viewer=viewer(caller))
    return document(await typeset([sheet]), PDF, f"{sheet.number}.pdf")


@routes.get("/internal/{id}/fault/pdf", response_class=Response, responses=answers(PDF))
@raises(ComplaintNotFound, FaultNoticeNotFound, NotTypeset)
async def read_fault_pdf(
    id: InternalId, context: Injected[Context], caller: Caller, accepted: Accepted = None
) -> Response:
    """The notice of fault of an internal case as PDF for paper: what was promised, with a line for its receipt, and
    what it costs for whom that is shown."""
    money = viewer_of_money(caller)
    language = _spoken(accepted)
    sheet = await queries.read_fault_sheet(context, id, language, viewer=viewer(caller), viewer_of_money=money)
    return document(await typeset([sheet]), PDF, f"{sheet.number}.pdf")


def _spoken(accepted: str | None) -> Language:
    """The language that is asked for; Chinese where none is."""
    return language_of(accepted) if accepted is not None else "zh-CN"
