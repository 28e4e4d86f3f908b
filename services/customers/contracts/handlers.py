"""Signing contracts, putting them right, ending them step by step, and the rules of the network."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from services.customers.archive.domain import ExternalNoTaken
from services.customers.changes import store as changes_made
from services.customers.context import Context
from services.customers.contracts import events, store
from services.customers.contracts.domain.contracts import (
    Contract,
    Correction,
    Done,
    NetworkRules,
    NewContract,
    StepAsked,
    corrected_fields,
    history_of,
)
from services.customers.contracts.domain.refusals import ContractDatesRefused, ContractNotFound, NetworkPolicyRefused
from services.customers.heads.store import erasing, locks
from services.customers.network import store as network
from services.customers.network.domain import CONSTRAINTS, refuse, refuse_renewal
from services.customers.organisation.domain import Brand, Region
from services.customers.organisation.store import gateway
from services.customers.scheme import handlers as scheme
from shared import audit
from shared.bus import outbox
from shared.bus.event import Event
from shared.db import Connection
from shared.errors import Busy
from shared.ids import new_id
from shared.moments import day_begins
from shared.references import UnknownBrand, UnknownCustomer, UnknownRegion
from shared.versions import check_version

BATCH = 200


async def sign(
    context: Context, new: NewContract, *, by: UUID, viewer: UUID | None, historical: bool = False
) -> Contract:
    """Signs a contract, by the rules in force today; an end before today is no news, nor, if `historical`, one today.

    Raises ContractDatesRefused, UnknownCustomer, UnknownBrand, UnknownRegion, ExternalNoTaken, SameBrand, SameGrade,
    RegionGrade.
    """
    new.check_dates()
    now, id_ = context.clock.now(), new_id()
    async with context.database.transaction() as transaction:
        await network.hold(transaction)
        if not await locks.customers(transaction, [new.customer_id], viewer=viewer):
            raise UnknownCustomer("no customer has this id", pointer="#/customer_id")
        await _check_listed(transaction, new.brand_id, new.region_id)
        rules = await store.rules_on(transaction, context.today())
        async with _refusals(transaction, id_, new):
            over = new.ends_on is not None and new.ends_on < context.today() + timedelta(days=historical)
            contract = await store.sign(
                transaction, id_, new, rules, at=now, by=by, told_end=new.ends_on if over else None
            )
        await _keep(transaction, None, contract, now, by)
        await audit.enter(transaction, by, "contract.signed", id_)
        await _tell_anew(context, transaction, contract)
        renews = await store.followed(transaction, contract)
        await outbox.append(transaction, [events.signed(contract, now, renews, historical=historical)])
    return contract


async def correct(
    context: Context,
    id_: UUID,
    changes: Mapping[str, Any],
    reason: str | None,
    expected_version: int | None,
    *,
    by: UUID,
) -> Contract:
    """Puts right what was entered of a contract; the rules are looked at as they held when it was signed.

    Raises ContractNotFound, PreconditionRequired, Stale, ContractEnded, EndingUnderWay, ContractDatesRefused,
    CorrectionUnexplained, EndingByProcedure, Erased, UnknownBrand, UnknownRegion, ExternalNoTaken, SameBrand,
    SameGrade, RegionGrade.
    """
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        await network.hold(transaction)
        before = await hold(transaction, id_, None)
        check_version(before.version, expected_version)
        before.check_stands()
        before.check_days_stay(changes, context.today())
        after = before.corrected(changes)
        if after == before:
            return before
        said = after.as_signed()
        said.check_dates()
        before.check_correction(after, reason, context.today())
        if reason is not None:
            await erasing.check(transaction, before.customer_id)
        await _check_listed(transaction, after.brand_id, after.region_id)
        after = replace(after, version=before.version + 1)
        async with _refusals(transaction, id_, said):
            await store.save(transaction, after)
        await _tell_anew(context, transaction, before, after)
        await store.add_correction(transaction, _correction(context, before, after, reason, by))
        await _keep(transaction, before, after, now, by)
        await audit.enter(transaction, by, "contract.corrected", id_)
        await outbox.append(transaction, [events.corrected(after, now)])
    return after


async def withdraw(context: Context, id_: UUID, *, by: UUID) -> Contract:
    """Takes back a contract that was entered by mistake; again it changes nothing. Raises ContractNotFound."""
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        await network.hold(transaction)
        before = await hold(transaction, id_, None)
        if before.withdrawn_at is not None:
            return before
        after = replace(before, version=before.version + 1, withdrawn_at=now)
        await store.save(transaction, after)
        await _tell_anew(context, transaction, before)
        await _keep(transaction, before, after, now, by)
        await audit.enter(transaction, by, "contract.withdrawn", id_)
        await outbox.append(transaction, [events.withdrawn(after, now)])
    return after


async def undo_signed(context: Context, transaction: Connection, before: Contract, *, by: UUID) -> None:
    """Takes back a held contract that an import had signed, and gives its number back; nobody is disturbed."""
    now = context.clock.now()
    after = replace(before, version=before.version + 1, withdrawn_at=now, external_no=None)
    await store.save(transaction, after)
    await _tell_anew(context, transaction, before)
    await _keep(transaction, before, after, now, by)
    await outbox.append(transaction, [events.withdrawn(after, now, historical=True)])


async def do_step(context: Context, transaction: Connection, id_: UUID, asked: StepAsked) -> Contract:
    """Does a step of the ending: none is skipped, and somebody else approves than has confirmed (domain 2.2).

    Raises ContractNotFound, ContractEnded, EndingStepDone, EndingStepSkipped, OwnConfirmation, ContractDatesRefused,
    and Erased for words about who was erased, and for a letter to them.
    """
    now, step, by = context.clock.now(), asked.step, asked.by
    before = await hold(transaction, id_, asked.viewer)
    before.check_step(step, by, alone=asked.alone)
    if step != "confirm" and asked.ends_on is not None:
        raise ContractDatesRefused("the day is said when the ending is confirmed", pointer="#/ends_on")
    after = before
    if step == "confirm":
        after = before.confirmed(asked.ends_on or context.today())
    elif step == "approve":
        after = before.approved()
    if asked.text is not None or step == "letter":
        await erasing.check(transaction, before.customer_id)
    words = context.words.seal(asked.text.encode(), id_.bytes) if asked.text is not None else None
    done = Done(step, by, now, words)
    after = replace(after.with_done(done), version=before.version + 1)
    await store.save(transaction, after)
    await store.do(transaction, id_, done)
    await _keep(transaction, before, after, now, by)
    await audit.enter(transaction, by, f"contract.ending.{step}", id_)
    await outbox.append(transaction, [events.step_done(after, step, now)])
    return after


async def keep_on(context: Context, id_: UUID, *, by: UUID, viewer: UUID | None) -> Contract:
    """Calls an ending off before it is approved. Raises ContractNotFound, ContractEnded, NotEnding."""
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        before = await hold(transaction, id_, viewer)
        after = replace(before.kept_on(), version=before.version + 1)
        await store.save(transaction, after)
        await store.forget_steps(transaction, id_)
        await audit.enter(transaction, by, "contract.kept_on", id_)
        await outbox.append(transaction, [events.kept_on(after, now)])
    return after


async def tell_ends(context: Context) -> int:
    """Due work: tells of contracts that hold no more from today on, in batches; returns how many.

    Who signs waits for it only where there is something to tell.
    """
    first = await store.next_end(context.database)
    if first is None or first > context.today():
        return 0
    async with context.database.transaction() as transaction:
        await network.hold(transaction)
        over = await store.over(transaction, context.today(), BATCH)
        if over:
            await store.told(transaction, over)
            renewed = await store.renewed(transaction, over)
            await outbox.append(transaction, [_ended(context, each, renewed=each.id in renewed) for each in over])
        return len(over)


def _ended(context: Context, contract: Contract, *, renewed: bool) -> Event:
    day, told = contract.ends_on or context.today(), replace(contract, version=contract.version + 1)
    return events.ended(told, day_begins(day, context.zone), renewed=renewed)


async def add_rules(
    context: Context, same_brand: bool, same_grade: bool, region_grade: bool, starts_on: date | None, *, by: UUID
) -> NetworkRules:
    """A version of the rules, for what is signed from its first day on; what stands stays as it is.

    Raises NetworkPolicyRefused for a day before today.
    """
    today = context.today()
    if starts_on is not None and starts_on < today:
        raise NetworkPolicyRefused("what was signed was judged already: from today on", pointer="#/starts_on")
    async with context.database.transaction() as transaction:
        await network.hold(transaction)
        latest, *_ = await store.every_rule(transaction)
        rules = NetworkRules(
            latest.version + 1, new_id(), same_brand, same_grade, region_grade, starts_on or today, today
        )
        await store.add_rules(transaction, rules)
        await scheme.announce(context, transaction)
        await audit.enter(transaction, by, "network_policy.added", rules.id)
    return rules


async def _tell_anew(context: Context, transaction: Connection, *as_it_stood: Contract) -> None:
    """Whoever looks next tells the ends anew after which a customer goes on by this contract, or no longer does."""
    for each in as_it_stood:
        await store.tell_anew(transaction, each, context.today(), context.zone.key)


async def _keep(transaction: Connection, before: Contract | None, after: Contract, at: datetime, by: UUID) -> None:
    history = history_of(before, after)
    await changes_made.keep(transaction, after.customer_id, history, at=at, by=by)


def _correction(context: Context, before: Contract, after: Contract, reason: str | None, by: UUID) -> Correction:
    id_ = new_id()
    changed = corrected_fields(before, after)
    return Correction(
        id_,
        before.id,
        after.version,
        context.clock.now(),
        by,
        {name: was for name, (was, _) in changed.items()},
        {name: now for name, (_, now) in changed.items()},
        context.words.seal(reason.encode(), id_.bytes) if reason is not None else None,
    )


async def hold(transaction: Connection, id_: UUID, viewer: UUID | None) -> Contract:
    """A contract, held after its customer, as a merge holds them. Raises ContractNotFound, and Busy where it became
    another customer's meanwhile."""
    whose = await store.customers_of(transaction, [id_])
    await locks.customers(transaction, whose)
    found = await store.locked(transaction, id_, viewer=viewer)
    if found is None:
        raise ContractNotFound("no contract has this id")
    if found.customer_id not in whose:
        raise Busy("its customer was merged at this moment; try again")
    return found


@asynccontextmanager
async def _refusals(transaction: Connection, id_: UUID, new: NewContract) -> AsyncIterator[None]:
    """What the database refuses, with the contracts in the way: they are looked for when the refusal is undone."""
    try:
        async with transaction.transaction():
            yield
    except asyncpg.UniqueViolationError:
        raise ExternalNoTaken("another contract has this number", pointer="#/external_no") from None
    except asyncpg.ExclusionViolationError as refused:
        rule = CONSTRAINTS.get(refused.constraint_name or "")
        if rule is None:
            raise
        found = await store.in_the_way(transaction, id_, new, rule)
        if rule == "same-brand" and found and {each.customer_id for each in found} == {new.customer_id}:
            refuse_renewal(found)
        refuse(rule, [each.id for each in found])


async def _check_listed(transaction: Connection, brand_id: UUID, region_id: UUID) -> None:
    if await gateway(Brand).get(transaction, brand_id) is None:
        raise UnknownBrand("no brand has this id", pointer="#/brand_id")
    if await gateway(Region).get(transaction, region_id) is None:
        raise UnknownRegion("no region has this id", pointer="#/region_id")
