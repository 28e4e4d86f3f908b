"""Merging a duplicate into the customer who is kept, and taking that back (docs/decisions/merging.md).

Each is one transaction, with a statement for each table however much stands there. Books first, then regions and
contracts, then both customers in the order of their ids: of two merges of the same two one waits and is refused.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from services.customers.archive import events as archive_events
from services.customers.archive.domain import Customer, changes_of, filled, history_of
from services.customers.archive.store import customers as archive
from services.customers.archive.store import own_keys
from services.customers.changes import store as changes_made
from services.customers.context import Context
from services.customers.heads.store import locks
from services.customers.merging import domain, events
from services.customers.merging.domain import (
    InTheWay,
    Merge,
    MergedAlready,
    MergedFurther,
    MergedIntoItself,
    NotMerged,
)
from services.customers.merging.store import merges
from services.customers.network import store as network
from services.customers.network.domain import SameGrade
from services.customers.owners import events as owner_events
from services.customers.owners import store as owners
from services.customers.standing import store as completeness
from services.customers.teams import store as teams
from services.customers.tiers.handlers.lifting import give_back, raise_to
from services.customers.tiers.store import overrides
from services.customers.tiers.store.months import mark_stale_from
from services.customers.traits import handlers as traits
from services.customers.traits.domain import lent_by
from shared import aliases, audit
from shared.bus import outbox
from shared.contracts.customers import Tier
from shared.db import Connection
from shared.ids import new_id
from shared.months import Month
from shared.references import CustomerNotFound, UnknownCustomer

LOWEST: Final[Tier] = "D"


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two customers whose rows are held."""

    merged: Customer
    into: Customer


async def merge(
    context: Context, merged_id: UUID, into_id: UUID, reason: str | None, *, by: UUID, viewer: UUID | None
) -> Merge:
    """Makes two customers one. Everything of the merged one becomes the kept one's, and it is written down what came.

    Raises CustomerNotFound, UnknownCustomer, MergedIntoItself, AnotherKind, MergedAlready, Erased, SameGrade, InTheWay.
    """
    if merged_id == into_id:
        raise MergedIntoItself("name the customer who is kept", pointer="#/into")
    now = context.clock.now()
    async with context.database.transaction() as transaction, _refusals():
        pair = await _held(context, transaction, merged_id, into_id, viewer)
        domain.check_kinds(pair.merged, pair.into)
        if in_the_way := await merges.two_of_a_grade(transaction, merged_id, into_id):
            raise SameGrade("they have contracts of two brands of one grade: end one first", in_the_way)
        before = await merges.heads(transaction, [merged_id, into_id])
        of_merged = await traits.of_held(context, transaction, pair.merged)
        lent = lent_by(of_merged, to=await traits.of_held(context, transaction, pair.into))
        given = replace(domain.brought(pair.merged, pair.into), traits=lent)
        number = pair.merged.profile.external_no
        new = Merge(new_id(), merged_id, into_id, now, by, None, None, number, reason)
        sealer = await own_keys.sealer_to_write(transaction, pair.merged, context.personal)
        words = None if reason is None else context.words.seal(reason.encode(), new.id.bytes)
        await merges.add(transaction, new, words, merges.seal_brought(sealer, new.id, given))
        earned = LOWEST if await overrides.is_overridden(transaction, merged_id) else pair.merged.tier
        copied = await merges.carry(transaction, new.id, merged_id, into_id)
        if await merges.own_themselves(transaction, into_id):
            raise InTheWay("the kept customer would be a store of their own", ["owner"])
        version = await merges.set_head_aside(transaction, new.id, merged_id) + 1
        await aliases.keep(transaction, [(merged_id, version, into_id)])
        context.database.once_committed(transaction, context.database.aliases.forget)
        into_version = await merges.next_version(transaction, into_id)
        await outbox.append(transaction, events.merged(new, version=version, into_version=into_version))
        await traits.fill_from(context, transaction, pair.into, of_merged, now, by=by)
        await _keep_profile(context, transaction, pair.into, domain.joined(pair.into, given), now, by)
        await _tell_copied(context, transaction, into_id, copied, now)
        await _count(context, transaction, [into_id], min(each["counts_from"] for each in before.values()))
        await raise_to(context, transaction, into_id, earned)
        await completeness.look_again(transaction, into_id)
        await audit.enter(transaction, by, "customer.merged", merged_id)
        return (await merges.standing(transaction, context.words, merged_id)) or new


