"""Taking money out of a fund: asked for, agreed to, put back. The fund is held before anything of it is looked at."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.complaints.context import Context
from services.complaints.funds import domain, events, store
from services.complaints.funds.domain import (
    Count,
    Fund,
    FundNotFound,
    FundPolicy,
    FundWithdrawalNotFound,
    Vote,
    Withdrawal,
    WithdrawalState,
)
from services.complaints.ledger import store as ledger
from services.complaints.ledger.domain import NewBooking
from services.complaints.policies.store import in_force
from shared import audit
from shared.auth.principal import Principal
from shared.bus import outbox
from shared.bus.event import Event
from shared.db import Connection
from shared.ids import new_id


async def ask(context: Context, department_id: UUID, amount: Decimal, purpose: str, caller: Principal) -> Withdrawal:
    """Asks for money of a fund, CNY: it is set aside until the staff have agreed or not.

    Raises FundNotFound, NotOfDepartment, FundExceeded.
    """
    async with context.database.transaction() as transaction:
        known, manager = await store.manager(transaction, department_id)
        if not known:
            raise FundNotFound("the directory lists no such department")
        domain.check_asker(caller, await store.staff(transaction, department_id), manager)
        await store.hold(transaction, department_id)
        (await store.read(transaction, department_id)).check(amount)
        now = context.clock.now()
        policy = await in_force(transaction, "funds", now)
        share = FundPolicy.kept(policy.version, policy.definition).share
        asked = Withdrawal(new_id(), 0, department_id, amount, WithdrawalState.ASKED, caller.id, now, share)
        await store.add(transaction, context.words, asked, purpose)
    return asked


async def agree(context: Context, department_id: UUID, id_: UUID, *, agree: bool, caller: Principal) -> Withdrawal:
    """Says whether somebody of the department agrees; the money is taken out when enough do and the fund still has it.

    Raises FundWithdrawalNotFound, NotOfDepartment, FundWithdrawalEnded, AgreedBefore, FundExceeded.
    """
    async with context.database.transaction() as transaction:
        before = await _held(transaction, department_id, id_)
        staff = await store.staff(transaction, department_id)
        votes = (await store.votes_of(transaction, [id_]))[id_]
        domain.check_voter(before, votes, staff, caller.id)
        now = context.clock.now()
        vote = Vote(caller.id, agree, now)
        await store.say(transaction, id_, vote)
        after = domain.counted(before, Count.of([*votes, vote], staff), caller.id, now)
        if after.state is WithdrawalState.GRANTED:
            await _check_there(transaction, after)
        await _settle(transaction, context, after, now)
    return after


async def on_staff_listed(context: Context, transaction: Connection, _: Sequence[Event]) -> None:
    """Reaction to directory.staff, once the directory is kept: who has left or moved counts on neither side, so what
    nobody need say anything about any longer is settled. What the fund no longer has stays asked for."""
    now = context.clock.now()
    for department_id in await store.asked(transaction):
        await store.hold(transaction, department_id)
        staff = await store.staff(transaction, department_id)
        waiting = await store.waiting(transaction, department_id)
        votes = await store.votes_of(transaction, [each.id for each in waiting])
        for before in waiting:
            after = domain.counted(before, Count.of(votes[before.id], staff), None, now)
            if after.state is not WithdrawalState.GRANTED or await _is_there(transaction, after):
                await _settle(transaction, context, after, now)


async def _settle(transaction: Connection, context: Context, after: Withdrawal, now: datetime) -> None:
    """Keeps a withdrawal as it has become; what is granted is booked and told."""
    await store.save(transaction, after)
    if after.state is WithdrawalState.GRANTED:
        booked = await ledger.book(transaction, [_entry(after)], now, context.zone)
        await outbox.append(transaction, [events.taken_out(after, booked, now)])


async def _check_there(transaction: Connection, wanted: Withdrawal) -> None:
    """Raises FundExceeded where the fund no longer has it."""
    balance = (await store.read(transaction, wanted.department_id)).balance
    Fund(wanted.department_id, balance, Decimal("0.00")).check(wanted.amount)


async def _is_there(transaction: Connection, wanted: Withdrawal) -> bool:
    return (await store.read(transaction, wanted.department_id)).balance >= wanted.amount


async def cancel(context: Context, department_id: UUID, id_: UUID, caller: Principal) -> Withdrawal:
    """Takes back what was asked for; by somebody else than who asked it stands in the audit.

    Raises FundWithdrawalNotFound, Forbidden, FundWithdrawalEnded.
    """
    async with context.database.transaction() as transaction:
        before = await _held(transaction, department_id, id_)
        after = domain.cancelled(before, caller, context.clock.now())
        await store.save(transaction, after)
        if caller.id != before.asked_by:
            await audit.enter(transaction, caller.id, "fund_withdrawal.cancelled", id_)
    return after


async def put_back(context: Context, department_id: UUID, id_: UUID, reason: str, caller: Principal) -> Withdrawal:
    """Books back what was not taken out after all, in the month that is open now; it stands in the audit.

    Raises FundWithdrawalNotFound, FundWithdrawalNotGranted.
    """
    async with context.database.transaction() as transaction:
        before = await _held(transaction, department_id, id_)
        now = context.clock.now()
        after = domain.put_back(before, caller.id, now)
        await store.save_with_reason(transaction, context.words, after, reason)
        await audit.enter(transaction, caller.id, "fund_withdrawal.reversed", id_)
        taken = (await ledger.of_bases(transaction, [id_]))[id_]
        booked = await ledger.book(transaction, [each.reversal() for each in taken], now, context.zone)
        await outbox.append(transaction, [events.put_back(after, booked, now)])
    return after


async def _held(transaction: Connection, department_id: UUID, id_: UUID) -> Withdrawal:
    """A withdrawal whose fund is held. Raises FundWithdrawalNotFound."""
    if await store.one(transaction, department_id, id_) is not None:
        await store.hold(transaction, department_id)
        found = await store.one(transaction, department_id, id_)
        if found is not None:
            return found
    raise FundWithdrawalNotFound("nothing of this fund was asked for under this id")


def _entry(withdrawal: Withdrawal) -> NewBooking:
    return NewBooking(
        kind="fund_withdrawal",
        account="department",
        department_id=withdrawal.department_id,
        amount=-withdrawal.amount,
        basis_type="withdrawal",
        basis_id=withdrawal.id,
    )
