"""Epochs of a log: a service that is restored from a backup forgets events that others have seen, and begins a new one.

The epoch stands in the upper part of the sequence, so no sequence is ever given twice, and a reader that goes on by
sequence takes what comes next. Versions of aggregates do repeat: they are compared within an epoch.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select

from shared.errors import DomainError, ErrorKind
from shared.kernel_schema import LOG_EPOCH, RELAY
from shared.statement import Reader, Statement, given

BITS = 36
"""Of a sequence's number within its epoch: 68 thousand million. With an epoch by the hour a sequence stays below 2**53,
which every reader of JSON can take, until 2040."""
_FIRST_HOUR = datetime(2026, 1, 1, tzinfo=UTC)


class LogRestored(DomainError):
    kind = ErrorKind.GONE
    slug = "log-restored"
    title = "The log was restored from a backup and no longer has this place"


@dataclass(frozen=True, slots=True)
class _Reach:
    last_sequence: int
    goes_on_after: int | None
    """Where the log went on that was restored next after the epoch asked about."""


_REACH = Statement(
    select(
        RELAY.c.last_sequence,
        select(LOG_EPOCH.c.goes_on_after)
        .where(LOG_EPOCH.c.epoch > given("epoch"))
        .order_by(LOG_EPOCH.c.epoch)
        .limit(1)
        .scalar_subquery()
        .label("goes_on_after"),
    ),
    _Reach,
)


def epoch_of(sequence: int) -> int:
    """The epoch in which a sequence was given."""
    return sequence >> BITS


def beginning_of(epoch: int) -> int:
    """What stands before the first sequence of an epoch."""
    return epoch << BITS


def next_epoch(known: int, now: datetime) -> int:
    """Above every epoch that is known, and by the hour, because a lost database can no longer be asked for its last."""
    return max(known + 1, int((now - _FIRST_HOUR).total_seconds()) // 3_600)


async def check_place(reader: Reader, after: int) -> None:
    """Raises LogRestored for a reader who has seen what this log has forgotten (or never had)."""
    reach = await _REACH.one(reader, epoch=epoch_of(after))
    if reach is None:
        return
    known = reach.last_sequence if reach.goes_on_after is None else reach.goes_on_after
    of_another_log = reach.goes_on_after is not None or epoch_of(after) > epoch_of(reach.last_sequence)
    if of_another_log and after > known:
        raise LogRestored(
            f"the log was restored and what you have seen after {known} is no longer in it: undo that or look at the"
            f" present state, and go on with after={known}"
        )
