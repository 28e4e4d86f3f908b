"""What is published of adverse reactions and their reports."""

from datetime import datetime

from services.complaints.adverse_reactions.domain import AdverseReaction
from services.complaints.cases.domain import Case
from services.complaints.cases.events import fact_of
from shared.contracts.base import CaseFact
from shared.contracts.safety import (
    ComplaintReactionRecorded,
    ComplaintSafetyReportDue,
    ComplaintSafetyReported,
    ComplaintSafetyReportMissed,
    Severity,
)


def recorded(case: Case, severity: Severity | None, batch: str | None, at: datetime) -> ComplaintReactionRecorded:
    """That something was entered of it after the case was recorded."""
    return fact_of(ComplaintReactionRecorded, case, at, number=case.number, severity=severity, batch=batch)


def told_of(case: Case, before: AdverseReaction, after: AdverseReaction) -> CaseFact | None:
    """What is told of its report since it was as `before`: the miss, else the warning, each at its own moment."""
    if after.missed_at is not None and before.missed_at is None:
        return fact_of(
            ComplaintSafetyReportMissed,
            case,
            after.missed_at,
            number=case.number,
            severity=after.severity,
            due_at=after.report_due_at,
        )
    if after.warned_at is not None and before.warned_at is None:
        return fact_of(
            ComplaintSafetyReportDue,
            case,
            after.warned_at,
            number=case.number,
            severity=after.severity,
            percent=after.warn_percent,
            due_at=after.report_due_at,
        )
    return None


def reported(case: Case, reaction: AdverseReaction, at: datetime) -> ComplaintSafetyReported:
    """That the authority was told, and whether in time."""
    return fact_of(
        ComplaintSafetyReported,
        case,
        at,
        number=case.number,
        severity=reaction.severity,
        due_at=reaction.report_due_at,
        in_time=at < reaction.report_due_at,
    )
