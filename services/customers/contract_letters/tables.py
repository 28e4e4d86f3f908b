"""Joint letters as they were sent."""

from uuid import UUID

from sqlmodel import Field

from services.customers.registry import CustomersTable


class ContractLetterRow(CustomersTable, table=True):
    """A letter as PDF, in one of the languages; `sealed` is null once the person is erased to whom it went."""

    __tablename__ = "contract_letter"

    contract_id: UUID = Field(primary_key=True, foreign_key="contract.id")
    language: str = Field(primary_key=True)
    sealed: bytes | None
