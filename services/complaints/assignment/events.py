"""What is published when a case comes into other hands."""

from datetime import datetime

from services.complaints.cases.domain import Case
from services.complaints.cases.events import fact_of
from shared.contracts.complaints import ComplaintAssigned


def assigned(before: Case, after: Case, at: datetime) -> ComplaintAssigned:
    """That `after` is in the hands of its responsible person, from those of `before`."""
    return fact_of(
        ComplaintAssigned,
        after,
        at,
        responsible_id=after.responsible_id,
        from_id=before.responsible_id,
        number=after.number,
        answer_due_at=after.clock.due_at if after.clock.running else None,
    )
