"""The route of the cases that repeat each other."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.complaints.cases.api.standing import CaseId
from services.complaints.cases.domain import CaseState, ComplaintNotFound
from services.complaints.context import Context
from services.complaints.repeats import queries
from shared.auth.visibility import viewer
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.paging import Page
from shared.http.routing import Caller, router

routes = router("/complaints/v1", "links")


class ListedRepeatOut(BaseModel):
    """A case about the same subject against the same party in the same calendar month (domain 3.4)."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    number: str
    state: CaseState
    recorded_at: datetime
    count: int = Field(description="the how-manieth of the month it is: 1 the first, 0 where it does not count")
    of: UUID | None = Field(description="the case before it; null for the first, and where it does not count")


@routes.get("/complaints/{id}/repeats")
@raises(ComplaintNotFound)
async def list_repeats(id: CaseId, context: Injected[Context], caller: Caller) -> Page[ListedRepeatOut]:
    """The cases that repeat each other, this one among them, in the order in which they were recorded, on one page.

    They are found by themselves, so nobody undoes them; a correction or a judgement moves a case. It may lag by
    moments.
    """
    found = await queries.list_repeats(context, id, viewer=viewer(caller))
    return Page(items=[ListedRepeatOut.model_validate(each) for each in found])
