"""The complainant's key to a case: its id and a keyed hash of it, so none is stored (decision 19).

When it is put right whom the case reaches, the link of before opens nothing any more: the key says of which generation
it is, and the case which one is good.
"""

import base64
import binascii
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple, TypeAlias
from uuid import UUID

from shared.contracts.complaints import CaseKind
from shared.errors import DomainError, ErrorKind

HASH_BYTES: Final = 16
_ID_BYTES, _GENERATION_BYTES = 16, 2
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
    """A case as its complainant sees it. `next_deadline` is when an answer is due or, after it, the resolution:
    None once that is past."""

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


class Key(NamedTuple):
    """What a token opens: a case, with the link of this generation."""

    id: UUID
    generation: int


def token_of(id_: UUID, digest: Digest, generation: int = 0) -> str:
    """The token of a case; of another one for each `generation`, of which only the present one is good."""
    says = _says(Key(id_, generation))
    return base64.urlsafe_b64encode(says + digest(says)[:HASH_BYTES]).decode().rstrip("=")


def key_in(token: str, digest: Digest) -> Key | None:
    """What a token opens, or did; None for any token not given here."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        says, proof = raw[:-HASH_BYTES], raw[-HASH_BYTES:]
        key = Key(UUID(bytes=says[:_ID_BYTES]), int.from_bytes(says[_ID_BYTES:][:_GENERATION_BYTES]))
    except (binascii.Error, ValueError):
        return None
    return key if says == _says(key) and hmac.compare_digest(proof, digest(says)[:HASH_BYTES]) else None


def _says(key: Key) -> bytes:
    """The first one says the id alone, as those of earlier releases do."""
    return key.id.bytes + (key.generation.to_bytes(_GENERATION_BYTES) if key.generation else b"")
