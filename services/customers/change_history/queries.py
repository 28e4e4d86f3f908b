"""Reading what was changed of a customer, the newest first."""

from typing import Any, Final
from uuid import UUID

import orjson
from asyncpg import Record
from cryptography.exceptions import InvalidTag

from services.customers.change_history.domain import Entry, label_of
from services.customers.changes.domain import AFTER, BEFORE
from services.customers.context import Context
from services.customers.heads.store.visibility import sees
from services.customers.personal_keys.store import key_in
from services.customers.traits.domain import PREFIX
from shared.ids import FROM_THE_END
from shared.key_ring import Sealer
from shared.references import CustomerNotFound
from shared.statement import Statement

_PAGE: Final = Statement(
    """
    SELECT c.id AS customer_id, h.id, h.at, h.changed_by, s.name AS by_name, h.field, h.about, h.said, h.sealed,
        t.name_zh, t.name_en, k.sealed_by, k.wrapped, a.erased_at
    FROM customer c
    LEFT JOIN archive a ON a.customer_id = c.id
    LEFT JOIN LATERAL (
        SELECT * FROM archive_change WHERE customer_id = c.id AND id < :before ORDER BY id DESC LIMIT :most
    ) h ON true
    LEFT JOIN staff s ON s.id = h.changed_by
    LEFT JOIN trait_kind t ON h.field = '{prefix}' || t.code
    LEFT JOIN personal_key k ON k.subject_id = c.id
    WHERE c.id = :id AND {seen}
    ORDER BY h.id DESC
    """,
    seen=sees("c.id"),
    prefix=PREFIX,
)
"""By hand: one row at least tells that the customer is there and seen."""
_NOTHING: Final[dict[str, Any]] = {BEFORE: None, AFTER: None}


async def page(
    context: Context, customer_id: UUID, before: UUID | None, most: int, *, viewer: UUID | None
) -> list[Entry]:
    """What was changed of a customer. Raises CustomerNotFound, also for one whom the viewer does not see."""
    rows = await _PAGE.all(context.database, id=customer_id, before=before or FROM_THE_END, most=most, viewer=viewer)
    if not rows:
        raise CustomerNotFound("no customer has this id")
    sealer = context.personal.of(customer_id, key_in(rows[0]))
    return [_entry(row, sealer) for row in rows if row["id"] is not None]


def _entry(row: Record, sealer: Sealer) -> Entry:
    said = row["said"] if row["said"] is not None else _opened(row, sealer)
    gone = said is None and (row["sealed"] is not None or row["erased_at"] is not None)
    return Entry(
        row["id"],
        row["at"],
        row["changed_by"],
        row["by_name"],
        row["field"],
        label_of(row["field"], row["name_zh"], row["name_en"]),
        row["about"],
        (said or _NOTHING)[BEFORE],
        (said or _NOTHING)[AFTER],
        personal=row["said"] is None,
        gone=gone,
        withheld=said is None and not gone,
    )


def _opened(row: Record, sealer: Sealer) -> dict[str, Any] | None:
    """What was sealed; None where a merge kept nothing, and once it went with the person: it was removed, or its key
    was destroyed."""
    if row["sealed"] is None:
        return None
    try:
        opened: dict[str, Any] = orjson.loads(sealer.open(row["sealed"], row["id"].bytes))
    except InvalidTag:
        return None
    return opened
