"""Names that have not been heard yet, and what they sound like."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from services.customers.finding.domain import Sound
from shared.db import Connection
from shared.statement import Statement


@dataclass(frozen=True, slots=True)
class Unheard:
    """A store whose name has not been heard since it was given; the name is folded."""

    customer_id: UUID
    name: str


_UNHEARD = Statement(
    """
    SELECT customer_id, folded AS name FROM archive
    WHERE kind = 'store' AND sound IS NULL
    ORDER BY customer_id LIMIT :most FOR NO KEY UPDATE SKIP LOCKED
    """,
    Unheard,
)
"""By hand: each worker takes what no other one works on."""
_KEEP = Statement(
    """
    UPDATE archive AS a SET sound = t.sound, sounds = ARRAY(SELECT jsonb_array_elements_text(t.sounds))
    FROM jsonb_to_recordset(:heard::jsonb) AS t(id uuid, sound text, sounds jsonb)
    WHERE a.customer_id = t.id
    """
)


async def unheard(transaction: Connection, most: int) -> list[Unheard]:
    """The next names to be heard, held until the transaction ends."""
    return await _UNHEARD.all(transaction, most=most)


async def keep(transaction: Connection, heard: Mapping[UUID, Sound]) -> None:
    """What these stores' names sound like."""
    rows = [{"id": str(id_), "sound": each.spoken, "sounds": each.index} for id_, each in heard.items()]
    await _KEEP.execute(transaction, heard=rows)
