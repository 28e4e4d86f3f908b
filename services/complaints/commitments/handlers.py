"""Promises: made, kept, withdrawn, put right, and broken at their moment."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.complaints.cases.queries import require_seen
from services.complaints.commitments import domain, events, queries, store
from services.complaints.commitments.domain import (
    Commitment,
    CommitmentCode,
    CommitmentCorrection,
    CommitmentNotFound,
    CommitmentState,
    Confirmation,
    NewCommitment,
    OwnCommitment,
    PromiseOfAnother,
    UnknownCommitmentCode,
)
from services.complaints.context import Context
from services.complaints.customers import queries as customer_refs
from services.complaints.customers import store as customers
from shared import audit, directory
from shared.auth.principal import Principal
from shared.auth.visibility import SEE_EVERY_CUSTOMER, viewer
from shared.bus import outbox
from shared.db import Connection
from shared.errors import Forbidden
from shared.ids import new_id
from shared.references import UnknownCustomer, UnknownStaff
from shared.versions import check_version


async def make(context: Context, new: NewCommitment, caller: Principal) -> Commitment:
    """Records what was promised.

    Raises ComplaintNotFound, UnknownCustomer, UnknownStaff, UnknownCommitmentCode, PromiseOfAnother, PromiseBeforeCase,
    CommitmentTime.
    """
    if new.complaint_id is not None:
        await require_seen(context, new.complaint_id, viewer=viewer(caller))
    async with context.database.transaction() as transaction:
        now = context.clock.now()
        await _check_named(transaction, new, caller)
        made = _made(context, new, caller.id, now)
        domain.check_times(made.made_at, made.due_at, now, await _recorded_at(transaction, new))
        await store.add(transaction, context.words, made, new.what)
        await outbox.append(transaction, [events.made(made, now)])
    return made


async def _check_named(transaction: Connection, new: NewCommitment, caller: Principal) -> None:
    """Whether customer, colleague and code are known; without a case the customer is one whom the caller sees."""
    seen = viewer(caller) if new.complaint_id is None else None
    known = await customers.hold_known(transaction, new.customer_id) is not None
    if not known or (seen is not None and not await customer_refs.on_team(transaction, new.customer_id, seen)):
        raise UnknownCustomer("no customer with this id has been heard of", pointer="#/customer_id")
    by = new.made_by or caller.id
    if by not in await directory.staff(transaction, [by]):
        raise UnknownStaff("name the colleague who promised it", pointer="#/made_by")
    if not await store.usable(transaction, new.code):
        raise UnknownCommitmentCode("give a code that is in use: see commitment-codes", pointer="#/code")


async def _recorded_at(transaction: Connection, new: NewCommitment) -> datetime | None:
    """When the promise's case was recorded; None without one."""
    if new.complaint_id is None:
        return None
    found = await store.case_of(transaction, new.complaint_id)
    if found is None or found[0] != new.customer_id:
        raise PromiseOfAnother("name the customer of the case", pointer="#/customer_id")
    return found[1]


def _made(context: Context, new: NewCommitment, by: UUID, now: datetime) -> Commitment:
    return Commitment(
        id=new_id(),
        version=1,
        customer_id=new.customer_id,
        complaint_id=new.complaint_id,
        touch_id=new.touch_id,
        code=new.code,
        staff_id=new.made_by or by,
        made_at=new.made_at or now,
        due_at=domain.due_at(new.due, context.zone),
        outside_rules=new.outside_rules,
        cost=new.cost,
        state=CommitmentState.OPEN,
        recorded_at=now,
        recorded_by=by,
        fulfilled_at=None,
        ended_at=None,
        ended_by=None,
        confirmation=Confirmation.ASKED if new.outside_rules else None,
    )


async def keep(context: Context, id_: UUID, at: datetime | None, caller: Principal) -> Commitment:
    """What was promised was done, now unless a moment is given. Broken is what is late by the clock, whoever noticed.

    Raises CommitmentNotFound, CommitmentEnded, CommitmentTime, OwnCommitment.
    """
    await queries.read(context, id_, viewer=viewer(caller))
    async with context.database.transaction() as transaction:
        before = await held(transaction, id_)
        now = context.clock.now()
        standing = before.as_of(now)
        after = standing.kept(at or now, caller.id, now)
        told = [events.broken(standing, now)] if standing is not before else []
        await store.save(transaction, [after])
        await audit.enter(transaction, caller.id, "commitment.kept", id_)
        await outbox.append(transaction, [*told, events.kept(after, at or now, now)])
    return after


