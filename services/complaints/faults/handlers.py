"""Opening an internal case about a promise outside the rules, and deciding what it costs who made it."""

from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from services.complaints.cases.domain import Case, Said, Words
from services.complaints.cases.store.holding import lock
from services.complaints.commitments.domain import Commitment
from services.complaints.commitments.store import what_of
from services.complaints.context import Context
from services.complaints.customers import store as customers
from services.complaints.faults import domain, events, store
from services.complaints.faults.domain import FaultCost, FaultNotice, FaultNoticeNotFound, NoFaultCost
from services.complaints.history import handlers as history
from services.complaints.history.domain import changed
from services.complaints.history.handlers import Movement
from services.complaints.intake.domain import NewCase
from services.complaints.intake.handlers import record_within
from services.complaints.internal_cases import store as internal_cases
from services.complaints.internal_cases.domain import PROMISES, InternalCase
from services.complaints.ledger import store as ledger
from services.complaints.ledger.domain import NewBooking
from services.complaints.links.handlers import relate
from services.complaints.responsibility.domain.shares import Belonging
from services.complaints.responsibility.store import bench
from services.complaints.responsibility.store.shares import belonging
from shared import audit
from shared.auth.principal import Principal
from shared.bus import outbox
from shared.db import Connection
from shared.ids import new_id

NOWHERE: Final = Belonging(None, None, "")


async def open_case(transaction: Connection, context: Context, commitment: Commitment, *, by: UUID) -> UUID:
    """Opens the internal case of a held promise, against who made it, with a notice of fault; returns its id.

    It is linked with the promise and, where it was given in one, with that case. `by` is who brought it about. Whose
    customer is gone it is nobody's: what it costs is settled all the same.
    """
    now = context.clock.now()
    customer_id = await customers.known(transaction, commitment.customer_id)
    case = _case(commitment, customer_id, await what_of(transaction, context.words, commitment.id), by, now)
    await record_within(transaction, context, case)
    internal = InternalCase(complaint_id=case.id, type="fault", commitment_id=commitment.id)
    await internal_cases.add(transaction, internal)
    opened = await lock(transaction, case.id)
    serial = await store.next_serial(transaction)
    notice = FaultNotice(
        internal_id=case.id,
        number=domain.notice_number(now, context.zone, serial),
        commitment_id=commitment.id,
        complaint_id=commitment.complaint_id,
        to_id=commitment.staff_id,
        issued_at=now,
    )
    await store.add_notice(transaction, notice)
    fact = events.noticed(opened, notice)
    changes = changed(fault_notice=(None, notice.number))
    movement = Movement(opened, "fault_noticed", Said(None, None, by), now, [fact], changes=changes)
    opened = await history.keep(transaction, context, movement)
    if commitment.complaint_id is not None:
        await relate(transaction, context, await lock(transaction, commitment.complaint_id), opened, by=by)
    return case.id


def _case(commitment: Commitment, customer_id: UUID | None, what: str, by: UUID, now: datetime) -> NewCase:
    return NewCase(
        id=new_id(),
        customer_id=customer_id,
        kind="internal",
        subject=PROMISES,
        channel="internal",
        against_type="person",
        against_id=commitment.staff_id,
        words=Words(text=what, wish=None, complainant=None, against=None),
        purchase_id=None,
        happened_at=commitment.made_at,
        recorded_at=now,
        registered_at=now,
        recorded_by=by,
    )


async def decide_cost(
    context: Context, internal_id: UUID, amount: Decimal, reason: str, caller: Principal
) -> FaultCost:
    """Decides what a fault costs, CNY, and books all of it on who promised. Once for an internal case.

    Raises FaultNoticeNotFound, OwnFault, Forbidden, FaultNotUpheld, FaultCostStands.
    """
    async with context.database.transaction() as transaction:
        case, notice = await _held(transaction, internal_id)
        where = (await belonging(transaction, [notice.to_id])).get(notice.to_id, NOWHERE)
        domain.check_decider(notice, caller, where.role, await bench.read(transaction))
        domain.check_upheld(case)
        domain.check_none_stands(await store.costs_of(transaction, context.words, internal_id))
        now = context.clock.now()
        entry = NewBooking(
            kind="fault_cost",
            person_id=notice.to_id,
            person_department_id=where.department_id,
            supervisor_id=where.supervisor_id,
            amount=amount,
            basis_type="internal",
            basis_id=internal_id,
        )
        notice = notice.moved()
        await audit.enter(transaction, caller.id, "fault_cost.decided", internal_id)
        [booking] = await ledger.book(transaction, [entry], now, context.zone)
        cost = FaultCost(new_id(), internal_id, amount, now, caller.id, booking.id, notice.to_id, reason)
        await store.add_cost(transaction, context.words, cost)
        await store.move(transaction, notice)
        await outbox.append(transaction, [events.booked(notice, [booking], now)])
    return cost


