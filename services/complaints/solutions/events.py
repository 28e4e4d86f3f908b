"""What is published of solutions."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.complaints.cases.domain import Case
from services.complaints.cases.events import fact_of
from shared.contracts.settlements import ComplaintApprovalAsked, ComplaintApprovalEnded


def asked(case: Case, approvers: Sequence[UUID], at: datetime) -> ComplaintApprovalAsked:
    """That somebody's word is asked for."""
    return fact_of(
        ComplaintApprovalAsked, case, at, number=case.number, matter="solution", approver_ids=list(approvers)
    )


def no_longer_asked(case: Case, at: datetime) -> ComplaintApprovalEnded:
    """That it is not any longer."""
    return fact_of(ComplaintApprovalEnded, case, at, number=case.number, matter="solution")
