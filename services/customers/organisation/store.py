"""Brands, regions, departments and staff in the database."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Generic, TypeVar
from uuid import UUID

from services.customers.organisation.domain import Brand, Department, DirectoryEntry, Region, Staff
from shared.db import Connection, Database

T = TypeVar("T", bound=DirectoryEntry)

_CHAIN = """
WITH RECURSIVE chain AS (
    SELECT id, supervisor_id, 1 AS steps FROM staff WHERE id = $1
    UNION ALL
    SELECT s.id, s.supervisor_id, c.steps + 1 FROM staff s JOIN chain c ON s.id = c.supervisor_id WHERE c.steps < 60
)
SELECT id, supervisor_id FROM chain
"""
_AT_WORK = "SELECT role FROM staff WHERE id = $1 AND active FOR SHARE"
_LOCK_CHAIN = "SELECT pg_advisory_xact_lock(4018, 0)"


class TableGateway(Generic[T]):
    """The table gateway of one list of the directory, whose entries have a version each."""

    def __init__(self, table: str, entry: type[T]) -> None:
        names = [field.name for field in fields(entry)]
        columns = ", ".join(names)
        places = ", ".join(f"${n}" for n in range(1, len(names) + 1))
        changes = ", ".join(f"{name} = ${n}" for n, name in enumerate(names, 1) if name != "id")
        self.table = table
        self._entry = entry
        self._names = names
        self._add = f"INSERT INTO {table} ({columns}) VALUES ({places})"  # noqa: S608  names of this service's tables
        self._save = f"UPDATE {table} SET {changes} WHERE id = $1"  # noqa: S608  names of this service's tables
        self._select = f"SELECT {columns} FROM {table}"  # noqa: S608  names of this service's tables

    async def add(self, transaction: Connection, entry: T) -> None:
        await transaction.execute(self._add, *self._values(entry))

    async def save(self, transaction: Connection, entry: T) -> None:
        """Writes a locked row."""
        await transaction.execute(self._save, *self._values(entry))

    async def get(self, reader: Connection | Database, id_: UUID) -> T | None:
        return self._of(await reader.fetchrow(f"{self._select} WHERE id = $1", id_))

    async def locked(self, transaction: Connection, id_: UUID) -> T | None:
        return self._of(await transaction.fetchrow(f"{self._select} WHERE id = $1 FOR NO KEY UPDATE", id_))

    async def page(self, reader: Database, filters: Mapping[str, object], after: UUID | None, limit: int) -> list[T]:
        """In the order of entry; `filters` are columns with the value wanted."""
        wanted = {name: value for name, value in filters.items() if value is not None}
        conditions = [f"{name} = ${n}" for n, name in enumerate(wanted, 3)]
        where = " AND ".join(["($1::uuid IS NULL OR id > $1)", *conditions])
        rows = await reader.fetch(f"{self._select} WHERE {where} ORDER BY id LIMIT $2", after, limit, *wanted.values())
        return [self._entry(**row) for row in rows]

    def _values(self, entry: T) -> list[object]:
        return [getattr(entry, name) for name in self._names]

    def _of(self, row: Any) -> T | None:
        return None if row is None else self._entry(**row)


BRANDS = TableGateway("brand", Brand)
REGIONS = TableGateway("region", Region)
DEPARTMENTS = TableGateway("department", Department)
STAFF = TableGateway("staff", Staff)


async def lock_chain(transaction: Connection) -> None:
    """Before somebody gets another supervisor: two changes at once could close a cycle that neither sees."""
    await transaction.execute(_LOCK_CHAIN)


async def chain_above(reader: Connection, staff_id: UUID) -> dict[UUID, UUID | None]:
    """Everybody from `staff_id` upwards -> their supervisor."""
    return {row["id"]: row["supervisor_id"] for row in await reader.fetch(_CHAIN, staff_id)}


async def role_at_work(transaction: Connection, staff_id: UUID) -> str | None:
    """The role of somebody who is at work, and stays so until the transaction ends; None for anybody else."""
    role: str | None = await transaction.fetchval(_AT_WORK, staff_id)
    return role
