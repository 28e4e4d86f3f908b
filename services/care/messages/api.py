"""Routes of messages."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.care.context import InContext
from services.care.messages import queries
from services.care.messages.domain import MessageState, Purpose
from services.care.messages.queries import MessageFilters
from shared.auth.visibility import viewer
from shared.http.paging import DEFAULT_LIMIT, Cursor, Limit, Page
from shared.http.routing import Caller, router

routes = router("/care/v1", "messages")


class MessageOut(BaseModel):
    """A message: to whom, why, by which channel, and what became of it. The address is masked."""

    id: UUID
    customer_id: UUID | None
    staff_id: UUID | None
    occasion: str
    template: str
    purpose: Purpose
    channel: str | None
    address: str | None
    state: MessageState
    reason: str | None
    attempts: int
    planned_at: datetime
    next_at: datetime | None
    sent_at: datetime | None
    provider: str | None


@routes.get("/messages")
async def list_messages(
    context: InContext,
    caller: Caller,
    customer_id: UUID | None = None,
    staff_id: UUID | None = None,
    state: MessageState | None = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[MessageOut]:
    """Messages of every state with the reason, the newest first: also refused and held ones."""
    filters = MessageFilters(customer_id=customer_id, staff_id=staff_id, state=state)
    await queries.check_visible(context.database, filters, viewer=viewer(caller))
    bound = asdict(filters)
    after = context.cursors.read(cursor, bound)
    rows = await queries.list_messages(context.database, filters, UUID(after[0]) if after else None, limit + 1)
    items, following = context.cursors.page(rows, limit, bound, lambda row: (row.id,))
    return Page(items=[MessageOut.model_validate(row, from_attributes=True) for row in items], next=following)
