"""What complaints publishes of settling a case: what was given, and the word on a solution."""

from typing import ClassVar, Literal
from uuid import UUID

from shared.contracts.base import CaseFact
from shared.money import Money

CompensationKind = Literal["compensation", "goodwill", "goods", "gift", "gesture", "other"]


class CompensationGranted(CaseFact):
    """Something is given to the complainant beyond the answer, at what it costs, CNY."""

    TYPE: ClassVar[str] = "crm.compensation.granted"
    compensation_id: UUID
    kind: CompensationKind
    cost: Money


class CompensationWithdrawn(CaseFact):
    """What was granted was entered wrongly, or is not given after all."""

    TYPE: ClassVar[str] = "crm.compensation.withdrawn"
    compensation_id: UUID
    kind: CompensationKind
    cost: Money


class ComplaintSolutionDecided(CaseFact):
    """Another person than its author approved a solution, or refused it: then it is proposed anew."""

    TYPE: ClassVar[str] = "crm.complaint.solution_decided"
    approved: bool
