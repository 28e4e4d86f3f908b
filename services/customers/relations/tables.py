"""Relations between people, and their kinds."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from services.customers.registry import CustomersTable


class RelationKindRow(CustomersTable, table=True):
    """What people can be to each other; one that is `mutual` holds both ways."""

    __tablename__ = "relation_kind"

    code: str = Field(primary_key=True)
    name_en: str
    name_zh: str
    mutual: bool
    active: bool


class RelationRow(CustomersTable, table=True):
    """What somebody is to somebody else; of a mutual kind `from_id` is the smaller id."""

    __tablename__ = "relation"
    __table_args__ = (
        CheckConstraint("from_id <> to_id", name="relation_of_two"),
        UniqueConstraint("from_id", "to_id", "kind", name="relation_once"),
        Index("relation_to", "to_id", "id"),
        Index("relation_from", "from_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    from_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    to_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    kind: str = Field(foreign_key="relation_kind.code")
    entered_at: datetime
    entered_by: UUID
