"""Entering and changing brands, regions, departments and staff; each is announced."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store import locks
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
    UnknownStaff,
)
from services.customers.organisation.store import BRANDS, DEPARTMENTS, REGIONS, STAFF, T, TableGateway
from services.customers.teams.handlers import reassign
from shared.bus import outbox
from shared.db import Connection
from shared.http.preconditions import check_version
from shared.ids import new_id

Changes = Mapping[str, Any]


async def add_brand(context: Context, name: str, grade: domain.Grade) -> Brand:
    brand = Brand(new_id(), 1, name, grade)
    async with context.database.transaction() as transaction:
        await BRANDS.add(transaction, brand)
        await _announce(context, transaction, brand)
    return brand


async def change_brand(context: Context, id_: UUID, changes: Changes, if_match: str | None) -> Brand:
    """Another grade counts for purchases recorded from now on. Raises EntryNotFound or Stale."""
    return await _change(context, BRANDS, id_, changes, if_match)


async def add_region(context: Context, name: str) -> Region:
    region = Region(new_id(), 1, name)
    async with context.database.transaction() as transaction:
        await REGIONS.add(transaction, region)
        await _announce(context, transaction, region)
    return region


async def change_region(context: Context, id_: UUID, changes: Changes, if_match: str | None) -> Region:
    """Raises EntryNotFound or Stale."""
    return await _change(context, REGIONS, id_, changes, if_match)


async def add_department(context: Context, name: str, manager_id: UUID | None) -> Department:
    """Raises UnknownStaff."""
    department = Department(new_id(), 1, name, manager_id)
    async with context.database.transaction() as transaction:
        await _check_at_work(transaction, manager_id, "#/manager_id")
        await DEPARTMENTS.add(transaction, department)
        await _announce(context, transaction, department)
    return department


async def change_department(context: Context, id_: UUID, changes: Changes, if_match: str | None) -> Department:
    """Raises EntryNotFound, Stale or UnknownStaff."""
    async with context.database.transaction() as transaction:
        await _check_at_work(transaction, changes.get("manager_id"), "#/manager_id")
        return await _change_in(context, transaction, DEPARTMENTS, id_, changes, if_match)


async def add_staff(context: Context, asked: Changes) -> Staff:
    """Raises UnknownDepartment, UnknownStaff, AddressRefused or RoleRefused."""
    address = domain.address_for(asked["channel"], asked["address"])
    staff = Staff(id=new_id(), version=1, active=True, successor_id=None, **{**asked, "address": address})
    domain.check_staff(staff)
    async with context.database.transaction() as transaction:
        await _check_department(transaction, staff.department_id)
        await _check_at_work(transaction, staff.supervisor_id, "#/supervisor_id")
        await STAFF.add(transaction, staff)
        await _announce(context, transaction, staff)
    return staff


async def change_staff(context: Context, id_: UUID, changes: Changes, if_match: str | None) -> Staff:
    """Changes a colleague. Who leaves (`active` false) hands every seat in a team to the successor or empties it.

    Raises EntryNotFound, Stale, UnknownDepartment, UnknownStaff, AddressRefused, RoleRefused, SuccessorRefused or
    SupervisorCycle.
    """
    async with context.database.transaction() as transaction:
        if "supervisor_id" in changes:
            await store.lock_chain(transaction)
        before = await STAFF.locked(transaction, id_)
        if before is None:
            raise EntryNotFound("nobody has this id")
        check_version(if_match, before.version)
        after = _changed_staff(before, changes)
        if after == before:
            return before
        await _check_named_by(transaction, before, after)
        after = replace(after, version=before.version + 1)
        await STAFF.save(transaction, after)
        await _announce(context, transaction, after)
        if before.active and not after.active:
            await locks.many_customers(transaction)
            await reassign(context, transaction, id_, after.successor_id)
        return after


def _changed_staff(before: Staff, changes: Changes) -> Staff:
    after = replace(before, **changes)
    if after.active and "successor_id" not in changes:
        after = replace(after, successor_id=None)
    if (after.channel, after.address) != (before.channel, before.address):
        after = replace(after, address=domain.address_for(after.channel, after.address))
    domain.check_staff(after)
    return after


async def _check_named_by(transaction: Connection, before: Staff, after: Staff) -> None:
    """Whether the department and the people that a colleague newly names are there, and at work."""
    if after.department_id != before.department_id:
        await _check_department(transaction, after.department_id)
    if after.supervisor_id is not None and after.supervisor_id != before.supervisor_id:
        await _check_at_work(transaction, after.supervisor_id, "#/supervisor_id")
        above = await store.chain_above(transaction, after.supervisor_id)
        domain.check_chain(after.id, after.supervisor_id, above)
    successor = None if after.successor_id == before.successor_id else after.successor_id
    if successor is not None and await store.role_at_work(transaction, successor) is None:
        raise SuccessorRefused("a successor is somebody at work", pointer="#/successor_id")


async def _check_department(transaction: Connection, id_: UUID | None) -> None:
    if id_ is not None and await DEPARTMENTS.get(transaction, id_) is None:
        raise UnknownDepartment("no department has this id", pointer="#/department_id")


async def _check_at_work(transaction: Connection, id_: UUID | None, pointer: str) -> None:
    if id_ is not None and await store.role_at_work(transaction, id_) is None:
        raise UnknownStaff("nobody at work has this id", pointer=pointer)


async def _change(context: Context, gateway: TableGateway[T], id_: UUID, changes: Changes, if_match: str | None) -> T:
    async with context.database.transaction() as transaction:
        return await _change_in(context, transaction, gateway, id_, changes, if_match)


async def _change_in(
    context: Context,
    transaction: Connection,
    gateway: TableGateway[T],
    id_: UUID,
    changes: Changes,
    if_match: str | None,
) -> T:
    before = await gateway.locked(transaction, id_)
    if before is None:
        raise EntryNotFound("nothing has this id here")
    check_version(if_match, before.version)
    if replace(before, **changes) == before:
        return before
    after = replace(before, **{**changes, "version": before.version + 1})
    await gateway.save(transaction, after)
    await _announce(context, transaction, after)
    return after


async def _announce(context: Context, transaction: Connection, entry: DirectoryEntry) -> None:
    await outbox.append(transaction, events.listed(entry, context.clock.now()))
