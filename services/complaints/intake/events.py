"""What is published of a case that is recorded."""

from typing import Final

from services.complaints.intake.domain import NewCase
from shared.contracts.complaints import ComplaintOpened

_ONLY_THE_DATABASE_KNOWS: Final = {"number", "tier", "responsible_id", "accountable_id", "answer_due_at"}


def opened_fact(case: NewCase) -> str:
    """The JSON of complaint.opened up to what only the database knows; without its closing brace."""
    opened = ComplaintOpened(
        complaint_id=case.id,
        customer_id=case.customer_id,
        at=case.recorded_at,
        number="",
        kind=case.kind,
        subject=case.subject,
        against_type=case.against_type,
        against_id=case.against_id,
        channel=case.channel,
        taken_over=case.taken_over,
        accepted_by=case.accepted_by,
        touch_id=case.touch_id,
        first_reply=case.has_first_reply,
    )
    return opened.model_dump_json(exclude=_ONLY_THE_DATABASE_KNOWS)[:-1]
