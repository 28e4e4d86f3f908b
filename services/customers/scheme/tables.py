"""The scheme: its parts as every service told of them, its versions, and who has acknowledged which."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import jsonb, smallint


class PolicyToldRow(CustomersTable, table=True):
    """A version of a policy of this service that was told of; nothing takes one back, so `change` is 1."""

    __tablename__ = "policy_told"

    policy_id: UUID = Field(primary_key=True)
    change: int = smallint(primary_key=True, sa_column_kwargs={"autoincrement": False})


class SchemePartRow(CustomersTable, table=True):
    """A version of a part of the scheme, whoever owns it, as it was told."""

    __tablename__ = "scheme_part"

    policy_id: UUID = Field(primary_key=True)
    part: str
    version: int
    starts_at: datetime
    tier: str | None
    subject: str | None
    department_id: UUID | None
    withdrawn: bool


class SchemeVersionRow(CustomersTable, table=True):
    """A version of the scheme with its parts as they stood for `holds_from`; written once, and perhaps withdrawn."""

    __tablename__ = "scheme_version"

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    id: UUID = Field(unique=True)
    title: str
    holds_from: datetime
    made_at: datetime
    made_by: UUID
    parts: list[dict[str, Any]] = jsonb()
    withdrawn_at: datetime | None
    withdrawn_by: UUID | None


class AcknowledgementRow(CustomersTable, table=True):
    """That a colleague has read a version of the scheme, once."""

    __tablename__ = "scheme_acknowledgement"
    __table_args__ = (Index("scheme_acknowledgement_staff", "staff_id"),)

    scheme_version: int = Field(
        primary_key=True, foreign_key="scheme_version.version", sa_column_kwargs={"autoincrement": False}
    )
    staff_id: UUID = Field(primary_key=True, foreign_key="staff.id")
    acknowledged_at: datetime
