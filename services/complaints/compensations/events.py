"""What is given in a case, as it is published."""

from datetime import datetime
from typing import TypeVar

from services.complaints.cases.domain import Case
from services.complaints.cases.events import fact_of
from services.complaints.compensations.domain import Compensation
from shared.contracts.settlements import (
    CompensationGranted,
    CompensationWithdrawn,
    ComplaintApprovalAsked,
    ComplaintApprovalEnded,
)

F = TypeVar("F", CompensationGranted, CompensationWithdrawn)


def told(contract: type[F], case: Case, compensation: Compensation, at: datetime) -> F:
    """That something was given, or was not given after all."""
    return fact_of(contract, case, at, compensation_id=compensation.id, kind=compensation.kind, cost=compensation.cost)


def asked(case: Case, compensation: Compensation, at: datetime) -> ComplaintApprovalAsked:
    """That somebody's word is asked for."""
    return fact_of(
        ComplaintApprovalAsked,
        case,
        at,
        number=case.number,
        matter="compensation",
        approver_ids=list(compensation.by_ids or ()),
        compensation_id=compensation.id,
    )


def no_longer_asked(case: Case, compensation: Compensation, at: datetime) -> ComplaintApprovalEnded:
    """That it is not any longer: it was given, or what was asked for was taken back."""
    return fact_of(
        ComplaintApprovalEnded,
        case,
        at,
        number=case.number,
        matter="compensation",
        compensation_id=compensation.id,
    )
