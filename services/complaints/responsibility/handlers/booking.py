"""Booking what was decided: when the time to appeal ends, once, also after a kill."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from services.complaints.context import Context
from services.complaints.ledger import store as ledger
from services.complaints.ledger.domain import Booking, NewBooking
from services.complaints.responsibility import events
from services.complaints.responsibility.domain import deciding as domain
from services.complaints.responsibility.domain.deciding import Entry
from services.complaints.responsibility.domain.penalties import Penalty, changed
from services.complaints.responsibility.domain.shares import Belonging, PayerShare
from services.complaints.responsibility.store import entries, shares
from services.complaints.responsibility.store import penalties as store
from shared.bus import outbox
from shared.db import Connection
from shared.ids import new_id

AT_ONCE: Final = 500
"""Penalties of one transaction."""
NOWHERE: Final = Belonging(None, None, "")


async def book_due(context: Context) -> int:
    """Books the penalties whose time to appeal has ended, the oldest first; returns how many.

    Those that somebody holds are left for the next turn: perhaps they are being appealed in the last moment.
    """
    async with context.database.transaction() as transaction:
        due = await store.hold_due(transaction, context.clock.now(), AT_ONCE)
        await book(transaction, context, due)
    return len(due)


async def book(transaction: Connection, context: Context, penalties: Sequence[Penalty]) -> None:
    """Books held penalties that were decided: a booking for each who pays, in the month in which it falls due."""
    if not penalties:
        return
    now = context.clock.now()
    paid = await shares.of_penalties(transaction, [each.id for each in penalties])
    people = await shares.belonging(transaction, {share.staff_id for of_one in paid.values() for share in of_one})
    wanted = [
        _entry(each, share, people.get(share.staff_id, NOWHERE))
        for each in penalties
        for share in paid[each.id]
        if share.amount
    ]
    by_penalty: dict[UUID, list[Booking]] = {}
    for booking in await ledger.book(transaction, wanted, now, context.zone):
        by_penalty.setdefault(booking.basis_id, []).append(booking)
    after = changed(penalties, [domain.booked(each, now) for each in penalties])
    await store.keep(transaction, after)
    await entries.add(transaction, context.words, [_happened(each, now) for each in after])
    await outbox.append(transaction, [events.booked(each, by_penalty.get(each.id, []), now) for each in after])


def _entry(penalty: Penalty, share: PayerShare, where: Belonging) -> NewBooking:
    """What one person pays: into the fund whose scheme the penalty is by, else into the company's account."""
    return NewBooking(
        kind="penalty",
        account="company" if penalty.fund_id is None else "department",
        department_id=penalty.fund_id,
        person_id=share.staff_id,
        person_department_id=where.department_id,
        supervisor_id=where.supervisor_id,
        amount=share.amount,
        basis_type="penalty",
        basis_id=penalty.id,
        due_at=domain.due(penalty),
    )


def _happened(penalty: Penalty, now: datetime) -> Entry:
    return Entry(new_id(), penalty.id, "booked", now, None, penalty.amount, None)
