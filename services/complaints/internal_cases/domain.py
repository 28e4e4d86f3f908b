"""Internal cases (内部投诉单): what departments say of each other, and promises that did not hold (domain 3.6).

A department objects to another's process, or finds a customer badly served or ignored by it. Administration accepts
such a case, and it runs through the same steps by the same clocks as any other.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal, TypeAlias
from uuid import UUID

from services.complaints.cases.domain import NothingToCorrect, Words
from shared.errors import Conflict, Invalid, NotFound

InternalType: TypeAlias = Literal["process", "service", "fault", "diversion", "price_breaking", "other"]
"""An objection to another department's process, a customer badly served or ignored, a fault, a store that sells outside
its region (窜货) or below the price (乱价), anything else."""
TRADE: Final[tuple[InternalType, ...]] = ("diversion", "price_breaking")
"""Against a store, with evidence and a measure by contract (domain 3.6)."""
FoundIn: TypeAlias = Literal["work", "records", "call", "visit", "market", "other"]
"""Where it was found: in daily work, in the records of service, in a call, in a visit, in the market."""
Accused: TypeAlias = Literal["department", "person"]
PROMISES: Final = "promise"
"""The subject of a fault, by the table of subjects."""


class InternalNotFound(NotFound):
    """There is none with this id, or none among those whom the caller sees."""

    slug = "internal-not-found"
    title = "There is no such internal case"


class NotAStore(Invalid):
    slug = "not-a-store"
    title = "This customer is not a store"


class NotOfThisType(Conflict):
    slug = "not-of-this-type"
    title = "This case cannot be about that"


class EvidenceMissing(Conflict):
    slug = "evidence-missing"
    title = "There is no evidence"


class AgainstOneself(Invalid):
    slug = "against-oneself"
    title = "An internal case is against somebody else"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInternal:
    """What somebody says of another department, of somebody in it, or of a store; `customer_id` is who was badly
    served, or that store, `region_id` where its goods were found."""

    type: InternalType
    against_type: Accused | Literal["store"]
    against_id: UUID
    customer_id: UUID | None
    subject: str
    found_in: FoundIn
    words: Words
    touch_id: UUID | None
    happened_at: datetime | None
    region_id: UUID | None = None

    def check_against(self, by: UUID, department_id: UUID | None) -> None:
        """Raises AgainstOneself for the caller, and for the caller's own department."""
        if self.against_id in (by, department_id):
            raise AgainstOneself("name a colleague, or a department that is not one's own", pointer="#/against/id")


@dataclass(frozen=True, slots=True, kw_only=True)
class InternalCase:
    """What an internal case is about; everything else stands in the case itself, which has the same id.

    `department_id` is whose objection it is, `commitment_id` the promise of a fault.
    """

    complaint_id: UUID
    type: InternalType
    department_id: UUID | None = None
    found_in: FoundIn | None = None
    region_id: UUID | None = None
    commitment_id: UUID | None = None

    def corrected(self, correction: "InternalCorrection", *, against_store: bool) -> "InternalCase":
        """With what is right. A fault stays one and nothing becomes one; diversion and price breaking are against a
        store, and have a region. Raises NotOfThisType, NothingToCorrect."""
        after = replace(
            self,
            type=correction.type or self.type,
            found_in=correction.found_in or self.found_in,
            region_id=correction.region_id or self.region_id,
        )
        if after == self:
            raise NothingToCorrect("give a type, a region, or where it was found, other than the case has")
        if "fault" in (self.type, after.type) and self.type != after.type:
            raise NotOfThisType("a fault is what a promise that did not hold makes it")
        if (after.type in TRADE) != against_store or (after.region_id is None) == against_store:
            raise NotOfThisType("diversion and price breaking are against a store and name a region, and no others are")
        return after


@dataclass(frozen=True, slots=True, kw_only=True)
class InternalCorrection:
    """What is right; None leaves what was entered."""

    type: InternalType | None
    found_in: FoundIn | None
    region_id: UUID | None
