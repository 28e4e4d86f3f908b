"""Routes of messages."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.care.accounts import store as accounts
from services.care.consent.domain.choices import Purpose
from services.care.consent.handlers import check_sees
from services.care.context import Context, InContext
from services.care.delivery.domain.gate import State
from services.care.delivery.handlers import sending as handlers
from shared.auth.principal import Principal
from shared.auth.visibility import SEE_EVERY_CUSTOMER
from shared.errors import NotFound
from shared.http.paging import DEFAULT_LIMIT, Cursor, Limit, Page
from shared.http.routing import Caller, router

routes = router("/care/v1", "messages")


class MessageAnswer(BaseModel):
    """A message: to whom, why, by which channel, and what became of it. The address is masked."""

    id: UUID
    customer_id: UUID | None
    staff_id: UUID | None
    occasion: str
    template: str
    purpose: Purpose
    channel: str | None
    address: str | None
    state: State
    reason: str | None
    attempts: int
    planned_at: datetime
    next_at: datetime | None
    sent_at: datetime | None
    provider: str | None


async def _check_may_ask(context: Context, caller: Principal, customer_id: UUID | None, staff_id: UUID | None) -> None:
    """Who sees every customer sees all; others their own customers' messages, and the notices to themselves."""
    if caller.has(*SEE_EVERY_CUSTOMER) or staff_id == caller.id:
        return
    account = await accounts.find(context.database, customer_id) if customer_id else None
    if account is None:
        raise NotFound("ask for the messages of one of your customers, or of yourself")
    await check_sees(context.database, account, caller)


@routes.get("/messages")
async def list_messages(
    context: InContext,
    caller: Caller,
    customer_id: UUID | None = None,
    staff_id: UUID | None = None,
    state: State | None = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[MessageAnswer]:
    """Messages of every state with the reason, the newest first: also refused and held ones."""
    await _check_may_ask(context, caller, customer_id, staff_id)
    bound = {"customer_id": customer_id, "staff_id": staff_id, "state": state}
    after = context.cursors.read(cursor, bound)
    rows = await handlers.list_messages(
        context,
        customer_id=customer_id,
        staff_id=staff_id,
        state=state,
        before=UUID(after[0]) if after else None,
        most=limit + 1,
    )
    items, following = context.cursors.page(rows, limit, bound, lambda row: (row.id,))
    return Page(items=[MessageAnswer.model_validate(row, from_attributes=True) for row in items], next=following)
