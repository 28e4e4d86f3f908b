"""Brands, regions, departments and staff in the database."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Uuid, or_, select, update
from sqlmodel import col

from services.customers.organisation.domain import Brand, Department, DirectoryEntry, Region, Staff
from services.customers.organisation.tables import BrandRow, DepartmentRow, RegionRow, StaffRow
from shared.db import Connection
from shared.statement import Reader, Rows, Scalar, Statement, any_given, given, if_given, insert_one, table

T = TypeVar("T", bound=DirectoryEntry)

_CHAIN = Statement(
    """
    WITH RECURSIVE chain AS (
        SELECT id, supervisor_id, 1 AS steps FROM staff WHERE id = :id
        UNION ALL
        SELECT s.id, s.supervisor_id, c.steps + 1 FROM staff s JOIN chain c ON s.id = c.supervisor_id WHERE c.steps < 60
    )
    SELECT id, supervisor_id FROM chain
    """
)
"""By hand: it calls itself."""
_AT_WORK = Scalar(
    select(col(StaffRow.role)).where(col(StaffRow.id) == given("id"), col(StaffRow.active)).with_for_update(read=True),
    str,
)
_LOCK_CHAIN = Statement("SELECT pg_advisory_xact_lock(4018, 0)")
_LOCK_UNTOLD = Statement(
    select(*(table(StaffRow).c[field.name] for field in fields(Staff)))
    .where(col(StaffRow.contact_told).is_distinct_from(col(StaffRow.version)))
    .order_by(col(StaffRow.id))
    .limit(given("most"))
    .with_for_update(key_share=True, skip_locked=True),
    Staff,
)
_MARK_TOLD = Statement(
    update(StaffRow).values(contact_told=col(StaffRow.version)).where(col(StaffRow.id) == any_given("staff", Uuid))
)
_FORGET_TOLD = Scalar(
    "WITH forgotten AS (UPDATE staff SET contact_told = NULL RETURNING 1) SELECT count(*) FROM forgotten", int
)
"""By hand: it counts what it changes."""


class TableGateway(Generic[T]):
    """The table gateway of one list of the directory, whose entries have a version each."""

    def __init__(self, row: Rows, entry: type[T], *filters: str) -> None:
        """`filters` are columns by which a page may be narrowed."""
        columns = table(row).c
        names = [field.name for field in fields(entry)]
        changes = {name: given(name, columns[name].type) for name in names if name != "id"}
        entries = select(*(columns[name] for name in names))
        one = entries.where(columns.id == given("id"))
        after = given("after", Uuid)
        page = entries.where(or_(after.is_(None), columns.id > after), *(if_given(columns[name]) for name in filters))
        self._filters: Mapping[str, object] = dict.fromkeys(filters)
        self._add = Statement(insert_one(row, *names))
        self._save = Statement(update(table(row)).values(changes).where(columns.id == given("id")))
        self._get = Statement(one, entry)
        self._locked = Statement(one.with_for_update(key_share=True), entry)
        self._page = Statement(page.order_by(columns.id).limit(given("most")), entry)

    async def add(self, transaction: Connection, entry: T) -> None:
        await self._add.execute(transaction, **asdict(entry))

    async def save(self, transaction: Connection, entry: T) -> None:
        """Writes a locked row."""
        await self._save.execute(transaction, **asdict(entry))

    async def get(self, reader: Reader, id_: UUID) -> T | None:
        return await self._get.one(reader, id=id_)

    async def locked(self, transaction: Connection, id_: UUID) -> T | None:
        return await self._locked.one(transaction, id=id_)

    async def page(self, reader: Reader, after: UUID | None, most: int, wanted: Mapping[str, object]) -> list[T]:
        """In the order of entry; `wanted` are columns with their value, None for any."""
        return await self._page.all(reader, after=after, most=most, **{**self._filters, **wanted})


_GATEWAYS: Mapping[type[DirectoryEntry], TableGateway[Any]] = {
    Brand: TableGateway(BrandRow, Brand),
    Region: TableGateway(RegionRow, Region),
    Department: TableGateway(DepartmentRow, Department),
    Staff: TableGateway(StaffRow, Staff, "role", "department_id", "active"),
}


def gateway(kind: type[T]) -> TableGateway[T]:
    """That of the list in which entries of this kind stand."""
    return _GATEWAYS[kind]


async def lock_chain(transaction: Connection) -> None:
    """Before somebody gets another supervisor: two changes at once could close a cycle that neither sees."""
    await _LOCK_CHAIN.execute(transaction)


async def chain_above(reader: Reader, staff_id: UUID) -> dict[UUID, UUID | None]:
    """Everybody from `staff_id` upwards -> their supervisor."""
    return {row["id"]: row["supervisor_id"] for row in await _CHAIN.all(reader, id=staff_id)}


async def role_at_work(transaction: Connection, staff_id: UUID) -> str | None:
    """The role of somebody who is at work, and stays so until the transaction ends; None for anybody else."""
    return await _AT_WORK.one(transaction, id=staff_id)


async def lock_untold(transaction: Connection, most: int) -> list[Staff]:
    """Colleagues whose contact was not told as it is in their version of now, held, in the order they joined."""
    return await _LOCK_UNTOLD.all(transaction, most=most)


async def mark_told(transaction: Connection, staff: Sequence[UUID]) -> None:
    """Remembers that the contacts of these locked rows are told as they are."""
    await _MARK_TOLD.execute(transaction, staff=list(staff))


async def forget_told(transaction: Connection) -> int:
    """Has every contact told anew; of how many colleagues."""
    return await _FORGET_TOLD.only(transaction)