async def unmerge(context: Context, merged_id: UUID, *, by: UUID) -> Merge:
    """Makes them two again: what came from the merged one goes back, what came since stays (decision 21).

    Raises NotMerged, Erased, MergedFurther, InTheWay.
    """
    now = context.clock.now()
    async with context.database.transaction() as transaction, _refusals():
        await _hold_books(context, transaction)
        standing = await merges.standing(transaction, context.words, merged_id)
        if standing is None:
            raise NotMerged("this customer is merged into nobody")
        await _check_stands(context, transaction, merged_id)
        kept_id = standing.into_id
        if not await merges.hold(transaction, [kept_id]):
            raise MergedFurther(f"first unmerge {kept_id}, into whom it was merged")
        [kept] = await archive.by_ids(transaction, [kept_id], context.personal)
        sealer = await own_keys.sealer_to_write(transaction, replace(kept, id=merged_id), context.personal)
        given = await merges.read_brought(transaction, sealer, standing.id)
        await traits.take_back(context, transaction, kept, given.traits, now, by=by)
        await _keep_profile(context, transaction, kept, domain.parted(kept, given), now, by)
        await merges.carry_back(transaction, standing.id, merged_id, kept_id)
        version = await merges.next_version(transaction, merged_id, 2)  # one was the merge's
        await aliases.keep(transaction, [(merged_id, version, None)])
        context.database.once_committed(transaction, context.database.aliases.forget)
        kept_version = await merges.next_version(transaction, kept_id)
        both = await merges.heads(transaction, [merged_id, kept_id])
        told = events.unmerged(standing, now, both[merged_id]["tier"], version=version, kept_version=kept_version)
        await outbox.append(transaction, told)
        await teams.announce(transaction, sorted([merged_id, kept_id]), now)
        await _count(context, transaction, [merged_id, kept_id], min(each["counts_from"] for each in both.values()))
        await give_back(context, transaction, [merged_id, kept_id], context.running_month())
        await completeness.look_again(transaction, kept_id)
        ended = replace(standing, unmerged_at=now, unmerged_by=by)
        await merges.end(transaction, ended)
        await audit.enter(transaction, by, "customer.unmerged", merged_id)
        return ended


async def _check_stands(context: Context, transaction: Connection, merged_id: UUID) -> None:
    """Raises Erased for who was erased with the one who is kept in the end: nothing is left to go back."""
    [kept_id] = (await aliases.kept(transaction, [merged_id])).values()
    await merges.hold(transaction, [kept_id])
    for each in await archive.by_ids(transaction, [kept_id], context.personal):
        each.check_stands()


async def _hold_books(context: Context, transaction: Connection) -> None:
    await locks.enter_many(transaction, context.running_month())
    await network.hold(transaction)


async def _held(
    context: Context, transaction: Connection, merged_id: UUID, into_id: UUID, viewer: UUID | None
) -> _Pair:
    """Both customers, held alone. Raises CustomerNotFound, UnknownCustomer, MergedAlready, Erased."""
    await _hold_books(context, transaction)
    there = await merges.hold(transaction, [merged_id, into_id])
    gone = await aliases.kept(transaction, [merged_id, into_id])
    for id_ in (merged_id, into_id):
        if id_ in gone:
            raise MergedAlready(f"{id_} was merged into {gone[id_]}")
    seen = await locks.customers(transaction, sorted(there), viewer=viewer)
    if merged_id not in seen:
        raise CustomerNotFound("no customer has this id")
    if into_id not in seen:
        raise UnknownCustomer("no customer has this id", pointer="#/into")
    found = {each.id: each for each in await archive.by_ids(transaction, [merged_id, into_id], context.personal)}
    for each in found.values():
        each.check_stands()
    return _Pair(found[merged_id], found[into_id])


async def _keep_profile(
    context: Context, transaction: Connection, before: Customer, after: Customer, now: datetime, by: UUID
) -> None:
    """Writes what is other of the kept one's profile, and tells of it. The history does not say what is personal: it is
    the other one's, and would stay when they are erased."""
    changed = changes_of(before, after)
    if changed:
        sealer = await own_keys.sealer_to_write(transaction, after, context.personal)
        version = await archive.update(transaction, after, sealer=sealer, traces=context.traces)
        await completeness.fill(transaction, after.id, completeness.ARCHIVE_MASK, filled(after.profile))
        history = [replace(each, withheld=each.personal) for each in history_of(before, after, changed)]
        await changes_made.keep(transaction, after.id, history, at=now, by=by, sealer=sealer)
        told = archive_events.updated(replace(after, version=version), changed, now)
        await outbox.append(transaction, context.contacts.sealed(told))


async def _tell_copied(
    context: Context, transaction: Connection, into_id: UUID, copied: set[str], now: datetime
) -> None:
    """Who serves the kept one, and whose it is, where the merged one said it first."""
    if "account_team" in copied:
        await teams.announce(transaction, [into_id], now)
    if "ownership" in copied:
        present = await owners.present(transaction, into_id)
        if present is not None:
            await outbox.append(transaction, [owner_events.owner_changed(present, None, False, now)])


async def _count(context: Context, transaction: Connection, ids: list[UUID], earliest: int) -> None:
    """Months are summed anew; closed ones are revised that are other than they were closed (decision 11)."""
    await merges.count_anew(transaction, ids, context.zone)
    await mark_stale_from(transaction, Month.at(earliest), context.clock.now())


@asynccontextmanager
async def _refusals() -> AsyncIterator[None]:
    """What the database does not let stand beside each other."""
    try:
        yield
    except (asyncpg.UniqueViolationError, asyncpg.ExclusionViolationError) as fault:
        place = fault.table_name or "entries"
        raise InTheWay(f"two entries of {place} cannot stand beside each other", [place]) from None
