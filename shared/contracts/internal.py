"""What complaints publishes of internal cases, beside what every case tells."""

from datetime import date
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
    instead_of: str | None = None
    """The number of the notice that was withdrawn for this one: it was somebody else's."""


class ComplaintMeasureTaken(CaseFact):
    """A measure by contract was decided against a store that sells outside its region or below the price."""

    TYPE: ClassVar[str] = "crm.complaint.measure_taken"
    measure_id: UUID
    code: str
    """By the table of measures: warning, stop of supply."""
    decided_on: date
    staff_id: UUID
    """Who decided it."""


class ComplaintMeasureWithdrawn(CaseFact):
    """A measure by contract holds no longer."""

    TYPE: ClassVar[str] = "crm.complaint.measure_withdrawn"
    measure_id: UUID
    code: str
