"""What a service keeps of the directory: staff, departments, and names of things; never where a colleague is reached.

Filled from `crm.directory.v1`; the same three tables in every service that needs to name people or find a chain.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final
from uuid import UUID

from asyncpg import Record
from sqlalchemy import Uuid, null, select

from shared.auth import visibility
from shared.contracts import customers
from shared.directory_schema import DEPARTMENT, NAME, STAFF
from shared.projection import Projection
from shared.reactions import Reaction
from shared.statement import Reader, Scalar, Statement, any_given, given, upsert_many


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A colleague as the directory lists them. Where `channel` reaches them, it does not say (decision 20)."""

    id: UUID
    name: str
    role: str
    department_id: UUID | None
    supervisor_id: UUID | None
    channel: str
    language: str
    active: bool
    successor_id: UUID | None


STAFF_FIELDS = tuple(field.name for field in fields(StaffMember))
_MEMBERS = select(*(STAFF.c[name] for name in STAFF_FIELDS))
_STAFF = Statement(_MEMBERS.where(STAFF.c.id == any_given("ids", Uuid)), StaffMember)
_IN_ROLE = Statement(_MEMBERS.where(STAFF.c.role == given("role"), STAFF.c.active).order_by(STAFF.c.id), StaffMember)
_DEPARTMENT = Scalar(select(DEPARTMENT.c.id).where(DEPARTMENT.c.id == given("id")), UUID)
_SUBORDINATES = Scalar("SELECT id FROM ({people}) AS people (id)", UUID, people=visibility.subordinates())
_NAMES = Statement(select(NAME.c.id, NAME.c.name).where(NAME.c.id == any_given("ids", Uuid)))
_NAMED = Scalar(select(NAME.c.id).where(NAME.c.id == given("id"), NAME.c.kind == given("kind")), UUID)
_KEEP_STAFF = Statement(upsert_many(STAFF, *STAFF_FIELDS, keep={"address": null()}))
_KEEP_STAFF_AND_ADDRESS = Statement(upsert_many(STAFF, *STAFF_FIELDS))
_KEEP_DEPARTMENT = Statement(upsert_many(DEPARTMENT, "id", "name", "manager_id"))
_KEEP_NAME = Statement(upsert_many(NAME, "id", "kind", "name", "detail"))


def _member(listed: customers.StaffListed) -> Mapping[str, object]:
    return {"id": listed.staff_id, **{name: getattr(listed, name) for name in STAFF_FIELDS if name != "id"}}


def _staff(statement: Statement[Record]) -> Projection[customers.StaffListed]:
    return Projection(customers.StaffListed, statement, _member, key=lambda listed: listed.staff_id)


on_staff_listed: Final = _staff(_KEEP_STAFF)
"""An address that an older release has left in the row goes with it: everybody is listed again (decision 20)."""
on_staff_listed_by_sender: Final = _staff(_KEEP_STAFF_AND_ADDRESS)
"""For the service that sends to colleagues: it uses that address until a contact comes."""
on_department_listed = Projection(
    customers.DepartmentListed,
    _KEEP_DEPARTMENT,
    lambda d: {"id": d.department_id, "name": d.name, "manager_id": d.manager_id},
    key=lambda d: d.department_id,
)
on_region_listed = Projection(
    customers.RegionListed,
    _KEEP_NAME,
    lambda r: {"id": r.region_id, "kind": "region", "name": r.name, "detail": None},
    key=lambda r: r.region_id,
)
on_brand_listed = Projection(
    customers.BrandListed,
    _KEEP_NAME,
    lambda b: {"id": b.brand_id, "kind": "brand", "name": b.name, "detail": b.grade},
    key=lambda b: b.brand_id,
)
on_store_listed = Projection(
    customers.StoreListed,
    _KEEP_NAME,
    lambda s: {"id": s.customer_id, "kind": "store", "name": s.name, "detail": s.external_no},
)


async def staff(reader: Reader, ids: Sequence[UUID]) -> dict[UUID, StaffMember]:
    """The listed members among `ids`."""
    return {member.id: member for member in await _STAFF.all(reader, ids=ids)}


async def staff_in_role(reader: Reader, role: str) -> list[StaffMember]:
    """Active members of a role, in the order they joined (UUIDv7 sorts by creation)."""
    return await _IN_ROLE.all(reader, role=role)


async def has_department(reader: Reader, id_: UUID) -> bool:
    """Whether the directory lists the department."""
    return await _DEPARTMENT.one(reader, id=id_) is not None


async def has_named(reader: Reader, kind: str, id_: UUID) -> bool:
    """Whether the directory names such a thing: a store, a region or a brand."""
    return await _NAMED.one(reader, kind=kind, id=id_) is not None


async def subordinates(reader: Reader, viewer: UUID) -> set[UUID]:
    """Through whom somebody sees customers: themselves and their people (`shared.auth.visibility`)."""
    return set(await _SUBORDINATES.all(reader, viewer=viewer))


async def names(reader: Reader, ids: Sequence[UUID]) -> dict[UUID, str]:
    """What the directory calls these stores, regions and brands."""
    return {row["id"]: row["name"] for row in await _NAMES.all(reader, ids=ids)}


REACTIONS: Mapping[str, Reaction[object]] = {
    customers.StaffListed.TYPE: on_staff_listed,
    customers.DepartmentListed.TYPE: on_department_listed,
    customers.RegionListed.TYPE: on_region_listed,
    customers.BrandListed.TYPE: on_brand_listed,
    customers.StoreListed.TYPE: on_store_listed,
}
"""To be merged into a service's REACTIONS."""
