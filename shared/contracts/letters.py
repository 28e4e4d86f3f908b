"""What complaints publishes of what it writes to complainants, or has read to them."""

from typing import ClassVar, Literal
from uuid import UUID

from shared.contracts.base import CaseFact

ReplyChannel = Literal["sms", "email", "phone"]
UnreachedReason = Literal["no_contact", "no_address", "expired", "failed"]
"""Why a first reply, or a reply, reaches nobody: no contact, none that takes it, its time over, none took it."""


class ComplaintFirstReply(CaseFact):
    """The complainant was told at once that they were heard: by a message, or by `staff_id` who read it to them."""

    TYPE: ClassVar[str] = "crm.complaint.first_reply"
    channel: ReplyChannel
    staff_id: UUID | None = None


class ComplaintUnreached(CaseFact):
    """The first reply, or a question, never reaches the complainant: somebody is to call them. Once for each."""

    TYPE: ClassVar[str] = "crm.complaint.unreached"
    number: str
    reason: UnreachedReason
    staff_id: UUID | None = None
    """Who is told: the handler, else the customer-service manager; None where there is neither."""
    question_id: UUID | None = None
    """The entry of the history that asks; None: it was the first reply."""


class ComplaintReplyUnreached(CaseFact):
    """A reply in the company's name never reaches the complainant: somebody is to read or post it. Once per reply."""

    TYPE: ClassVar[str] = "crm.complaint.reply_unreached"
    number: str
    reply_id: UUID
    reason: UnreachedReason
    staff_id: UUID
    """Who wrote it, and is told."""
