"""Names that have not been heard yet, what they sound like, and the conditions by which stores are found."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from services.customers.finding.domain import Sound
from shared.db import Connection
from shared.statement import Statement, with_parts

WALKED: Final = 40_000
"""Stores that are looked at one after the other where what is sought is frequent."""
_TAGGED: Final = """SELECT g.customer_id FROM tag t JOIN customer_tag g ON g.tag = t.name
        WHERE starts_with(lower(t.name), lower(:query))"""
FOLDED: Final = r"regexp_replace(lower(normalize({name}, NFKC)), '\s+', '', 'g')"
"""A name as `folded` writes it, for statements that compare what is kept as it was written."""
_SAID: Final = """(archive.words @> :words AND (strpos(archive.folded, :folded) > 0 OR strpos({legal}, :folded) > 0)
    OR archive.sound IS NOT NULL AND archive.sounds @> :syllables AND strpos(archive.sound, :spoken) > 0
    OR archive.sound IS NOT NULL AND archive.sounds @> :initials AND strpos(archive.sound, :spoken) > 0
    OR archive.external_no = :query OR archive.traces && :traces OR archive.customer_id {tagged})"""
LEGAL: Final = with_parts(FOLDED, name="coalesce(archive.legal_name, '')")
"""A store's legal name, folded: of those alone who have all of its characters."""
SAID: Final = with_parts(_SAID, legal=LEGAL, tagged=f"= ANY (ARRAY({_TAGGED}))")
"""A store has it in one of its names, or sounds like it; or anybody has it as number, licence, phone, e-mail or full
name, or has a tag that begins with it."""
SAID_OF_EACH: Final = with_parts(_SAID, legal=LEGAL, tagged=f"IN ({_TAGGED})")
"""The same, asked of one after the other and of no index: who is tagged is looked up in a table of hashes."""
MET: Final = with_parts(
    """coalesce({said}, false) AND archive.customer_id > :walked_from AND archive.customer_id <= coalesce(
    (SELECT w.customer_id FROM archive w WHERE w.customer_id > :walked_from
     ORDER BY w.customer_id OFFSET {walked} LIMIT 1), 'ffffffff-ffff-ffff-ffff-ffffffffffff')""",
    said=SAID_OF_EACH,
    walked=f"{WALKED:d}",
)
"""The same of the next stores alone, asked of each of them and of no index."""


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
