"""What is published of reply letters."""

from datetime import datetime

from services.complaints.reply_letters.domain import DueReply
from shared.bus.event import Event
from shared.contracts.letters import ComplaintReplyUnreached, UnreachedReason


def unreached(reply: DueReply, reason: UnreachedReason, at: datetime) -> Event:
    """A reply reaches nobody unless somebody reads or posts it. It happens once, by itself."""
    fact = ComplaintReplyUnreached(
        complaint_id=reply.complaint_id,
        customer_id=reply.customer_id,
        round=reply.round,
        at=at,
        number=reply.number,
        reply_id=reply.id,
        reason=reason,
        staff_id=reply.written_by,
    )
    return Event.of(fact, aggregate_id=reply.id, version=1, at=at)
