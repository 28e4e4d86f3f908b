"""Entering and changing brands, regions, departments and staff; each is announced."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

import asyncpg

from services.customers.context import Context
from services.customers.heads.store import locks
from services.customers.network import store as network
from services.customers.network.domain import CONSTRAINTS, RegionCycle, refuse
from services.customers.organisation import domain, events, store
from services.customers.organisation.domain import (
    Brand,
    Department,
    DirectoryEntry,
    EntryNotFound,
    Region,
    Staff,
    SuccessorRefused,
    UnknownDepartment,
)
from services.customers.organisation.store import T, gateway
from services.customers.teams.handlers import reassign
from shared.auth.principal import Principal
from shared.bus import outbox
from shared.db import Connection
from shared.ids import new_id
from shared.references import UnknownBrand, UnknownRegion, UnknownStaff
from shared.versions import check_version

Changes = Mapping[str, Any]
AT_ONCE = 500
"""Colleagues of one transaction."""


async def add(context: Context, kind: type[T], asked: Changes) -> T:
    """A brand."""
    async with context.database.transaction() as transaction:
        return await _enter(context, transaction, kind(id=new_id(), version=1, **asked))


async def change_brand(context: Context, id_: UUID, changes: Changes, expected_version: int | None) -> Brand:
    """Contracts follow its grade.

    Raises EntryNotFound, PreconditionRequired, Stale, SameBrand, SameGrade, RegionGrade.
    """
    async with context.database.transaction() as transaction:
        await network.hold(transaction)
        async with _settled(transaction, id_):
            return await _change(context, transaction, Brand, id_, changes, expected_version)


async def add_region(context: Context, name: str, parent_id: UUID | None) -> Region:
    """Raises UnknownRegion."""
    async with context.database.transaction() as transaction:
        await network.hold(transaction)
        await _check_parent(transaction, parent_id)
        region = await _enter(context, transaction, Region(new_id(), 1, name, parent_id))
        await network.number_anew(transaction)
        return region


async def change_region(context: Context, id_: UUID, changes: Changes, expected_version: int | None) -> Region:
    """Contracts follow its place.

    Raises EntryNotFound, PreconditionRequired, Stale, UnknownRegion, RegionCycle, SameBrand, SameGrade, RegionGrade.
    """
    async with context.database.transaction() as transaction:
        await network.hold(transaction)
        parent_id = changes.get("parent_id")
        await _check_parent(transaction, parent_id)
        if parent_id == id_:
            raise RegionCycle("no region lies in itself", pointer="#/parent_id")
        region = await _change(context, transaction, Region, id_, changes, expected_version)
        if "parent_id" in changes:
            async with _settled(transaction, id_):
                await network.number_moved(transaction)
        return region


@asynccontextmanager
async def _settled(transaction: Connection, id_: UUID) -> AsyncIterator[None]:
    """Looks at the rules of the network when a brand or a region and all that follows it have changed.

    Raises SameBrand, SameGrade or RegionGrade with the contracts that would break the rule: they are looked for when
    the refusal is undone.
    """
    await network.defer(transaction)
    yield
    try:
        async with transaction.transaction():
            await network.look(transaction)
    except asyncpg.ExclusionViolationError as refused:
        rule = CONSTRAINTS.get(refused.constraint_name or "")
        if rule is None:
            raise
        refuse(rule, await network.breaking(transaction, rule, id_))


async def _check_parent(transaction: Connection, parent_id: UUID | None) -> None:
    if parent_id is not None and await gateway(Region).get(transaction, parent_id) is None:
        raise UnknownRegion("no region has this id", pointer="#/parent_id")


async def add_department(context: Context, name: str, manager_id: UUID | None) -> Department:
    """Raises UnknownStaff."""
    async with context.database.transaction() as transaction:
        await _check_at_work(transaction, manager_id, "#/manager_id")
        return await _enter(context, transaction, Department(new_id(), 1, name, manager_id))


async def change_department(context: Context, id_: UUID, changes: Changes, expected_version: int | None) -> Department:
    """Raises EntryNotFound, PreconditionRequired, Stale or UnknownStaff."""
    async with context.database.transaction() as transaction:
        await _check_at_work(transaction, changes.get("manager_id"), "#/manager_id")
        return await _change(context, transaction, Department, id_, changes, expected_version)


async def add_staff(context: Context, asked: Changes, *, by: Principal) -> Staff:
    """Raises Forbidden, UnknownBrand, UnknownDepartment, UnknownStaff, AddressRefused, RobotRefused or RoleRefused."""
    id_ = new_id()
    address = domain.address_for(asked["channel"], asked["address"])
    said = {**asked, "address": address, "secret": _sealed(context, id_, asked["secret"])}
    staff = domain.with_robot(None, Staff(id=id_, version=1, active=True, successor_id=None, **said), said)
    domain.check_staff(staff)
    domain.check_right(by, None, staff)
    async with context.database.transaction() as transaction:
        await _check_brands(transaction, staff)
        await _check_department(transaction, staff.department_id)
        await _check_at_work(transaction, staff.supervisor_id, "#/supervisor_id")
        return await _enter(context, transaction, staff)


async def change_staff(
    context: Context, id_: UUID, changes: Changes, expected_version: int | None, *, by: Principal
) -> Staff:
    """Changes a colleague. Who leaves (`active` false) hands every seat in a team to the successor or empties it.

    Raises Forbidden, EntryNotFound, PreconditionRequired, Stale, UnknownBrand, UnknownDepartment, UnknownStaff,
    AddressRefused, RobotRefused, RoleRefused, SuccessorRefused or SupervisorCycle.
    """
    if "secret" in changes:
        changes = {**changes, "secret": _sealed(context, id_, changes["secret"])}
    async with context.database.transaction() as transaction:
        if "supervisor_id" in changes:
            await store.lock_chain(transaction)
        before = await _locked(transaction, Staff, id_, expected_version)
        after = _changed_staff(before, changes)
        domain.check_right(by, before, after)
        if after == before:
            return before
        await _check_named_by(transaction, before, after)
        after = replace(after, version=before.version + 1)
        await _save(context, transaction, after)
        if before.active and not after.active:
            await locks.many_customers(transaction)
            await reassign(context, transaction, id_, after.successor_id, by=by.id)
        return after


def _changed_staff(before: Staff, changes: Changes) -> Staff:
    after = replace(before, **changes)
    if after.active and "successor_id" not in changes:
        after = replace(after, successor_id=None)
    if (after.channel, after.address) != (before.channel, before.address):
        after = replace(after, address=domain.address_for(after.channel, after.address))
    after = domain.with_robot(before, after, changes)
    domain.check_staff(after)
    return after


def _sealed(context: Context, id_: UUID, secret: str | None) -> bytes | None:
    return None if secret is None else context.words.seal(secret.encode(), id_.bytes)


def _secret(context: Context, entry: DirectoryEntry) -> str | None:
    """Of a colleague's robot, opened."""
    sealed = entry.secret if isinstance(entry, Staff) else None
    return None if sealed is None else context.words.open(sealed, entry.id.bytes).decode()


