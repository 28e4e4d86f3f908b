"""The route of a case's history."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.complaints.cases.api.standing import CaseId
from services.complaints.context import InContext
from services.complaints.history import queries
from shared.auth.visibility import viewer
from shared.http.paging import DEFAULT_LIMIT, Cursor, Limit, Page
from shared.http.routing import Caller, router

routes = router("/complaints/v1", "history")


class HistoryEntryOut(BaseModel):
    """A movement: answered, paused, resumed, resolved, closed, reopened, a step, a satisfaction."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    round: int
    what: str
    at: datetime
    entered_at: datetime
    entered_by: UUID
    text: str | None


@routes.get("/complaints/{id}/history")
async def read_complaint_history(
    id: CaseId, context: InContext, caller: Caller, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> Page[HistoryEntryOut]:
    """Every movement of a case with what was said, in order."""
    filters = {"history": id}
    after = context.cursors.read(cursor, filters)
    since = UUID(after[0]) if after else UUID(int=0)
    entries = await queries.read_history(context, id, since, limit + 1, viewer=viewer(caller))
    items, following = context.cursors.page(entries, limit, filters, lambda entry: [entry.id])
    return Page(items=[HistoryEntryOut.model_validate(entry) for entry in items], next=following)
