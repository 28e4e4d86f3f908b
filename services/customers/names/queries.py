"""Reading names by ids."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from asyncpg import Record

from services.customers.context import Context
from services.customers.heads.store.visibility import sees
from services.customers.names.domain import Named
from services.customers.people.store import name_in
from services.customers.personal_keys import store as keys
from services.customers.prospects.store import SEEN
from shared.statement import Statement

_NAMES: Final = Statement(
    """
    SELECT id, 'staff' AS kind, name, NULL::bytea AS personal, NULL::text AS sealed_by, NULL::bytea AS wrapped
    FROM staff WHERE id = ANY(:ids::uuid[])
    UNION ALL SELECT id, 'department', name, NULL, NULL, NULL FROM department WHERE id = ANY(:ids::uuid[])
    UNION ALL SELECT id, 'brand', name, NULL, NULL, NULL FROM brand WHERE id = ANY(:ids::uuid[])
    UNION ALL SELECT id, 'region', name, NULL, NULL, NULL FROM region WHERE id = ANY(:ids::uuid[])
    UNION ALL SELECT id, 'competitor', name, NULL, NULL, NULL FROM competitor WHERE id = ANY(:ids::uuid[])
    UNION ALL SELECT a.customer_id, 'customer', a.name, CASE WHEN a.name IS NULL THEN a.personal END,
                     k.sealed_by, k.wrapped
    FROM archive a LEFT JOIN personal_key k ON k.subject_id = a.customer_id
    WHERE a.customer_id = ANY(:ids::uuid[]) AND {customer}
    UNION ALL SELECT w.id, 'owner', NULL, w.personal, k.sealed_by, k.wrapped
    FROM owner w LEFT JOIN personal_key k ON k.subject_id = w.id
    WHERE w.id = ANY(:ids::uuid[]) AND w.erased_at IS NULL AND (CAST(:viewer AS uuid) IS NULL OR EXISTS (
        SELECT FROM ownership o WHERE o.owner_id = w.id AND o.until IS NULL AND {owned}))
    UNION ALL SELECT m.id, 'person', NULL, m.personal, k.sealed_by, k.wrapped
    FROM person m JOIN personal_key k ON k.subject_id = m.id
    WHERE m.id = ANY(:ids::uuid[]) AND {person}
    UNION ALL SELECT p.id, 'prospect', NULL, p.personal, k.sealed_by, k.wrapped
    FROM prospect p JOIN personal_key k ON k.subject_id = p.id
    WHERE p.id = ANY(:ids::uuid[]) AND p.personal IS NOT NULL AND {prospect}
    """,
    customer=sees("a.customer_id"),
    owned=sees("o.customer_id"),
    person=sees("m.customer_id"),
    prospect=SEEN,
)
"""By hand: the same question to nine tables in one round trip, each by its key; of persons the sealed part comes along.
Whom the viewer sees is as their own routes have it; an owner who was erased, and a prospect who is a customer by now,
have no name."""


async def names(context: Context, ids: Sequence[UUID], *, viewer: UUID | None) -> list[Named]:
    """What those of the ids stand for that the viewer may know, in no order; ids of nothing else are left out."""
    rows = await _NAMES.all(context.database, ids=list(set(ids)), viewer=viewer)
    return [_named(context, row) for row in rows]


def _named(context: Context, row: Record) -> Named:
    if row["personal"] is None:
        return Named(row["id"], row["kind"], row["name"], personal=False)
    sealer = context.personal.of(row["id"], keys.key_in(row))
    return Named(row["id"], row["kind"], name_in(sealer, row["id"], row["personal"]), personal=True)
