"""What reporting keeps of a customer: figures, and what happened, in the words of the events."""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

import orjson

from services.reporting.context import Context
from shared import aliases
from shared.db import Connection
from shared.person_archive import Section
from shared.statement import Statement

_FIGURES: Final = Statement(
    """
    SELECT kind, external_no, tier, tier_since, registered_at, purchases, returns, purchased, first_purchase_at,
           last_purchase_at
    FROM customer WHERE id = ANY(:ids::uuid[]) ORDER BY id
    """
)
_TIMELINE: Final = Statement(
    "SELECT at, type, data FROM timeline WHERE customer_id = ANY(:ids::uuid[]) ORDER BY at, event_id"
)
_LOOKED_AT: Final = Statement(
    "SELECT made_at, made_by, what, purpose FROM audit_entry WHERE subject = ANY(:ids::uuid[]) ORDER BY audit_entry.id"
)


async def sections(_: Context, reader: Connection, person_id: UUID) -> dict[str, Section]:
    """Each section by its name."""
    ids = (await aliases.together(reader, [person_id]))[person_id]
    return {
        "figures": _rows(await _FIGURES.all(reader, ids=ids)),
        "timeline": [{**row, "data": orjson.loads(row["data"])} for row in _rows(await _TIMELINE.all(reader, ids=ids))],
        "looked_at": _rows(await _LOOKED_AT.all(reader, ids=ids)),
    }


def _rows(found: Iterable[Any]) -> list[dict[str, Any]]:
    return [dict(row.items()) for row in found]
