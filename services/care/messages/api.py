"""Routes of messages."""

from dataclasses import asdict
from datetime import datetime
from functools import partial
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.care.context import Context
from services.care.messages import queries
from services.care.messages.domain import CONFIDENTIAL, MessagesNotFound, MessageState, Purpose
from services.care.messages.queries import MessageDetails, MessageFilters
from shared.auth.visibility import viewer
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.paging import BY_ID, Page, Paging
from shared.http.routing import Caller, router
from shared.references import CustomerNotFound

routes = router("/care/v1", "messages")


class MessageOut(BaseModel):
    """A message: to whom, why, by which channel, and what became of it. The address is masked."""

    model_config = ConfigDict(from_attributes=True)

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

    @classmethod
    def of(cls, message: MessageDetails) -> "MessageOut":
        """From which text a confidential one is made, nobody reads here."""
        shown = cls.model_validate(message)
        return shown.model_copy(update={"template": CONFIDENTIAL}) if message.occasion == CONFIDENTIAL else shown


@routes.get("/messages")
@raises(CustomerNotFound, MessagesNotFound)
async def list_messages(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    customer_id: UUID | None = None,
    staff_id: UUID | None = None,
    state: MessageState | None = None,
) -> Page[MessageOut]:
    """Messages of every state with the reason, the newest first: also refused and held ones."""
    filters = MessageFilters(customer_id=customer_id, staff_id=staff_id, state=state)
    await queries.check_visible(context.database, filters, viewer=viewer(caller))
    read = partial(queries.list_messages, context.database, filters)
    return await paging.page(BY_ID, asdict(filters), read, MessageOut.of)
