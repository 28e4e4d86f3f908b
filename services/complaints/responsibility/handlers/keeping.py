"""Keeping held penalties as they have become: who pays them, what happened to them, what is told of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from services.complaints.context import Context
from services.complaints.ledger import store as ledger
from services.complaints.ledger.domain import Booking
from services.complaints.responsibility import events
from services.complaints.responsibility.domain.deciding import Decision, Entry, EntryKind
from services.complaints.responsibility.domain.penalties import TAKEN_BACK, Penalty, PenaltyState
from services.complaints.responsibility.domain.sharing import Sharing
from services.complaints.responsibility.handlers.sharing import sharing_of
from services.complaints.responsibility.store import entries, shares
from services.complaints.responsibility.store import penalties as store
from shared.bus import outbox
from shared.db import Connection
from shared.ids import new_id

_SHARED_ANEW = (PenaltyState.PROPOSED, PenaltyState.DECIDED)
_WRITTEN_DOWN: Mapping[PenaltyState, EntryKind] = {
    PenaltyState.DECIDED: "decided",
    PenaltyState.WAIVED: "waived",
    PenaltyState.APPEALED: "appealed",
    PenaltyState.WITHDRAWN: "withdrawn",
    PenaltyState.REVERSED: "reversed",
}


async def keep(
    transaction: Connection,
    context: Context,
    changed: Sequence[Penalty],
    decisions: Mapping[UUID, Decision] | None = None,
    *,
    by: UUID | None = None,
    sharing: Sharing | None = None,
) -> None:
    """Writes held penalties in their next versions, and tells of them; what was booked of one that holds no longer is
    taken back.

    `decisions` say why people changed them, by penalty; `sharing` is who pays them, where the caller knows it already.
    """
    if not changed:
        return
    now = context.clock.now()
    await store.keep(transaction, changed)
    anew = [each for each in changed if each.state in _SHARED_ANEW]
    known = sharing or (await sharing_of(transaction, anew) if anew else None)
    paid = {each.id: known.shares(each) for each in anew} if known else {}
    await shares.keep(transaction, list(paid), [share for of_one in paid.values() for share in of_one])
    no_more = [each.id for each in changed if _was_decided(each)]
    paid |= await shares.of_penalties(transaction, no_more) if no_more else {}
    given = decisions or {}
    happened = [_entry(each, given.get(each.id), by, now) for each in changed if each.state in _WRITTEN_DOWN]
    await entries.add(transaction, context.words, happened)
    reversed_ = [each for each in changed if each.state is PenaltyState.REVERSED and each.booked_at is not None]
    taken_back = await _reverse(transaction, context, reversed_, now)
    told = [
        event for each in changed for event in events.of(each, now, paid.get(each.id, []), taken_back.get(each.id, []))
    ]
    await outbox.append(transaction, told)


def _was_decided(penalty: Penalty) -> bool:
    """Whether it was decided once and nobody pays it any longer: all who paid a part are told."""
    return penalty.state is PenaltyState.REVERSED or (penalty.state is PenaltyState.WAIVED and penalty.on_appeal)


def _entry(penalty: Penalty, decision: Decision | None, by: UUID | None, now: datetime) -> Entry:
    return Entry(
        id=new_id(),
        penalty_id=penalty.id,
        what=_WRITTEN_DOWN[penalty.state],
        at=now,
        by=by if decision is not None else None,
        amount=penalty.amount if penalty.state is PenaltyState.DECIDED else None,
        reason=decision.reason if decision is not None else None,
        cause=penalty.reason if penalty.state in TAKEN_BACK else None,
    )


async def _reverse(
    transaction: Connection, context: Context, penalties: Sequence[Penalty], now: datetime
) -> dict[UUID, list[Booking]]:
    """Books against what was booked of these penalties and not taken back yet."""
    if not penalties:
        return {}
    stands = await ledger.of_bases(transaction, [each.id for each in penalties])
    gone = {booking.reverses for of_one in stands.values() for booking in of_one}
    open_ = [b for of_one in stands.values() for b in of_one if b.reverses is None and b.id not in gone]
    booked = await ledger.book(transaction, [booking.reversal() for booking in open_], now, context.zone)
    found: dict[UUID, list[Booking]] = {}
    for booking in booked:
        found.setdefault(booking.basis_id, []).append(booking)
    return found
