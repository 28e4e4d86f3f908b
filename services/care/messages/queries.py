"""Messages as people read them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.care.accounts import queries as account_queries
from services.care.accounts import store as accounts
from services.care.messages.domain import MessagesNotFound, MessageState
from shared.db import Database

_LIST = """
SELECT id, customer_id, staff_id, occasion, template, purpose, channel, address, state, reason, attempts, planned_at,
       next_at, sent_at, provider
FROM message
WHERE ($1::uuid IS NULL OR customer_id = $1) AND ($2::uuid IS NULL OR staff_id = $2)
  AND ($3::text IS NULL OR state = $3) AND ($4::uuid IS NULL OR id < $4)
ORDER BY id DESC LIMIT $5
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFilters:
    """Which messages are asked for."""

    customer_id: UUID | None = None
    staff_id: UUID | None = None
    state: MessageState | None = None


@dataclass(frozen=True, slots=True)
class MessageDetails:
    """A message as people see it; `address` is masked."""

    id: UUID
    customer_id: UUID | None
    staff_id: UUID | None
    occasion: str
    template: str
    purpose: str
    channel: str | None
    address: str | None
    state: str
    reason: str | None
    attempts: int
    planned_at: datetime
    next_at: datetime | None
    sent_at: datetime | None
    provider: str | None


async def check_visible(database: Database, filters: MessageFilters, *, viewer: UUID | None) -> None:
    """Who sees every customer sees all messages; others their own customers' and the notices to themselves.

    Raises MessagesNotFound or CustomerNotFound.
    """
    if viewer is None or filters.staff_id == viewer:
        return
    account = await accounts.find(database, filters.customer_id) if filters.customer_id else None
    if account is None:
        raise MessagesNotFound("ask for the messages of one of your customers, or of yourself")
    await account_queries.check_visible(database, account, viewer=viewer)


async def list_messages(
    database: Database, filters: MessageFilters, before: UUID | None, most: int
) -> list[MessageDetails]:
    """Messages of every state, the newest first."""
    rows = await database.fetch(_LIST, filters.customer_id, filters.staff_id, filters.state, before, most)
    return [MessageDetails(**row) for row in rows]
