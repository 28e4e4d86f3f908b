"""Messages: one per recipient and occasion, from plan to end."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from services.care.registry import CareTable
from shared.tables import jsonb

_TO_CUSTOMER = text("customer_id IS NOT NULL")
_TO_STAFF = text("staff_id IS NOT NULL")
_NOT_GONE = text("about IS NOT NULL AND state IN ('planned', 'held', 'sending')")


class MessageRow(CareTable, table=True):
    """A message. Neither its text nor its address is stored; `variables` carry no personal data."""

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint("(customer_id IS NULL) <> (staff_id IS NULL)", name="message_one_recipient"),
        Index("message_once_customer", "customer_id", "occasion_key", unique=True, postgresql_where=_TO_CUSTOMER),
        Index("message_once_staff", "staff_id", "occasion_key", unique=True, postgresql_where=_TO_STAFF),
        Index("message_due", "next_at", postgresql_where=text("next_at IS NOT NULL")),
        Index("message_leased", "lease_until", postgresql_where=text("state = 'sending'")),
        Index("message_of_customer", "customer_id", "id"),
        Index("message_of_staff", "staff_id", "id"),
        Index("message_counted", "customer_id", "sent_at", postgresql_where=text("purpose <> 'service'")),
        Index("message_replaceable", "about", postgresql_where=_NOT_GONE),
    )

    id: UUID = Field(primary_key=True)
    customer_id: UUID | None
    staff_id: UUID | None
    occasion: str
    occasion_key: str
    template: str
    variables: dict[str, Any] = jsonb()
    purpose: str
    urgent: bool
    state: str
    reason: str | None
    channel: str | None
    address: str | None
    """Masked: enough to recognise, not enough to use."""
    attempts: int = Field(sa_column_kwargs={"server_default": "0"})
    planned_at: datetime
    expires_at: datetime
    next_at: datetime | None
    """When it is judged next; empty while it is being sent and when it has ended."""
    sent_at: datetime | None
    """When a provider took it, business time; empty unless it is sent."""
    leased_at: datetime | None
    """When a sender took it in hand last, business time."""
    lease_until: datetime | None
    """Until when its sender has it to itself, real time."""
    lease_holder: UUID | None
    provider: str | None
    reference: str | None
    about: str | None
    """What a newer message must tell of to replace this one."""
    outdated: bool = Field(sa_column_kwargs={"server_default": "false"})
    """A newer one came while this one was being sent: it is not tried again."""
