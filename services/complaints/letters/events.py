"""What is published of letters."""

from datetime import datetime
from uuid import UUID

from services.complaints.letters.domain.letters import Letter
from shared.bus.event import Event
from shared.contracts.letters import ComplaintFirstReply, ComplaintUnreached, ReplyChannel, UnreachedReason
from shared.ids import new_id


def first_reply(
    complaint_id: UUID, customer_id: UUID | None, channel: ReplyChannel, at: datetime, staff_id: UUID | None = None
) -> Event:
    """The complainant has a first reply: sent by a provider, or read by somebody. It happens once, by itself."""
    fact = ComplaintFirstReply(
        complaint_id=complaint_id, customer_id=customer_id, at=at, channel=channel, staff_id=staff_id
    )
    return Event.of(fact, aggregate_id=new_id(), version=1, at=at)


def unreached(letter: Letter, reason: UnreachedReason, staff_id: UUID | None, at: datetime) -> Event:
    """The complainant does not have it, and will not unless somebody calls them. It happens once, by itself."""
    fact = ComplaintUnreached(
        complaint_id=letter.complaint_id,
        customer_id=letter.customer_id,
        at=at,
        number=letter.number,
        reason=reason,
        staff_id=staff_id,
        question_id=letter.question_id,
    )
    return Event.of(fact, aggregate_id=new_id(), version=1, at=at)
