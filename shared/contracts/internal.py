"""What complaints publishes of internal cases, beside what every case tells."""

from typing import ClassVar
from uuid import UUID

from shared.contracts.base import CaseFact


class ComplaintFaultNoticed(CaseFact):
    """A notice of fault went out with an internal case: a promise outside the rules did not hold."""

    TYPE: ClassVar[str] = "crm.complaint.fault_noticed"
    number: str
    """Of the notice of fault."""
    to_id: UUID
    """Who promised it."""
    commitment_id: UUID
