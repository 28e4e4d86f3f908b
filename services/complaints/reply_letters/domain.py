"""A reply letter on its way to the complainant (domain 3.5)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeAlias
from uuid import UUID

from services.complaints.letters.domain.letters import NEVER, Reason, Recipient
from services.complaints.reply_templates.domain import LetterChannel
from shared.contracts.letters import UnreachedReason
from shared.errors import Conflict, NotFound
from shared.languages import Language

_HAN: Final = ("\u4e00", "\u9fff")
GOOD_FOR: Final = timedelta(days=7)
"""So long a reply waits for a contact or a provider; whoever wrote it sees then that it did not arrive."""


class ReplyNotFound(NotFound):
    slug = "no-such-reply"
    title = "This case has no such reply"


class ReplyNotOpen(Conflict):
    slug = "reply-not-open"
    title = "This reply is not to be read or printed"


class ReplyState(StrEnum):
    """`planned`, `held` (until a contact is known) and `sending` are on their way; `to_read` waits for who reads the
    script, `to_print` for the printer; `sent`, `read` and `printed` have arrived; `failed` and `refused` have not, and
    can be read or printed instead."""

    PLANNED = "planned"
    HELD = "held"
    SENDING = "sending"
    SENT = "sent"
    TO_READ = "to_read"
    READ = "read"
    TO_PRINT = "to_print"
    PRINTED = "printed"
    FAILED = "failed"
    REFUSED = "refused"


IN_HAND: Final = (ReplyState.TO_READ, ReplyState.TO_PRINT, ReplyState.FAILED, ReplyState.REFUSED)
"""What somebody may read to the complainant, or print."""


@dataclass(frozen=True, slots=True)
class ReplyText:
    """What a reply says."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True, repr=False)
class NewReply:
    """A reply that somebody wrote; `asked` is the channel they asked for, None: whichever reaches the complainant."""

    id: UUID
    complaint_id: UUID
    round: int
    asked: LetterChannel | None
    language: Language
    text: ReplyText
    template_version: int | None
    written_at: datetime
    written_by: UUID

    @property
    def state(self) -> ReplyState:
        """A letter on paper waits for the printer, all else is judged by the sender."""
        return ReplyState.TO_PRINT if self.asked == "letter" else ReplyState.PLANNED


@dataclass(frozen=True, slots=True)
class DueReply:
    """A reply that is judged now."""

    id: UUID
    complaint_id: UUID
    round: int
    asked: Any
    language: str
    attempts: int
    expires_at: datetime
    customer_id: UUID | None
    number: str
    written_by: UUID


@dataclass(frozen=True, slots=True, repr=False)
class Go:
    """To be handed to a provider now, or to be read out by somebody."""

    channel: Any
    address: str


@dataclass(frozen=True, slots=True)
class Stay:
    """To be judged again as soon as a contact is known, or refused for good."""

    reason: Reason
    until: datetime | None


ReplyVerdict: TypeAlias = Go | Stay


def judged(reply: DueReply, recipient: Recipient | None, wished: Any, now: datetime) -> ReplyVerdict:
    """What becomes of a reply now; no `recipient`: no contact is known; `wished` is the complainant's channel."""
    if now >= reply.expires_at:
        return Stay(Reason.NO_CONTACT if recipient is None else Reason.EXPIRED, None)
    if recipient is None:
        waits = reply.customer_id is not None
        return Stay(Reason.NO_CONTACT, reply.expires_at if waits else None)
    way = recipient.way(reply.asked or wished)
    if way is None or (reply.asked is not None and way[0] != reply.asked):
        return Stay(Reason.NO_ADDRESS, None)
    return Go(*way)


@dataclass(frozen=True, slots=True)
class ReplyOutcome:
    """What became of a reply."""

    reply: DueReply
    state: ReplyState
    reason: str | None = None
    next_at: datetime | None = None
    channel: str | None = None
    provider: str | None = None
    reference: str | None = None


def unreached(outcome: ReplyOutcome) -> UnreachedReason | None:
    """Why it never reaches the complainant by itself; None where it has, or may yet."""
    if outcome.state is ReplyState.FAILED:
        return "failed"
    return NEVER.get(outcome.reason or "") if outcome.state is ReplyState.REFUSED else None


@dataclass(frozen=True, slots=True)
class ReplyDetails:
    """A reply as people see it, without its address; `sealed` is what it says."""

    id: UUID
    complaint_id: UUID
    round: int
    asked: str | None
    channel: str | None
    language: str
    state: str
    reason: str | None
    attempts: int
    sealed: bytes
    template_version: int | None
    written_at: datetime
    written_by: UUID
    next_at: datetime | None
    provider: str | None
    ended_at: datetime | None
    ended_by: UUID | None


def spoken_day(day: date, language: Language) -> str:
    """A day as a letter says it."""
    return f"{day.year}年{day.month}月{day.day}日" if language == "zh-CN" else f"{day.day} {day:%B} {day.year}"


def whole_years(since: date, today: date) -> int:
    """How many years have passed in full; who came on a 29 February has them on 1 March."""
    return max(0, today.year - since.year - ((today.month, today.day) < (since.month, since.day)))


def in_other_language(text: str, language: Language) -> bool:
    """Whether a text is not written in a language, as far as its letters tell: Chinese is, where one is Chinese."""
    chinese = any(_HAN[0] <= letter <= _HAN[1] for letter in text)
    return chinese if language == "en" else not chinese and any(letter.isalpha() for letter in text)
