"""What complaints publishes of settling a case: what was given, and the word on a solution."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from shared.contracts.base import CaseFact
from shared.money import Money

CompensationKind = Literal["compensation", "goodwill", "goods", "gift", "gesture", "other"]

ApprovalMatter = Literal["solution", "compensation"]
"""What waits for the word of another person than whose it is."""


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


class ComplaintApprovalAsked(CaseFact):
    """A solution, or what somebody wants to give, awaits the word of another person; each time it is asked for."""

    TYPE: ClassVar[str] = "crm.complaint.approval_asked"
    number: str
    matter: ApprovalMatter
    approver_ids: list[UUID] = Field(default_factory=list)
    """Whose word is asked for, any of them; nobody where the directory lists none who may."""
    compensation_id: UUID | None = None


class ComplaintApprovalEnded(CaseFact):
    """Nobody's word is awaited any longer: it was given, what was asked for was taken back, or a new round began."""

    TYPE: ClassVar[str] = "crm.complaint.approval_ended"
    number: str
    matter: ApprovalMatter
    compensation_id: UUID | None = None
