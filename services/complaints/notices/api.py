"""Routes of the notices about a case."""

from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.complaints.cases.api.standing import CaseId, ColleagueOut
from services.complaints.cases.domain import ComplaintNotFound, TimeNotAllowed, WrongState
from services.complaints.context import Context
from services.complaints.notices import handlers, queries
from services.complaints.notices.domain import NewNotice, NotAddressed, Notice, NoticeNotFound, ReadNotice
from shared.auth.visibility import viewer
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Moment, Prose
from shared.http.paging import Order, Page, Paging
from shared.http.routing import Caller, router
from shared.references import UnknownStaff

routes = router("/complaints/v1", "notices")

IN_ORDER: Order[ReadNotice, UUID] = Order(lambda read: (read.notice.id,), UUID)


class NoticeIn(BaseModel):
    """A notice to be issued."""

    model_config = ConfigDict(extra="forbid")

    to: UUID
    demand: Annotated[Prose, Field(description="what is demanded, 1 to 10,000 characters")]
    deadline: Annotated[Moment, Field(description="until when: a moment ahead, by 366 days at most")]


class NoticeOut(BaseModel):
    """A notice as it stands; its words are in the list."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    number: Annotated[str, Field(examples=["N20261104-000012"])]
    round: int
    to_id: UUID
    deadline: datetime
    issued_at: datetime
    issued_by: UUID
    acknowledged_at: datetime | None
    acknowledged_by: UUID | None
    superseded_at: datetime | None


class ReadNoticeOut(NoticeOut):
    """A notice with what it demands."""

    to: ColleagueOut
    demand: str


@routes.post("/complaints/{id}/notice", status_code=201)
@raises(ComplaintNotFound, TimeNotAllowed, UnknownStaff, WrongState)
async def issue_notice(id: CaseId, body: NoticeIn, context: Injected[Context], caller: Caller) -> NoticeOut:
    """A numbered notice to whom the case is against: from now on a late answer is told in their line.

    A notice that stands is superseded by it.
    """
    new = NewNotice(body.to, body.demand, body.deadline)
    return NoticeOut.model_validate(await handlers.issue(context, id, new, caller.id))


@routes.post("/complaints/{id}/notice/acknowledge")
@raises(ComplaintNotFound, NotAddressed, NoticeNotFound, WrongState)
async def acknowledge_notice(id: CaseId, context: Injected[Context], caller: Caller) -> NoticeOut:
    """Whom the standing notice is addressed to says that they have read it; said again it changes nothing."""
    return NoticeOut.model_validate(await handlers.acknowledge(context, id, caller.id, viewer=viewer(caller)))


@routes.get("/complaints/{id}/notices")
@raises(ComplaintNotFound)
async def list_notices(id: CaseId, context: Injected[Context], caller: Caller, paging: Paging) -> Page[ReadNoticeOut]:
    """Every notice about a case with its words, in order; one stands, the others are superseded."""
    read = partial(queries.read_notices, context, id, viewer=viewer(caller))
    return await paging.page(IN_ORDER, {"complaint_id": id}, read, _out)


def _out(read: ReadNotice) -> ReadNoticeOut:
    notice: Notice = read.notice
    return ReadNoticeOut(
        **NoticeOut.model_validate(notice).model_dump(),
        to=ColleagueOut(id=notice.to_id, name=read.to_name),
        demand=read.demand,
    )
