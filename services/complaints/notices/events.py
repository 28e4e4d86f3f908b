"""What is published of notices: never their words (decision 20)."""

from datetime import datetime
from uuid import UUID

from services.complaints.cases.domain import Case
from services.complaints.cases.events import fact_of
from services.complaints.notices.domain import Notice
from shared.contracts.complaints import ComplaintNoticeAcknowledged, ComplaintNoticed, ComplaintNoticeWithdrawn


def noticed(case: Case, notice: Notice, from_id: UUID | None) -> ComplaintNoticed:
    """A notice went out; `from_id` is who was accountable before."""
    return fact_of(
        ComplaintNoticed,
        case,
        notice.issued_at,
        number=notice.number,
        to_id=notice.to_id,
        deadline=notice.deadline,
        answer_due_at=case.clock.due_at,
        from_id=from_id,
    )


def withdrawn(case: Case, notice: Notice, at: datetime) -> ComplaintNoticeWithdrawn:
    """It stands no longer, and the case is against somebody else."""
    return fact_of(ComplaintNoticeWithdrawn, case, at, number=notice.number, to_id=notice.to_id)


def acknowledged(case: Case, notice: Notice, at: datetime, by: UUID) -> ComplaintNoticeAcknowledged:
    """Whom it is addressed to has read it, or who does their work has."""
    return fact_of(ComplaintNoticeAcknowledged, case, at, number=notice.number, staff_id=by)
