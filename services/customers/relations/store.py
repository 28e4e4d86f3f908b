"""Relations between people in the database."""

from dataclasses import asdict, fields
from typing import Final
from uuid import UUID

import asyncpg
from sqlalchemy import Uuid, select
from sqlmodel import col

from services.customers.heads.store.visibility import sees
from services.customers.relations.domain import Relation, RelationKind, RelationKindTaken, RelationStands
from services.customers.relations.tables import RelationKindRow, RelationRow
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, given, insert_one, table

_KIND: Final = ("code", "name_en", "name_zh", "mutual", "active")
KINDS: Final = select(*(table(RelationKindRow).c[name] for name in _KIND))
_READ_KIND = Statement(KINDS.where(col(RelationKindRow.code) == given("code")), RelationKind)
_ADD_KIND = Statement(insert_one(RelationKindRow, *_KIND))
_ADD = Statement(insert_one(RelationRow, "id", "from_id", "to_id", "kind", "entered_at", "entered_by"))
_REMOVE = Scalar(
    "DELETE FROM relation WHERE id = :id AND (from_id = :person_id OR to_id = :person_id) RETURNING id", UUID
)
_READ = Statement(
    select(*(table(RelationRow).c[field.name] for field in fields(Relation))).where(
        col(RelationRow.id) == given("id"),
        (col(RelationRow.from_id) == given("person_id", Uuid)) | (col(RelationRow.to_id) == given("person_id", Uuid)),
    ),
    Relation,
)
_HOLD = Statement(
    """
    SELECT p.id, p.customer_id FROM person p WHERE p.id = ANY(:ids::uuid[]) AND {seen}
    ORDER BY p.id FOR KEY SHARE OF p
    """,
    seen=sees("p.customer_id"),
)
"""By hand: people whom the viewer sees, held against being erased meanwhile, in the order of their ids."""
_HOLD_RANKS = Statement("SELECT pg_advisory_xact_lock(4018, 3)")
"""By hand: two who report to each other at once would not see each other."""
_REACHES = Scalar(
    """
    WITH RECURSIVE above AS (
        SELECT to_id FROM relation WHERE kind = :kind AND from_id = :from_id
        UNION SELECT r.to_id FROM above a JOIN relation r ON r.from_id = a.to_id AND r.kind = :kind
    )
    SELECT to_id FROM above WHERE to_id = :to_id
    """,
    UUID,
)
"""By hand: all who stand above somebody."""


async def hold_ranks(transaction: Connection) -> None:
    """Before somebody is set above somebody else."""
    await _HOLD_RANKS.execute(transaction)


async def reaches(reader: Reader, kind_code: str, from_id: UUID, to_id: UUID) -> bool:
    """Whether relations of a kind lead from one to the other."""
    return await _REACHES.one(reader, kind=kind_code, from_id=from_id, to_id=to_id) is not None


async def kind(reader: Reader, code: str) -> RelationKind | None:
    return await _READ_KIND.one(reader, code=code)


async def add_kind(transaction: Connection, new: RelationKind) -> None:
    """Raises RelationKindTaken."""
    try:
        await _ADD_KIND.execute(transaction, **asdict(new))
    except asyncpg.UniqueViolationError:
        raise RelationKindTaken("choose another code", pointer="#/code") from None


async def hold(transaction: Connection, ids: list[UUID], *, viewer: UUID | None) -> dict[UUID, UUID]:
    """Those of the people there are, as far as the viewer sees their stores, each with their store; they are held."""
    return {row["id"]: row["customer_id"] for row in await _HOLD.all(transaction, ids=ids, viewer=viewer)}


async def read(reader: Reader, person_id: UUID, id_: UUID) -> Relation | None:
    """A relation of somebody's; None where they have none with this id."""
    return await _READ.one(reader, id=id_, person_id=person_id)


async def add(transaction: Connection, relation: Relation, *, by: UUID) -> None:
    """Raises RelationStands."""
    try:
        await _ADD.execute(transaction, **asdict(relation), entered_by=by)
    except asyncpg.UniqueViolationError:
        raise RelationStands("nothing would change") from None


async def remove(transaction: Connection, person_id: UUID, id_: UUID) -> bool:
    """Removes a relation of somebody's; False where they have none with this id."""
    return await _REMOVE.one(transaction, id=id_, person_id=person_id) is not None
