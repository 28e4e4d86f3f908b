"""What a service keeps of the directory: staff with their work contacts, departments, and names of things.

Filled from `crm.directory.v1`; the same three tables in every service that needs to name people or find a chain.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Uuid, select

from shared.auth import visibility
from shared.bus.event import Event
from shared.contracts import customers
from shared.contracts.base import Fact
from shared.db import Connection
from shared.directory_schema import DEPARTMENT, NAME, STAFF
from shared.statement import Reader, Scalar, Statement, any_given, by_column, given, upsert_many

F = TypeVar("F", bound=Fact)


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


STAFF_FIELDS = tuple(field.name for field in fields(StaffMember))
_MEMBERS = select(*(STAFF.c[name] for name in STAFF_FIELDS))
_STAFF = Statement(_MEMBERS.where(STAFF.c.id == any_given("ids", Uuid)), StaffMember)
_IN_ROLE = Statement(_MEMBERS.where(STAFF.c.role == given("role"), STAFF.c.active).order_by(STAFF.c.id), StaffMember)
_SUBORDINATES = Scalar("SELECT id FROM ({people}) AS people (id)", UUID, people=visibility.subordinates())
_NAMES = Statement(select(NAME.c.id, NAME.c.name).where(NAME.c.id == any_given("ids", Uuid)))
_KEEP_STAFF = Statement(upsert_many(STAFF, *STAFF_FIELDS))
_KEEP_DEPARTMENT = Statement(upsert_many(DEPARTMENT, "id", "name", "manager_id"))
_KEEP_NAME = Statement(upsert_many(NAME, "id", "kind", "name", "detail"))


async def on_staff_listed(_: object, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to directory.staff."""

    def row(listed: customers.StaffListed) -> dict[str, Any]:
        return {"id": listed.staff_id, **{name: getattr(listed, name) for name in STAFF_FIELDS if name != "id"}}

    await _keep(transaction, _KEEP_STAFF, _latest(customers.StaffListed, events), row)


async def on_department_listed(_: object, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to directory.department."""

    def row(listed: customers.DepartmentListed) -> dict[str, Any]:
        return {"id": listed.department_id, "name": listed.name, "manager_id": listed.manager_id}

    await _keep(transaction, _KEEP_DEPARTMENT, _latest(customers.DepartmentListed, events), row)


async def on_region_listed(_: object, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to directory.region."""

    def row(listed: customers.RegionListed) -> dict[str, Any]:
        return {"id": listed.region_id, "kind": "region", "name": listed.name, "detail": None}

    await _keep(transaction, _KEEP_NAME, _latest(customers.RegionListed, events), row)


async def on_brand_listed(_: object, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to directory.brand."""

    def row(listed: customers.BrandListed) -> dict[str, Any]:
        return {"id": listed.brand_id, "kind": "brand", "name": listed.name, "detail": listed.grade}

    await _keep(transaction, _KEEP_NAME, _latest(customers.BrandListed, events), row)


async def on_store_listed(_: object, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to directory.store."""

    def row(listed: customers.StoreListed) -> dict[str, Any]:
        return {"id": listed.customer_id, "kind": "store", "name": listed.name, "detail": listed.external_no}

    await _keep(transaction, _KEEP_NAME, _latest(customers.StoreListed, events), row)


def _latest(contract: type[F], events: Sequence[Event]) -> Iterable[F]:
    """The last listing of each thing: a statement changes a row only once."""
    return [event.read(contract) for event in {event.aggregate_id: event for event in events}.values()]


async def _keep(transaction: Connection, keep: Statement[Any], listed: Iterable[F], row: Callable[[F], Any]) -> None:
    await keep.execute(transaction, **by_column(map(row, listed)))


async def staff(reader: Reader, ids: Sequence[UUID]) -> dict[UUID, StaffMember]:
    """The listed members among `ids`."""
    return {member.id: member for member in await _STAFF.all(reader, ids=ids)}


async def staff_in_role(reader: Reader, role: str) -> list[StaffMember]:
    """Active members of a role, in the order they joined (UUIDv7 sorts by creation)."""
    return await _IN_ROLE.all(reader, role=role)


async def subordinates(reader: Reader, viewer: UUID) -> set[UUID]:
    """Through whom somebody sees customers: themselves and their people (`shared.auth.visibility`)."""
    return set(await _SUBORDINATES.all(reader, viewer=viewer))


async def names(reader: Reader, ids: Sequence[UUID]) -> dict[UUID, str]:
    """What the directory calls these stores, regions and brands."""
    return {row["id"]: row["name"] for row in await _NAMES.all(reader, ids=ids)}


REACTIONS = {
    customers.StaffListed.TYPE: on_staff_listed,
    customers.DepartmentListed.TYPE: on_department_listed,
    customers.RegionListed.TYPE: on_region_listed,
    customers.BrandListed.TYPE: on_brand_listed,
    customers.StoreListed.TYPE: on_store_listed,
}
"""To be merged into a service's REACTIONS."""
