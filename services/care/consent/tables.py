"""Choices of customers: a sheet per customer, its present choices, and every change for ever."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index
from sqlmodel import Field

from services.care.registry import CareTable


class ConsentSheetRow(CareTable, table=True):
    """Exists once a customer has made a choice; the version counts the changes."""

    __tablename__ = "consent_sheet"

    customer_id: UUID = Field(primary_key=True)
    version: int


class ConsentRow(CareTable, table=True):
    """The present choice per channel and purpose."""

    __tablename__ = "consent"

    customer_id: UUID = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    purpose: str = Field(primary_key=True)
    granted: bool
    at: datetime
    source: str = Field(sa_column_kwargs={"server_default": ""})
    """Empty: the history says it. Of releases before; the worker empties it."""
    by: UUID | None


class ConsentHistoryRow(CareTable, table=True):
    """Every choice that was ever made; `sealed_source` holds how it was given."""

    __tablename__ = "consent_history"
    __table_args__ = (Index("consent_history_of", "customer_id", "id"),)

    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_args=[Identity(always=True)])
    customer_id: UUID
    channel: str
    purpose: str
    granted: bool
    at: datetime
    source: str = Field(sa_column_kwargs={"server_default": ""})
    """In plain text, of releases before; the worker seals it."""
    sealed_source: bytes | None
    sealed_proof: bytes | None
    """By what it can be shown, where somebody said so."""
    by: UUID | None