async def withdraw(context: Context, id_: UUID, reason: str, caller: Principal) -> Commitment:
    """The customer agreed that it need not be kept.

    Raises CommitmentNotFound, CommitmentEnded, ConfirmationSaid, Forbidden.
    """
    await queries.read(context, id_, viewer=viewer(caller))
    async with context.database.transaction() as transaction:
        before = await held(transaction, id_)
        await _check_may_withdraw(transaction, before, caller)
        now = context.clock.now()
        after = before.as_of(now).withdrawn(caller.id, now)
        await store.save_with_reason(transaction, context.words, after, reason)
        await audit.enter(transaction, caller.id, "commitment.withdrawn", id_)
        await outbox.append(transaction, [events.withdrawn(after, now)])
    return after


async def _check_may_withdraw(transaction: Connection, commitment: Commitment, caller: Principal) -> None:
    if caller.has(*SEE_EVERY_CUSTOMER):
        return
    if commitment.staff_id not in await directory.subordinates(transaction, caller.id):
        raise Forbidden("it is withdrawn by who promised it, who stands above them, or customer service")


async def correct(
    context: Context, id_: UUID, correction: CommitmentCorrection, reason: str, *, by: UUID
) -> Commitment:
    """Puts right what was entered wrongly; the promise is judged by it anew.

    Raises CommitmentNotFound, OwnCommitment, CommitmentEnded, CommitmentTime, ConfirmationSaid, FaultOpened,
    PromiseBeforeCase, UnknownCommitmentCode, UnknownStaff.
    """
    async with context.database.transaction() as transaction:
        before = await held(transaction, id_)
        if by == before.staff_id:
            raise OwnCommitment("a colleague corrects what was entered of it")
        if correction.staff_id and correction.staff_id not in await directory.staff(transaction, [correction.staff_id]):
            raise UnknownStaff("name the colleague who promised it", pointer="#/made_by")
        if correction.code is not None and not await store.usable(transaction, correction.code):
            raise UnknownCommitmentCode("give a code that is in use: see commitment-codes", pointer="#/code")
        now = context.clock.now()
        standing = before.as_of(now)
        after = standing.corrected(correction, by, now)
        domain.check_times(after.made_at, after.due_at, now, await _case_recorded_at(transaction, after))
        after = replace(after, version=before.version + 1)
        await store.save_with_reason(transaction, context.words, after, reason)
        await audit.enter(transaction, by, "commitment.corrected", id_)
        told = [events.corrected(before, after, now)]
        if after.state is CommitmentState.BROKEN and before.state is not CommitmentState.BROKEN:
            told.append(events.broken(after, now))
        await outbox.append(transaction, told)
    return after


async def follow(
    transaction: Connection,
    context: Context,
    before: Commitment,
    *,
    customer_id: UUID | None = None,
    staff_id: UUID | None = None,
    reason: str,
    by: UUID,
) -> None:
    """A held promise goes to the customer to whom its case was moved, or to the colleague whose the fault is; `reason`
    and `by` are those of the case's correction."""
    after = before.following(customer_id=customer_id, staff_id=staff_id)
    if after is not before:
        await store.save_with_reason(transaction, context.words, after, reason)
        await audit.enter(transaction, by, "commitment.corrected", after.id)
        await outbox.append(transaction, [events.corrected(before, after, context.clock.now())])


async def _case_recorded_at(transaction: Connection, commitment: Commitment) -> datetime | None:
    if commitment.complaint_id is None:
        return None
    found = await store.case_of(transaction, commitment.complaint_id)
    return found[1] if found is not None else None


async def held(transaction: Connection, id_: UUID) -> Commitment:
    """The promise, held until the transaction ends. Raises CommitmentNotFound."""
    found = await store.lock(transaction, id_)
    if found is None:
        raise CommitmentNotFound("no promise has this id")
    return found


async def break_due(context: Context) -> int:
    """Notices a batch of promises whose time is over: each once, with its own moment; returns how many."""
    async with context.database.transaction() as transaction:
        now = context.clock.now()
        broken = [each.as_of(now) for each in await store.lock_due(transaction, now)]
        if broken:
            await store.save(transaction, broken)
            await outbox.append(transaction, [events.broken(each, now) for each in broken])
    return len(broken)


async def keep_code(context: Context, code: CommitmentCode, *, expected_version: int | None) -> None:
    """Adds a code, renames one that was read, or takes it out of use; promises that have it keep it.

    Raises Stale, PreconditionRequired.
    """
    async with context.database.transaction() as transaction:
        if (before := await store.lock_code(transaction, code.code)) is not None:
            check_version(before.version, expected_version)
        await store.keep_code(transaction, code)
