"""Reading names by ids."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from asyncpg import Record

from services.customers.archive.store import sealing
from services.customers.context import Context
from services.customers.heads.store.visibility import sees
from services.customers.names.domain import Named
from services.customers.personal_keys import store as keys
from shared.statement import Statement

_NAMES: Final = Statement(
    """
    SELECT id, 'staff' AS kind, name, NULL::bytea AS personal, NULL::text AS sealed_by, NULL::bytea AS wrapped
    FROM staff WHERE id = ANY(:ids::uuid[])
    UNION ALL SELECT id, 'department', name, NULL, NULL, NULL FROM department WHERE id = ANY(:ids::uuid[])
    UNION ALL SELECT id, 'brand', name, NULL, NULL, NULL FROM brand WHERE id = ANY(:ids::uuid[])
    UNION ALL SELECT id, 'region', name, NULL, NULL, NULL FROM region WHERE id = ANY(:ids::uuid[])
    UNION ALL SELECT a.customer_id, 'customer', a.name, CASE WHEN a.name IS NULL THEN a.personal END,
                     k.sealed_by, k.wrapped
    FROM archive a LEFT JOIN personal_key k ON k.subject_id = a.customer_id
    WHERE a.customer_id = ANY(:ids::uuid[]) AND {seen}
    """,
    seen=sees("a.customer_id"),
)
"""By hand: the same question to five tables in one round trip; of who is a person the sealed part comes along."""


async def names(context: Context, ids: Sequence[UUID], *, viewer: UUID | None) -> list[Named]:
    """What those of the ids stand for that the viewer may know, in no order; ids of nothing else are left out."""
    rows = await _NAMES.all(context.database, ids=list(set(ids)), viewer=viewer)
    return [_named(context, row) for row in rows]


def _named(context: Context, row: Record) -> Named:
    if row["personal"] is None:
        return Named(row["id"], row["kind"], row["name"], personal=False)
    sealed = sealing.unseal(context.personal.of(row["id"], keys.key_in(row)), row["id"], row["personal"])
    return Named(row["id"], row["kind"], sealed["name"], personal=True)
