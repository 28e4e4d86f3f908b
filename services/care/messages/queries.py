"""Messages as people read them."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, func, or_, select
from sqlmodel import col

from services.care.accounts import queries as accounts
from services.care.messages.domain import MessagesNotFound, MessageState
from services.care.messages.tables import MessageRow
from shared import aliases
from shared.db import Database
from shared.statement import Statement, given, if_given, table


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


_WHOSE: Any = given("customers", ARRAY(Uuid))
_LIST = Statement(
    select(*(table(MessageRow).c[field.name] for field in fields(MessageDetails)))
    .where(
        *(if_given(table(MessageRow).c[name]) for name in ("staff_id", "state")),
        or_(_WHOSE.is_(None), col(MessageRow.customer_id) == func.any(_WHOSE)),
        or_(given("before", Uuid).is_(None), col(MessageRow.id) < given("before")),
    )
    .order_by(col(MessageRow.id).desc())
    .limit(given("most")),
    MessageDetails,
)


async def check_visible(database: Database, filters: MessageFilters, *, viewer: UUID | None) -> None:
    """Who sees every customer sees all messages; others their own customers' and the notices to themselves.

    Raises MessagesNotFound or CustomerNotFound.
    """
    if viewer is None or filters.staff_id == viewer:
        return
    if filters.customer_id is None:
        raise MessagesNotFound("ask for the messages of one of your customers, or of yourself")
    await accounts.check_visible(database, filters.customer_id, viewer=viewer)


async def list_messages(
    database: Database, filters: MessageFilters, before: UUID | None, most: int
) -> list[MessageDetails]:
    """Messages of every state, the newest first."""
    given_ = asdict(filters)
    customer_id = given_.pop("customer_id")
    whose = await aliases.asked_for(database, customer_id)
    return await _LIST.all(database, **given_, customers=whose, before=before, most=most)
