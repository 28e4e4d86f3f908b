"""Recording what was decided against a store by its contract, and taking that back."""

from uuid import UUID

from services.complaints.cases.domain import Case, Said
from services.complaints.cases.store.holding import lock
from services.complaints.context import Context
from services.complaints.contract_measures import domain, events, store
from services.complaints.contract_measures.domain import (
    ContractMeasure,
    ContractMeasureNotFound,
    MeasureCode,
    NewMeasure,
    UnknownContractMeasure,
)
from services.complaints.history import handlers as history
from services.complaints.history.domain import changed
from services.complaints.history.handlers import Movement
from services.complaints.internal_cases.store import read as read_internal
from shared import audit, directory
from shared.db import Connection
from shared.ids import new_id
from shared.references import UnknownStaff
from shared.versions import check_version


async def take(context: Context, internal_id: UUID, new: NewMeasure, *, by: UUID) -> ContractMeasure:
    """Records what was decided, once the case is judged valid.

    Raises ComplaintNotFound, NoBreachOfContract, NotUpheld, MeasureDate, UnknownContractMeasure, UnknownStaff.
    """
    async with context.database.transaction() as transaction:
        case = await lock(transaction, internal_id)
        internal = await read_internal(transaction, internal_id)
        of_another = await store.judged_of_another(transaction, internal_id)
        domain.check_measure(case, internal, judged_of_another=of_another)
        now = context.clock.now()
        decided_on = new.decided_on or now.astimezone(context.zone).date()
        domain.check_date(decided_on, await store.recorded_at(transaction, internal_id), now, context.zone)
        await _check_named(transaction, new, by)
        measure = ContractMeasure(new_id(), internal_id, new.code, new.decided_by or by, decided_on, now, by, new.text)
        await store.add(transaction, context.words, measure)
        await audit.enter(transaction, by, "contract_measure.taken", internal_id)
        moment = max(now, case.moved_at)
        fact = events.taken(case, measure, moment)
        changes = changed(contract_measure=(None, measure.code))
        said = Said(new.text, None, by)
        await history.keep(transaction, context, Movement(case, "measure_taken", said, moment, [fact], changes=changes))
    return measure


async def _check_named(transaction: Connection, new: NewMeasure, by: UUID) -> None:
    if not await store.usable(transaction, new.code):
        raise UnknownContractMeasure("give a code that is in use: see contract-measures", pointer="#/code")
    decider = new.decided_by or by
    if new.decided_by is not None and decider not in await directory.staff(transaction, [decider]):
        raise UnknownStaff("name the colleague who decided it", pointer="#/decided_by")


async def withdraw(context: Context, internal_id: UUID, id_: UUID, reason: str, *, by: UUID) -> ContractMeasure:
    """Takes back what was recorded by mistake, or holds no longer; it stays to be seen.

    Raises ComplaintNotFound, ContractMeasureNotFound, MeasureWithdrawn.
    """
    async with context.database.transaction() as transaction:
        case = await lock(transaction, internal_id)
        measures = await store.of_case(transaction, context.words, internal_id)
        before = next((each for each in measures if each.id == id_), None)
        if before is None:
            raise ContractMeasureNotFound("no measure of this case has this id")
        before.check_stands()
        after, _ = await _withdraw(transaction, context, case, before, reason, by=by)
    return after


async def withdraw_judged_away(transaction: Connection, context: Context, case: Case, reason: str, *, by: UUID) -> Case:
    """Takes back what stands of a held case that was judged not valid or malicious: a measure needs a case that holds
    (domain 3.6). The judgement's reason is the withdrawal's. Returns the case in its latest version."""
    measures = await store.of_case(transaction, context.words, case.id) if case.judged_away else []
    for each in measures:
        if each.withdrawn_at is None:
            _, case = await _withdraw(transaction, context, case, each, reason, by=by)
    return case


async def withdraw_of_another(transaction: Connection, context: Context, case: Case, reason: str, *, by: UUID) -> Case:
    """Takes back what stands of a held case that turns out to be against another store, before it is: what was decided
    was decided of that store, and in its timeline. Returns the case in its latest version."""
    for each in await store.of_case(transaction, context.words, case.id):
        if each.withdrawn_at is None:
            _, case = await _withdraw(transaction, context, case, each, reason, by=by)
    return case


async def _withdraw(
    transaction: Connection, context: Context, case: Case, before: ContractMeasure, reason: str, *, by: UUID
) -> tuple[ContractMeasure, Case]:
    """A measure that stands, withdrawn, and its held case in its next version."""
    now = context.clock.now()
    after = before.taken_back(now, by, reason)
    await store.withdraw(transaction, context.words, after)
    await audit.enter(transaction, by, "contract_measure.withdrawn", case.id)
    moment = max(now, case.moved_at)
    fact = events.withdrawn(case, after, moment)
    changes = changed(contract_measure=(after.code, None))
    movement = Movement(case, "measure_withdrawn", Said(reason, None, by), moment, [fact], changes=changes)
    return after, await history.keep(transaction, context, movement)


async def keep_code(context: Context, code: MeasureCode, *, expected_version: int | None) -> None:
    """Adds a code, renames one that was read, or takes it out of use; measures that have it keep it.

    Raises Stale, PreconditionRequired.
    """
    async with context.database.transaction() as transaction:
        if (before := await store.lock_code(transaction, code.code)) is not None:
            check_version(before.version, expected_version)
        await store.keep_code(transaction, code)
