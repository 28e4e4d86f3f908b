"""What was put right, as it is published."""

from datetime import datetime
from uuid import UUID

from services.complaints.cases.domain import Case
from services.complaints.cases.events import fact_of
from services.complaints.corrections.domain import Entered
from shared.contracts.complaints import ComplaintCorrected


def corrected(
    case: Case, entered: Entered, before: UUID | None, at: datetime, *, accountable_changed: bool
) -> ComplaintCorrected:
    """The case as it stands once it is put right; `before` is the customer it had."""
    return fact_of(
        ComplaintCorrected,
        case,
        at,
        number=case.number,
        kind=entered.kind,
        subject=entered.subject,
        against_type=entered.against_type,
        against_id=entered.against_id,
        from_customer_id=before,
        tier=case.tier,
        state=case.state.value,
        accountable_id=case.accountable_id,
        recorded_at=entered.recorded_at,
        answer_due_at=case.clock.due_at,
        overdue=case.clock.breached_at is not None,
        batch=entered.batch,
        accountable_changed=accountable_changed,
    )
