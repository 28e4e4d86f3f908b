"""Writing down what was changed, in the transaction that changes it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from services.customers.changes.domain import Change
from shared.db import Connection
from shared.ids import new_id
from shared.key_ring import Sealer
from shared.statement import Statement

_KEEP: Final = Statement(
    """
    WITH cared_for AS (
        UPDATE archive_standing SET active_at = greatest(active_at, :at) WHERE customer_id = :customer_id
    )
    INSERT INTO archive_change (
        id, customer_id, at, changed_by, field, about, said, sealed, sealed_for, other_id
    )
    SELECT t.id, :customer_id, :at, :changed_by, t.field, t.about, t.said, decode(t.sealed, 'hex'), t.sealed_for,
        t.other_id
    FROM jsonb_to_recordset(:changes::jsonb) AS t(
        id uuid, field text, about uuid, said jsonb, sealed text, sealed_for uuid, other_id uuid
    )
    """
)
"""By hand: JSON cannot go through unnest; that somebody cared for the archive is kept in the same round trip."""
_FORGET: Final = Statement(
    """
    UPDATE archive_change
    SET sealed = NULL, said = CASE WHEN field = ANY(:free::text[]) THEN NULL ELSE said END
    WHERE customer_id = :customer_id AND (sealed IS NOT NULL OR field = ANY(:free::text[]) AND said IS NOT NULL)
    """
)
_FORGET_PEOPLE: Final = Statement(
    """
    WITH behind AS (
        UPDATE customer_merge_aside SET content = content || '{"sealed": null}'
        WHERE place = 'archive_change' AND content ->> 'other_id' = ANY(:ids::uuid[]::text[])
    )
    UPDATE archive_change SET sealed = NULL
    WHERE sealed IS NOT NULL AND (sealed_for = ANY(:ids::uuid[]) OR other_id = ANY(:ids::uuid[]))
    """
)
"""By hand: also of stores that were merged. What is sealed for somebody there goes with their key."""


async def keep(
    transaction: Connection,
    customer_id: UUID,
    changes: Sequence[Change],
    *,
    at: datetime,
    by: UUID | None,
    sealer: Sealer | None = None,
    sealed_for: UUID | None = None,
) -> None:
    """Keeps what was changed of a held customer, by one statement; of nothing nothing.

    `sealer` is the customer's own, or that of the person it is `sealed_for`, and needed where a change is personal.
    Raises LookupError without it.
    """
    if changes:
        rows = [_row(change, sealer, sealed_for) for change in changes]
        await _KEEP.execute(transaction, customer_id=customer_id, at=at, changed_by=by, changes=rows)


async def forget(transaction: Connection, customer_id: UUID, free: Sequence[str]) -> None:
    """Removes what is personal of a customer's history, when the person is erased; that something changed stays.

    `free` are the fields in which somebody writes what they like.
    """
    await _FORGET.execute(transaction, customer_id=customer_id, free=list(free))


async def forget_people(transaction: Connection, ids: Sequence[UUID]) -> None:
    """Removes what was said of these people of stores, or owners, in whichever history; that something changed stays.
    Their keys are destroyed by whoever erases them."""
    await _FORGET_PEOPLE.execute(transaction, ids=list(ids))


def _row(change: Change, sealer: Sealer | None, sealed_for: UUID | None) -> dict[str, Any]:
    id_ = new_id()
    row: dict[str, Any] = {"id": id_, "field": change.field, "about": change.about, "said": None, "sealed": None}
    if change.withheld:
        return row
    if not change.personal:
        return row | {"said": change.said()}
    if sealer is None:
        raise LookupError(f"{change.field} is personal: who seals it?")
    sealed = sealer.seal(orjson.dumps(change.said()), id_.bytes).hex()
    return row | {"sealed": sealed, "sealed_for": sealed_for, "other_id": change.other}
