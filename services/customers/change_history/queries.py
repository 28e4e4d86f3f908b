"""Reading what was changed of a customer, the newest first."""

from contextlib import suppress
from typing import Any, Final
from uuid import UUID

import orjson
from asyncpg import Record
from cryptography.exceptions import InvalidTag

from services.customers.change_history.domain import Entry, label_of
from services.customers.changes.domain import AFTER, BEFORE
from services.customers.context import Context
from services.customers.heads.store.visibility import sees
from services.customers.merged.store import came_with_merged
from services.customers.personal_keys.store import key_in
from services.customers.relations.domain import PREFIX as RELATION
from services.customers.relations.domain import PREFIX_FROM as RELATION_FROM
from services.customers.traits.domain import PREFIX
from shared.ids import FROM_THE_END
from shared.key_ring import PersonalVault
from shared.references import CustomerNotFound
from shared.statement import Statement

_PAGE: Final = Statement(
    """
    SELECT h.id, h.at, h.changed_by, s.name AS by_name, h.field, h.about, h.said, h.sealed, h.sealed_for,
        coalesce(h.sealed_for, h.customer_id) AS whose, nullif(h.customer_id, c.id) AS merged_id,
        coalesce(t.name_zh, r.name_zh) AS name_zh, coalesce(t.name_en, r.name_en) AS name_en,
        k.sealed_by, k.wrapped, a.erased_at, h.other_id IS NULL OR EXISTS (
            SELECT FROM person p WHERE p.id = h.other_id AND {other_seen}
        ) AS other_seen
    FROM customer c
    LEFT JOIN archive a ON a.customer_id = c.id
    LEFT JOIN LATERAL (
        (SELECT * FROM archive_change WHERE customer_id = c.id AND id < :before ORDER BY id DESC LIMIT :most)
        UNION ALL
        {came} AND came.id < :before
        ORDER BY id DESC LIMIT :most
    ) h ON true
    LEFT JOIN staff s ON s.id = h.changed_by
    LEFT JOIN trait_kind t ON h.field = '{prefix}' || t.code
    LEFT JOIN relation_kind r ON h.field IN ('{relation}' || r.code, '{relation_from}' || r.code)
    LEFT JOIN personal_key k ON k.subject_id = coalesce(h.sealed_for, h.customer_id)
    WHERE c.id = :id AND {seen}
    ORDER BY h.id DESC
    """,
    came=came_with_merged("archive_change", "c.id"),
    seen=sees("c.id"),
    other_seen=sees("p.customer_id"),
    prefix=PREFIX,
    relation=RELATION,
    relation_from=RELATION_FROM,
)
"""By hand: one row at least tells that the customer is there and seen; what merged ones had lies beside their merge."""
_NOTHING: Final[dict[str, Any]] = {BEFORE: None, AFTER: None}


async def page(
    context: Context, customer_id: UUID, before: UUID | None, most: int, *, viewer: UUID | None
) -> list[Entry]:
    """What was changed of a customer. Raises CustomerNotFound, also for one whom the viewer does not see."""
    rows = await _PAGE.all(context.database, id=customer_id, before=before or FROM_THE_END, most=most, viewer=viewer)
    if not rows:
        raise CustomerNotFound("no customer has this id")
    return [_entry(row, context.personal) for row in rows if row["id"] is not None]


def _entry(row: Record, personal: PersonalVault) -> Entry:
    said = row["said"] if row["said"] is not None else _opened(row, personal)
    gone = said is None and any(row[name] is not None for name in ("sealed", "sealed_for", "erased_at"))
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
        whose=row["whose"],
        merged_id=row["merged_id"],
        hidden=not row["other_seen"],
    )


def _opened(row: Record, personal: PersonalVault) -> dict[str, Any] | None:
    """What was sealed; None where a merge kept nothing, and once it went with the person: it was removed, or its key
    was destroyed. What an older release sealed of somebody without a key opens under the service's."""
    if row["sealed"] is None:
        return None
    for sealer in (personal.of(row["whose"], key_in(row)), personal.service):
        with suppress(InvalidTag):
            opened: dict[str, Any] = orjson.loads(sealer.open(row["sealed"], row["id"].bytes))
            return opened
    return None