async def reverse_cost(context: Context, internal_id: UUID, reason: str, caller: Principal) -> FaultCost:
    """Takes back what was decided, once, by a booking against it in the month that is open now.

    Raises FaultNoticeNotFound, OwnFault, Forbidden, NoFaultCost.
    """
    async with context.database.transaction() as transaction:
        _, notice = await _held(transaction, internal_id)
        where = (await belonging(transaction, [notice.to_id])).get(notice.to_id, NOWHERE)
        domain.check_decider(notice, caller, where.role, await bench.read(transaction))
        standing = domain.standing(await store.costs_of(transaction, context.words, internal_id))
        if standing is None:
            raise NoFaultCost("nothing was decided, or it was taken back already")
        return await _reverse(transaction, context, notice, standing, reason, by=caller.id)


async def reverse_judged_away(transaction: Connection, context: Context, case: Case, reason: str, *, by: UUID) -> None:
    """Takes back what stands of a fault whose case, held here, was judged not valid or malicious: nobody pays for it
    (domain 3.6). The judgement's reason is the reversal's, and who judged has taken it back. Books: every other lock
    comes before."""
    standing = domain.standing(await store.costs_of(transaction, context.words, case.id))
    notice = await store.notice_of(transaction, case.id) if standing is not None else None
    if standing is not None and notice is not None and case.judged_away:
        await _reverse(transaction, context, notice, standing, reason, by=by)


async def issue_anew(
    transaction: Connection, context: Context, case: Case, to_id: UUID, reason: str, *, by: UUID
) -> Case:
    """The notice of fault of a held case whose fault turned out to be somebody else's: withdrawn, issued anew to them,
    and what was booked is booked back; the correction's reason is the reversal's. Books: every other lock comes before.

    Returns the case in its latest version.
    """
    before = await store.notice_of(transaction, case.id)
    if before is None or before.to_id == to_id:
        return case
    now = context.clock.now()
    number = domain.notice_number(now, context.zone, await store.next_serial(transaction))
    notice = before.issued_anew(number, to_id, now)
    await store.reissue(transaction, notice)
    await audit.enter(transaction, by, "fault_notice.issued_anew", case.id)
    fact = events.noticed(case, notice, instead_of=before.number)
    changes = changed(fault_notice=(before.number, notice.number))
    movement = Movement(case, "fault_noticed", Said(None, None, by), max(now, case.moved_at), [fact], changes=changes)
    case = await history.keep(transaction, context, movement)
    standing = domain.standing(await store.costs_of(transaction, context.words, case.id))
    if standing is not None:
        await _reverse(transaction, context, notice, standing, reason, by=by)
    return case


async def _reverse(
    transaction: Connection, context: Context, notice: FaultNotice, standing: FaultCost, reason: str, *, by: UUID
) -> FaultCost:
    """Books against a cost that stands, in the month that is open now, and says so; the case is held."""
    now = context.clock.now()
    cost, notice = standing.reversed(now, by, reason), notice.moved()
    await store.reverse(transaction, context.words, cost)
    await store.move(transaction, notice)
    await audit.enter(transaction, by, "fault_cost.reversed", notice.internal_id)
    booked = (await ledger.of_bases(transaction, [notice.internal_id]))[notice.internal_id]
    before = next(each for each in booked if each.id == standing.booking_id)
    bookings = await ledger.book(transaction, [before.reversal()], now, context.zone)
    await outbox.append(transaction, [events.booked(notice, bookings, now)])
    return cost


async def _held(transaction: Connection, internal_id: UUID) -> tuple[Case, FaultNotice]:
    """The internal case, held, and its notice of fault. Raises FaultNoticeNotFound."""
    notice = await store.notice_of(transaction, internal_id)
    if notice is None:
        raise FaultNoticeNotFound("no internal case about a promise has this id")
    case = await lock(transaction, internal_id)
    present = await store.notice_of(transaction, internal_id)
    return case, present or notice
