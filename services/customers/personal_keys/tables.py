"""Keys of persons (architecture 5): destroying the row makes unreadable whatever was sealed under it."""

from uuid import UUID

from sqlmodel import Field

from services.customers.registry import CustomersTable


class PersonalKeyRow(CustomersTable, table=True):
    """The data key of a person, wrapped by the master key with the id `sealed_by`."""

    __tablename__ = "personal_key"

    subject_id: UUID = Field(primary_key=True)
    sealed_by: str
    wrapped: bytes
