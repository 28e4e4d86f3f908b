"""What complaints publishes of what it writes to complainants, or has read to them."""

from typing import ClassVar, Literal
from uuid import UUID

from shared.contracts.base import CaseFact

ReplyChannel = Literal["sms", "email", "phone"]


class ComplaintFirstReply(CaseFact):
    """The complainant was told at once that they were heard: by a message, or by `staff_id` who read it to them."""

    TYPE: ClassVar[str] = "crm.complaint.first_reply"
    channel: ReplyChannel
    staff_id: UUID | None = None