async def _check_named_by(transaction: Connection, before: Staff, after: Staff) -> None:
    """Whether the department and the people that a colleague newly names are there, and at work."""
    if after.skills != before.skills:
        await _check_brands(transaction, after)
    if after.department_id != before.department_id:
        await _check_department(transaction, after.department_id)
    if after.supervisor_id is not None and after.supervisor_id != before.supervisor_id:
        await _check_at_work(transaction, after.supervisor_id, "#/supervisor_id")
        above = await store.chain_above(transaction, after.supervisor_id)
        domain.check_chain(after.id, after.supervisor_id, above)
    successor = None if after.successor_id == before.successor_id else after.successor_id
    if successor is not None and await store.role_at_work(transaction, successor) is None:
        raise SuccessorRefused("a successor is somebody at work", pointer="#/successor_id")


async def _check_brands(transaction: Connection, staff: Staff) -> None:
    for brand_id in staff.brands():
        if await gateway(Brand).get(transaction, brand_id) is None:
            raise UnknownBrand("a brand among the skills is not listed", pointer="#/skills")


async def _check_department(transaction: Connection, id_: UUID | None) -> None:
    if id_ is not None and await gateway(Department).get(transaction, id_) is None:
        raise UnknownDepartment("no department has this id", pointer="#/department_id")


async def _check_at_work(transaction: Connection, id_: UUID | None, pointer: str) -> None:
    if id_ is not None and await store.role_at_work(transaction, id_) is None:
        raise UnknownStaff("nobody at work has this id", pointer=pointer)


async def _enter(context: Context, transaction: Connection, entry: T) -> T:
    await gateway(type(entry)).add(transaction, entry)
    await _announce(context, transaction, entry)
    return entry


async def _change(
    context: Context, transaction: Connection, kind: type[T], id_: UUID, changes: Changes, expected_version: int | None
) -> T:
    before = await _locked(transaction, kind, id_, expected_version)
    if replace(before, **changes) == before:
        return before
    after = replace(before, **{**changes, "version": before.version + 1})
    await _save(context, transaction, after)
    return after


async def _locked(transaction: Connection, kind: type[T], id_: UUID, expected_version: int | None) -> T:
    found = await gateway(kind).locked(transaction, id_)
    if found is None:
        raise EntryNotFound("nothing has this id here")
    check_version(found.version, expected_version)
    return found


async def _save(context: Context, transaction: Connection, entry: DirectoryEntry) -> None:
    await gateway(type(entry)).save(transaction, entry)
    await _announce(context, transaction, entry)


async def _announce(context: Context, transaction: Connection, entry: DirectoryEntry) -> None:
    told = events.listed(entry, context.clock.now(), _secret(context, entry))
    await outbox.append(transaction, context.contacts.sealed(told))
    if isinstance(entry, Staff):
        await store.mark_told(transaction, [entry.id])


async def tell_contacts(context: Context) -> int:
    """Tells where colleagues are reached whose contact was not told as it is now; how many, some hundreds at most.

    Those are whom releases have entered or changed that told it in the directory; each once.
    """
    async with context.database.transaction() as transaction:
        untold = await store.lock_untold(transaction, AT_ONCE)
        now = context.clock.now()
        again = [event for each in untold for event in events.contact_again(each, now, _secret(context, each))]
        await outbox.append(transaction, context.contacts.sealed(again))
        if untold:
            await store.mark_told(transaction, [staff.id for staff in untold])
    return len(untold)


async def tell_contacts_again(context: Context) -> int:
    """Tells every colleague's contact once more, sealed under the present key; how many."""
    async with context.database.transaction() as transaction:
        told = await store.forget_told(transaction)
    while await tell_contacts(context):
        pass
    return told
