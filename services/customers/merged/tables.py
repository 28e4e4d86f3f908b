"""Merges, and what came with them: rows that moved, and rows that were set aside."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, text
from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import jsonb


class MergeRow(CustomersTable, table=True):
    """That a customer was merged into another one. `external_no` is the number by which the merged one was known.

    `words`, a reason, and `brought`, what of the profile was filled in at the kept one, are sealed. `moved` says what
    had come, and how many of each, once it was taken back.
    """

    __tablename__ = "customer_merge"
    __table_args__ = (
        Index("customer_merge_standing", "merged_id", unique=True, postgresql_where=text("unmerged_at IS NULL")),
        Index(
            "customer_merge_number",
            "external_no",
            unique=True,
            postgresql_where=text("unmerged_at IS NULL AND external_no IS NOT NULL"),
        ),
        Index("customer_merge_into", "into_id", "id"),
        Index("customer_merge_merged", "merged_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    merged_id: UUID
    into_id: UUID
    merged_at: datetime
    merged_by: UUID
    unmerged_at: datetime | None
    unmerged_by: UUID | None
    external_no: str | None
    words: bytes | None
    brought: bytes
    moved: dict[str, int] | None = jsonb()


class MovedRow(CustomersTable, table=True):
    """A row that came from a merged customer, by the table in which it stands and its id."""

    __tablename__ = "customer_merge_moved"
    __table_args__ = (Index("customer_merge_moved_row", "row_id"),)

    merge_id: UUID = Field(primary_key=True, foreign_key="customer_merge.id")
    place: str = Field(primary_key=True)
    row_id: UUID = Field(primary_key=True)


class AsideRow(CustomersTable, table=True):
    """A row of a merged customer's that stands once per customer, as it was; `copied`: the kept one has it now."""

    __tablename__ = "customer_merge_aside"
    __table_args__ = (
        Index("customer_merge_aside_of", "merge_id", "place"),
        Index(
            "customer_merge_aside_other",
            text("(content ->> 'other_id')"),
            postgresql_where=text("place = 'archive_change'"),
        ),
    )

    id: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    merge_id: UUID = Field(sa_column=Column(ForeignKey("customer_merge.id"), nullable=False))
    place: str
    content: dict[str, Any] = jsonb()
    copied: bool
