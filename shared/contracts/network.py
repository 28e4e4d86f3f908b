"""What customers publishes of franchise contracts and of their ending (domain 2.2); nothing here is of a person."""

from datetime import date, datetime
from typing import ClassVar, Literal, TypeAlias
from uuid import UUID

from shared.contracts.base import Fact
from shared.contracts.customers import FACTS

EndingStep: TypeAlias = Literal["confirm", "approve", "letter", "aftercare"]
"""In their order: the customer gives up the right of their own will, the company approves, a joint letter of the
brand's department and administration goes out, what is owed afterwards is planned."""


class ContractFact(Fact):
    """Something about a contract of a customer; `at` is when it happened."""

    TOPIC: ClassVar[str] = FACTS
    customer_id: UUID
    contract_id: UUID
    brand_id: UUID
    region_id: UUID
    at: datetime


class ContractSigned(ContractFact):
    """A contract was signed: it holds from the one day until before the other. `renews` is the contract of the same
    customer and brand that it follows, whose term runs out, or has run out, by itself."""

    TYPE: ClassVar[str] = "crm.contract.signed"
    starts_on: date
    ends_on: date | None = None
    renews: UUID | None = None


class ContractCorrected(ContractFact):
    """What was entered wrongly of a contract was put right: it as it stands."""

    TYPE: ClassVar[str] = "crm.contract.corrected"
    starts_on: date
    ends_on: date | None = None


class ContractWithdrawn(ContractFact):
    """A contract was entered by mistake: there never was one."""

    TYPE: ClassVar[str] = "crm.contract.withdrawn"


class ContractEndingStepDone(ContractFact):
    """A step of the ending of a contract was done; from `approve` on it is settled that it ends on that day, with
    `aftercare` begins what is owed afterwards."""

    TYPE: ClassVar[str] = "crm.contract.ending_step_done"
    step: EndingStep
    ends_on: date


class ContractEnded(ContractFact):
    """A contract holds no more from this day of the company on: it was ended by the procedure, or its term is over.

    `renewed`: the same customer has signed another contract of the same brand, which holds beyond that day."""

    TYPE: ClassVar[str] = "crm.contract.ended"
    ends_on: date
    by_procedure: bool = False
    renewed: bool = False


class ContractKeptOn(ContractFact):
    """The ending of a contract was called off before it was approved."""

    TYPE: ClassVar[str] = "crm.contract.kept_on"
