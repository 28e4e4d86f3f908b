"""The route of a case's history."""

from datetime import datetime
from functools import partial
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.complaints.cases.api.standing import CaseId
from services.complaints.cases.domain import ComplaintNotFound
from services.complaints.context import Context
from services.complaints.history import queries
from shared.auth.visibility import viewer, viewer_of_money
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.paging import BY_ID, Page, Paging
from shared.http.routing import Caller, router

routes = router("/complaints/v1", "history")


class ChangeOut(BaseModel):
    """What a field was and what it became: an id, a code, a figure, true or false.

    Both are null where words were put right, such as a name or a contact: what they were stands nowhere any more.
    """

    from_: str | int | bool | None = Field(alias="from", description="what it was; null when it was nothing yet")
    to: str | int | bool | None = Field(description="what it became; null when it is nothing any longer")


class HistoryEntryOut(BaseModel):
    """A movement: opened, accepted, assigned, answered, paused, resumed, resolved, closed, reopened, judged, a step, …

    Who opened it recorded it; a pause that ends by itself, or by what the complainant adds, is resumed by nobody.
    Whoever takes the case by working on it stands in `changes` as `accepted_by`.
    What a clock told stands there as well: warned, overdue, escalated, clock_missed:accept, …; `at` is its moment,
    `entered_at` when it was noticed, and `changes` says who was told, and at which level.
    """

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    round: int
    what: str
    at: datetime
    entered_at: datetime
    entered_by: UUID | None
    text: str | None
    changes: dict[str, ChangeOut] | None = Field(description="what became of what, by field; null where nothing did")


@routes.get("/complaints/{id}/history")
@raises(ComplaintNotFound)
async def read_complaint_history(
    id: CaseId, context: Injected[Context], caller: Caller, paging: Paging
) -> Page[HistoryEntryOut]:
    """Every movement of a case with what was said, in order. Who pays by how many parts (`shares`) stands in `changes`
    for those who see these people's penalties."""
    money = viewer_of_money(caller)
    read = partial(queries.read_history, context, id, viewer=viewer(caller), viewer_of_money=money)
    return await paging.page(BY_ID, {"complaint_id": id}, read, HistoryEntryOut.model_validate)
