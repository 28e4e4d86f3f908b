"""What a service keeps of the directory: staff with their work contacts, departments, and names of things.

Filled from `crm.directory.v1`; the same three tables in every service that needs to name people or find a chain.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.auth import visibility
from shared.bus.event import Event
from shared.contracts import customers
from shared.db import Connection, Database


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A colleague as the directory lists them; `address` is where `channel` reaches them."""

    id: UUID
    name: str
    role: str
    department_id: UUID | None
    supervisor_id: UUID | None
    channel: str
    address: str | None
    language: str
    active: bool
    successor_id: UUID | None


_KEEP_STAFF = """
INSERT INTO directory_staff AS s (id, name, role, department_id, supervisor_id, channel, address, language, active,
                                  successor_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, role = EXCLUDED.role, department_id = EXCLUDED.department_id,
    supervisor_id = EXCLUDED.supervisor_id, channel = EXCLUDED.channel, address = EXCLUDED.address,
    language = EXCLUDED.language, active = EXCLUDED.active, successor_id = EXCLUDED.successor_id
"""
_KEEP_DEPARTMENT = """
INSERT INTO directory_department (id, name, manager_id) VALUES ($1, $2, $3)
ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, manager_id = EXCLUDED.manager_id
"""
_KEEP_NAME = """
INSERT INTO directory_name (id, kind, name, detail) VALUES ($1, $2, $3, $4)
ON CONFLICT (id) DO UPDATE SET kind = EXCLUDED.kind, name = EXCLUDED.name, detail = EXCLUDED.detail
"""
_PEOPLE = f"SELECT id FROM ({visibility.subordinates('$1')}) AS people (id)"  # noqa: S608  names of ours
STAFF_COLUMNS = "id, name, role, department_id, supervisor_id, channel, address, language, active, successor_id"


async def keep_staff(_: object, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to directory.staff."""
    listed = [event.read(customers.StaffListed) for event in events]
    rows = [
        (s.staff_id, s.name, s.role, s.department_id, s.supervisor_id, s.channel, s.address, s.language, s.active,
         s.successor_id)
        for s in listed
    ]  # fmt: skip
    await transaction.executemany(_KEEP_STAFF, rows)


async def keep_departments(_: object, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to directory.department."""
    listed = [event.read(customers.DepartmentListed) for event in events]
    await transaction.executemany(_KEEP_DEPARTMENT, [(d.department_id, d.name, d.manager_id) for d in listed])


async def keep_regions(_: object, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to directory.region."""
    listed = [event.read(customers.RegionListed) for event in events]
    await transaction.executemany(_KEEP_NAME, [(r.region_id, "region", r.name, None) for r in listed])


async def keep_brands(_: object, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to directory.brand."""
    listed = [event.read(customers.BrandListed) for event in events]
    await transaction.executemany(_KEEP_NAME, [(b.brand_id, "brand", b.name, b.grade) for b in listed])


async def keep_stores(_: object, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to directory.store."""
    listed = [event.read(customers.StoreListed) for event in events]
    await transaction.executemany(_KEEP_NAME, [(s.customer_id, "store", s.name, s.external_no) for s in listed])


async def staff(reader: Connection, ids: Sequence[UUID]) -> dict[UUID, StaffMember]:
    """The listed members among `ids`."""
    rows = await reader.fetch(f"SELECT {STAFF_COLUMNS} FROM directory_staff WHERE id = ANY($1::uuid[])", ids)  # noqa: S608  constant column list
    return {row["id"]: member(row) for row in rows}


async def subordinates(reader: Connection | Database, viewer: UUID) -> set[UUID]:
    """Through whom somebody sees customers: themselves and their people (`shared.auth.visibility`)."""
    return {row["id"] for row in await reader.fetch(_PEOPLE, viewer)}


async def staff_in_role(reader: Connection, role: str) -> list[StaffMember]:
    """Active members of a role, in the order they joined (UUIDv7 sorts by creation)."""
    rows = await reader.fetch(
        f"SELECT {STAFF_COLUMNS} FROM directory_staff WHERE role = $1 AND active ORDER BY id",  # noqa: S608  constant column list
        role,
    )
    return [member(row) for row in rows]


def member(row: Any) -> StaffMember:
    """The member in a row of STAFF_COLUMNS."""
    return StaffMember(**dict(row))


REACTIONS = {
    customers.StaffListed.TYPE: keep_staff,
    customers.DepartmentListed.TYPE: keep_departments,
    customers.RegionListed.TYPE: keep_regions,
    customers.BrandListed.TYPE: keep_brands,
    customers.StoreListed.TYPE: keep_stores,
}
"""To be merged into a service's REACTIONS."""
