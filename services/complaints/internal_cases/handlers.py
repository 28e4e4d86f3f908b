"""Recording what departments say of each other."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from services.complaints.cases.domain import Said
from services.complaints.cases.store.holding import lock
from services.complaints.context import Context
from services.complaints.history import handlers as history
from services.complaints.history.domain import CORRECTED, changed
from services.complaints.history.handlers import Movement
from services.complaints.intake.domain import NewCase, check_happening
from services.complaints.intake.handlers import check_customer, check_subject, record_within
from services.complaints.internal_cases import store
from services.complaints.internal_cases.domain import (
    TRADE,
    InternalCase,
    InternalCorrection,
    InternalNotFound,
    NewInternal,
    NotAStore,
)
from shared import audit, directory
from shared.auth.principal import ADMINISTRATION, Principal
from shared.auth.visibility import viewer
from shared.bus.event import Event
from shared.contracts.complaints import ComplaintOpened
from shared.db import Connection
from shared.ids import new_id
from shared.references import UnknownDepartment, UnknownRegion, UnknownStaff

_AGAINST_ID: Final = "#/against/id"


async def record(context: Context, new: NewInternal, caller: Principal) -> UUID:
    """Records an internal case, with its clocks; whoever of administration records one has accepted it.

    Raises AgainstOneself, TimeNotAllowed, UnknownSubject, UnknownCustomer, UnknownStaff, UnknownDepartment, NotAStore,
    UnknownRegion.
    """
    await check_subject(context, new.subject)
    if new.type in TRADE:
        await _check_trade(context, new)
    else:
        await _check_accused(context, new)
        if new.customer_id is not None:
            await check_customer(context, new.customer_id, viewer=viewer(caller))
    own = (await directory.staff(context.database, [caller.id])).get(caller.id)
    department_id = own.department_id if own is not None else None
    new.check_against(caller.id, department_id)
    now = context.clock.now()
    check_happening(new.happened_at, now)
    async with context.database.transaction() as transaction:
        case = _case(new, caller, now)
        await record_within(transaction, context, case)
        await store.add(
            transaction,
            InternalCase(
                complaint_id=case.id,
                type=new.type,
                department_id=department_id,
                found_in=new.found_in,
                region_id=new.region_id,
            ),
        )
    return case.id


async def _check_accused(context: Context, new: NewInternal) -> None:
    if new.against_type == "person":
        if not await directory.staff(context.database, [new.against_id]):
            raise UnknownStaff("no member of staff has this id", pointer=_AGAINST_ID)
    elif not await directory.has_department(context.database, new.against_id):
        raise UnknownDepartment("no department has this id", pointer=_AGAINST_ID)


async def _check_trade(context: Context, new: NewInternal) -> None:
    """Goods are found by those who do not serve the store from which they come: it need not be one that they see."""
    await check_customer(context, new.against_id, viewer=None)
    if not await directory.has_named(context.database, "store", new.against_id):
        raise NotAStore("only stores have a contract and a region", pointer="#/customer_id")
    await _check_region(context, new.region_id)


async def _check_region(context: Context, region_id: UUID | None) -> None:
    if region_id is not None and not await directory.has_named(context.database, "region", region_id):
        raise UnknownRegion("no region has this id", pointer="#/region_id")


def _case(new: NewInternal, caller: Principal, now: datetime) -> NewCase:
    return NewCase(
        id=new_id(),
        customer_id=new.customer_id,
        kind="internal",
        subject=new.subject,
        channel="internal",
        against_type=new.against_type,
        against_id=new.against_id,
        words=new.words,
        purchase_id=None,
        happened_at=new.happened_at,
        recorded_at=now,
        registered_at=now,
        recorded_by=caller.id,
        touch_id=new.touch_id,
        accepted_by=caller.id if ADMINISTRATION in caller.roles else None,
    )


async def correct(
    context: Context, id_: UUID, correction: InternalCorrection, reason: str, *, by: UUID
) -> InternalCase:
    """Puts right what an internal case is about, in the audit and the history; customer, subject and whom it is against
    are corrected as those of any case.

    Raises ComplaintNotFound, InternalNotFound, NotOfThisType, NothingToCorrect, UnknownRegion.
    """
    await _check_region(context, correction.region_id)
    async with context.database.transaction() as transaction:
        case = await lock(transaction, id_)
        before = await store.read(transaction, id_)
        if before is None:
            raise InternalNotFound("no internal case has this id")
        after = before.corrected(correction, against_store=await store.is_against_store(transaction, id_))
        await store.save(transaction, after)
        await audit.enter(transaction, by, "internal.corrected", id_)
        changes = changed(
            type=(before.type, after.type),
            found_in=(before.found_in, after.found_in),
            region_id=(before.region_id, after.region_id),
        )
        said, moment = Said(reason, None, by), max(context.clock.now(), case.moved_at)
        await history.append(transaction, context, Movement(case, CORRECTED, said, moment, changes=changes))
    return after


async def on_complaint_opened(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Keeps internal cases that were recorded as any other: they are listed with those that say what they are about."""
    facts = [event.read(ComplaintOpened) for event in events]
    await store.add_others(transaction, sorted(fact.complaint_id for fact in facts if fact.kind == "internal"))
