"""What customers publishes of erasures (domain 2.1, decision 29): ids alone; who was erased stands nowhere any more."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from shared.contracts.base import Fact
from shared.contracts.customers import FACTS

ErasedKind = Literal["customer", "owner", "contact", "complainant"]
"""Who was erased: a customer who is a person, an owner of stores, somebody of a store, a complainant."""


class PersonErased(Fact):
    """A person is erased: whoever keeps anything of theirs removes it. Business figures stay."""

    TYPE: ClassVar[str] = "crm.person.erased"
    TOPIC: ClassVar[str] = FACTS
    erasure_id: UUID
    person_id: UUID
    """The customer, the owner, the person of a store, or the case of the complainant."""
    kind: ErasedKind
    customer_id: UUID | None = None
    """Who they are among the customers; None where they are none."""
    merged_ids: list[UUID] = Field(default_factory=list)
    """Customers who were merged into them: the same person under older ids, erased with them."""
    at: datetime

    def partition_key(self) -> UUID:
        """Its own: nothing that is parked of the person keeps it waiting."""
        return self.erasure_id
