"""What complaints writes to complainants itself (decision 20): the first reply, at once and by their channel; and what
they are asked while the clock stands.

A first reply says that the case was heard, its number, until when there will be an answer, and the complaint line. It
is automatic and never counts as the answer (domain 3.2). Quiet hours do not hold it: a complainant waits (decision 24).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeAlias
from uuid import UUID

from shared.contracts.letters import ReplyChannel, UnreachedReason
from shared.errors import Conflict, NotFound
from shared.phones import is_mobile
from shared.reachable import Reachable

FIRST_REPLY: Final = "first_reply"
"""Occasion of the first one; the next one, to whom a correction names, is `first_reply:` and a number."""
QUESTION: Final = "question"
"""Occasion `question:` and the id of the entry that asks: once for each pause."""
QUESTION_SENT: Final = "question_sent"
UNREACHED: Final = "unreached"
"""What the history calls it when it was sent, or reaches nobody."""
_PREFERENCE: Final[tuple[ReplyChannel, ...]] = ("sms", "email", "phone")


class LetterNotFound(NotFound):
    slug = "no-first-reply"
    title = "This case has no first reply"


class NothingToRead(Conflict):
    slug = "nothing-to-read"
    title = "The first reply is no script"


class LetterState(StrEnum):
    """`planned` and `held` (until a contact is known) wait, `to_read` is a script; `sent`, `read` and `refused` are
    final, and so is `failed` unless somebody calls and reads it."""

    PLANNED = "planned"
    HELD = "held"
    SENDING = "sending"
    SENT = "sent"
    TO_READ = "to_read"
    READ = "read"
    FAILED = "failed"
    REFUSED = "refused"


TO_BE_READ: Final = (LetterState.TO_READ, LetterState.FAILED)
"""A script, and what no provider took: whoever calls the complainant reads it out."""


ERASED: Final = "erased"
"""Why a letter to a person who was erased does not go any more; and why nothing is kept of one that just goes."""


class Reason(StrEnum):
    """Why a letter waits or was refused."""

    NO_CONTACT = "no_contact"
    NO_ADDRESS = "no_address"
    ANSWERED = "answered"
    EXPIRED = "expired"
    HOLE = "template_hole"


@dataclass(frozen=True, slots=True, repr=False)
class Recipient:
    """Where a complainant is reached, per channel, and in which language; personal, so it does not print itself."""

    sms: str | None = None
    email: str | None = None
    phone: str | None = None
    language: str = "zh-CN"

    @classmethod
    def given(cls, contact: str, language: str) -> "Recipient":
        """Of the contact that was given with the case: an e-mail address, or a phone number in E.164."""
        if "@" in contact:
            return cls(email=contact, language=language)
        return cls(sms=contact if is_mobile(contact) else None, phone=contact, language=language)

    @classmethod
    def customer(cls, contact: Reachable, language: str | None) -> "Recipient":
        """Of a customer's own contact."""
        addresses = contact.addresses
        return cls(addresses.get("sms"), addresses.get("email"), contact.phone, language or contact.language)

    def way(self, wished: ReplyChannel | None) -> tuple[ReplyChannel, str] | None:
        """By which channel to which address first."""
        return next(iter(self.ways(wished)), None)

    def ways(self, wished: ReplyChannel | None) -> list[tuple[ReplyChannel, str]]:
        """By which channels to which addresses, in this order: as wished where that can be, SMS, e-mail, phone."""
        order = dict.fromkeys((wished, *_PREFERENCE) if wished else _PREFERENCE)
        return [(channel, address) for channel in order if (address := getattr(self, channel))]


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that waits, with how its case stands: `due_at` is when an answer is due.

    `question_id` is the entry that asks, of a letter that is no first reply. `is_open` says whether it is still to be
    heard: nobody has answered the case, or the clock stands for the question.
    """

    id: UUID
    complaint_id: UUID
    occasion: str
    attempts: int
    expires_at: datetime
    number: str
    kind: str
    customer_id: UUID | None
    is_open: bool
    due_at: datetime
    round: int = 1
    tracking_generation: int = 0
    question_id: UUID | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Send:
    """To be handed to a provider now, or to be read out by somebody."""

    channel: ReplyChannel
    address: str
    language: str
    otherwise: Sequence[tuple[ReplyChannel, str]] = ()
    """Where it goes when no provider ever takes it to that address."""


@dataclass(frozen=True, slots=True)
class Wait:
    """To be judged again at `until`, or as soon as a contact is known."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Refuse:
    """Never to be sent."""

    reason: Reason


LetterVerdict: TypeAlias = Send | Wait | Refuse


def judge(letter: Letter, recipient: Recipient | None, wished: ReplyChannel | None, now: datetime) -> LetterVerdict:
    """What becomes of a letter now; `recipient` is None while no contact is known.

    Once somebody has answered, or should have, it says nothing any more. A question is never a script: whom no message
    reaches the handler calls.
    """
    if not letter.is_open:
        return Refuse(Reason.ANSWERED)
    if now >= letter.expires_at:
        return Refuse(Reason.NO_CONTACT if recipient is None else Reason.EXPIRED)
    if recipient is None:
        return Wait(letter.expires_at) if letter.customer_id is not None else Refuse(Reason.NO_CONTACT)
    ways = [way for way in recipient.ways(wished) if way[0] != "phone" or letter.question_id is None]
    if not ways:
        return Refuse(Reason.NO_ADDRESS)
    return Send(*ways[0], recipient.language, [way for way in ways[1:] if way[0] != "phone"])


@dataclass(frozen=True, slots=True)
class LetterOutcome:
    """What became of a letter; `next_at` is set when it is judged or tried again."""

    letter: Letter
    state: LetterState
    reason: str | None = None
    next_at: datetime | None = None
    channel: ReplyChannel | None = None
    language: str | None = None
    provider: str | None = None
    reference: str | None = None


NEVER: Final[Mapping[str, UnreachedReason]] = {
    Reason.NO_CONTACT: "no_contact",
    Reason.NO_ADDRESS: "no_address",
    Reason.EXPIRED: "expired",
}


def unreached(outcome: LetterOutcome) -> UnreachedReason | None:
    """Why it never reaches the complainant; None where it has, may yet, or need not any more."""
    if outcome.state is LetterState.FAILED:
        return "failed"
    if outcome.state is LetterState.REFUSED:
        return NEVER.get(outcome.reason or "")
    return None


@dataclass(frozen=True, slots=True)
class LetterDetails:
    """A letter as people see it: with its state and its reason, never with an address."""

    id: UUID
    occasion: str
    channel: str | None
    language: str | None
    state: str
    reason: str | None
    attempts: int
    planned_at: datetime
    next_at: datetime | None
    sent_at: datetime | None
    provider: str | None
    read_at: datetime | None
    read_by: UUID | None
    number: str
    kind: str
    due_at: datetime
