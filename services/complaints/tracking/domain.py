"""The complainant's key to a case: its id and a keyed hash of it, so none is stored (decision 19)."""

import base64
import binascii
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias
from uuid import UUID

from shared.contracts.complaints import CaseKind
from shared.errors import DomainError, ErrorKind

HASH_BYTES: Final = 16
LONGEST_WORDS: Final = 4_000
"""Characters that a complainant adds at once."""

Digest: TypeAlias = Callable[[bytes], bytes]
"""A keyed hash."""


class TrackingEnded(DomainError):
    """The case has been closed for so long that its token is good no longer (decision 19)."""

    kind = ErrorKind.GONE
    slug = "tracking-ended"
    title = "This link has ended"


@dataclass(frozen=True, slots=True)
class TrackedCase:
    """A case as its complainant sees it. `next_deadline` is when an answer is due or, after it, the resolution."""

    number: str
    kind: CaseKind
    subject: str
    state: str
    round: int
    recorded_at: datetime
    answer_due_at: datetime | None
    overdue: bool
    answered_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    next_deadline: datetime | None
    may_judge: bool
    wish: str | None
    paused: bool
    question: str | None
    """What they are asked while the clock stands."""


def check_not_over(closed_at: datetime | None, now: datetime, days: int) -> None:
    """Raises TrackingEnded so many days after the closing."""
    if closed_at is not None and now >= closed_at + timedelta(days=days):
        raise TrackingEnded(f"the case was closed more than {days} days ago; call the complaint line")


def token_of(id_: UUID, digest: Digest) -> str:
    return base64.urlsafe_b64encode(id_.bytes + digest(id_.bytes)[:HASH_BYTES]).decode().rstrip("=")


def id_in(token: str, digest: Digest) -> UUID | None:
    """The case that a token belongs to; None for any token not given here."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        id_ = UUID(bytes=raw[:16])
    except (binascii.Error, ValueError):
        return None
    return id_ if hmac.compare_digest(raw[16:], digest(id_.bytes)[:HASH_BYTES]) else None
