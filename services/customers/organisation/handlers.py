"""Entering and changing brands, regions, departments and staff; the directory is told of each."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store import locks
from services.customers.organisation import domain, store
from services.customers.organisation.domain import (
    Brand,
    Department,
    Listed,
    NotListed,
    Region,
    Staff,
    SuccessorRefused,
    UnknownDepartment,
    UnknownStaff,
)
from services.customers.organisation.events import facts_of
from services.customers.organisation.store import BRANDS, DEPARTMENTS, REGIONS, STAFF, Register, T
from services.customers.teams.handlers import hand_over
from shared.bus import outbox
from shared.bus.event import Event
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
    """Another grade counts for purchases recorded from now on. Raises NotListed or Stale."""
    return await _change(context, BRANDS, id_, changes, if_match)


async def add_region(context: Context, name: str) -> Region:
    region = Region(new_id(), 1, name)
    async with context.database.transaction() as transaction:
        await REGIONS.add(transaction, region)
        await _announce(context, transaction, region)
    return region


async def change_region(context: Context, id_: UUID, changes: Changes, if_match: str | None) -> Region:
    """Raises NotListed or Stale."""
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
    """Raises NotListed, Stale or UnknownStaff."""
    async with context.database.transaction() as transaction:
        await _check_at_work(transaction, changes.get("manager_id"), "#/manager_id")
        return await _change_in(context, transaction, DEPARTMENTS, id_, changes, if_match)


async def add_staff(context: Context, asked: Changes) -> Staff:
    """Raises UnknownDepartment, UnknownStaff, AddressRefused or RoleRefused."""
    address = domain.address_for(asked["channel"], asked["address"])
    staff = domain.checked(
        Staff(id=new_id(), version=1, active=True, successor_id=None, **{**asked, "address": address})
    )
    async with context.database.transaction() as transaction:
        await _check_department(transaction, staff.department_id)
        await _check_at_work(transaction, staff.supervisor_id, "#/supervisor_id")
        await STAFF.add(transaction, staff)
        await _announce(context, transaction, staff)
    return staff


async def change_staff(context: Context, id_: UUID, changes: Changes, if_match: str | None) -> Staff:
    """Changes a colleague. Who leaves (`active` false) hands every seat in a team to the successor or empties it.

    Raises NotListed, Stale, UnknownDepartment, UnknownStaff, AddressRefused, RoleRefused, SuccessorRefused or
    SupervisorCycle.
    """
    async with context.database.transaction() as transaction:
        if "supervisor_id" in changes:
            await store.lock_chain(transaction)
        before = await STAFF.locked(transaction, id_)
        if before is None:
            raise NotListed("nobody has this id")
        check_version(if_match, before.version)
        after = _changed_staff(before, changes)
        if after == before:
            return before
        await _check_staff(transaction, before, after)
        after = replace(after, version=before.version + 1)
        await STAFF.save(transaction, after)
        await _announce(context, transaction, after)
        if before.active and not after.active:
            await locks.many_customers(transaction)
            await hand_over(context, transaction, id_, after.successor_id)
        return after


def _changed_staff(before: Staff, changes: Changes) -> Staff:
    after = replace(before, **changes)
    if after.active and "successor_id" not in changes:
        after = replace(after, successor_id=None)
    if (after.channel, after.address) != (before.channel, before.address):
        after = replace(after, address=domain.address_for(after.channel, after.address))
    return domain.checked(after)


async def _check_staff(transaction: Connection, before: Staff, after: Staff) -> None:
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


async def listed(context: Context, register: Register[T], id_: UUID) -> T:
    """Raises NotListed."""
    found = await register.get(context.database, id_)
    if found is None:
        raise NotListed("nothing has this id here")
    return found


async def _change(context: Context, register: Register[T], id_: UUID, changes: Changes, if_match: str | None) -> T:
    async with context.database.transaction() as transaction:
        return await _change_in(context, transaction, register, id_, changes, if_match)


async def _change_in(
    context: Context, transaction: Connection, register: Register[T], id_: UUID, changes: Changes, if_match: str | None
) -> T:
    before = await register.locked(transaction, id_)
    if before is None:
        raise NotListed("nothing has this id here")
    check_version(if_match, before.version)
    if replace(before, **changes) == before:
        return before
    after = replace(before, **{**changes, "version": before.version + 1})
    await register.save(transaction, after)
    await _announce(context, transaction, after)
    return after


async def _announce(context: Context, transaction: Connection, thing: Listed) -> None:
    now = context.clock.now()
    events = [Event.of(fact, aggregate_id=thing.id, version=thing.version, at=now) for fact in facts_of(thing)]
    await outbox.append(transaction, events)
