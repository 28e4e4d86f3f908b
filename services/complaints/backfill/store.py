"""Reading, some at a time, what an earlier release kept, and keeping how far that is."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.db import Connection
from shared.statement import Scalar, Statement


@dataclass(frozen=True, slots=True)
class Begun:
    """Something that is gone through, and from where on."""

    what: str
    after_id: UUID
    looked_at: int


@dataclass(frozen=True, slots=True)
class Entry:
    """Sealed words that were said of a case."""

    id: UUID
    complaint_id: UUID
    words: bytes


@dataclass(frozen=True, slots=True)
class Contact:
    """A sealed contact of a customer."""

    customer_id: UUID
    sealed: bytes


_NEXT = Statement(
    """
    SELECT what, after_id, looked_at FROM trace_backfill
    WHERE turns_left > 0 AND not_before <= :now
    ORDER BY what LIMIT 1 FOR UPDATE SKIP LOCKED
    """,
    Begun,
)
"""By hand, as all that follow: each worker takes what no other one works on."""
_ADVANCE = Statement(
    "UPDATE trace_backfill SET after_id = :after_id, looked_at = looked_at + :looked_at WHERE what = :what"
)
_TURN = Statement(
    """
    UPDATE trace_backfill
    SET after_id = '00000000-0000-0000-0000-000000000000', looked_at = 0, turns_left = turns_left - 1,
        not_before = :not_before
    WHERE what = :what
    """
)
_CASES = Scalar(
    "SELECT id FROM complaint WHERE id > :after_id ORDER BY id LIMIT :most FOR KEY SHARE",
    UUID,
)
_ENTRIES = Statement(
    """
    SELECT id, complaint_id, words FROM case_entry
    WHERE id > :after_id AND words IS NOT NULL ORDER BY id LIMIT :most
    """,
    Entry,
)
_HOLD_CASES = Statement("SELECT FROM complaint WHERE id = ANY(:ids::uuid[]) ORDER BY id FOR KEY SHARE")
_CONTACTS = Statement(
    """
    SELECT customer_id, sealed FROM contact
    WHERE customer_id > :after_id ORDER BY customer_id LIMIT :most FOR UPDATE
    """,
    Contact,
)
"""Held, so that what is listed of a customer meanwhile is kept afterwards."""


async def next_begun(transaction: Connection, now: datetime) -> Begun | None:
    """What is to be gone through and nobody works on, held until the transaction ends."""
    return await _NEXT.one(transaction, now=now)


async def advance(transaction: Connection, begun: Begun, after_id: UUID, looked_at: int) -> None:
    """It goes on from there."""
    await _ADVANCE.execute(transaction, what=begun.what, after_id=after_id, looked_at=looked_at)


async def end_turn(transaction: Connection, begun: Begun, not_before: datetime) -> None:
    """There is no more of it in this turn; the next one, if any is left, begins then."""
    await _TURN.execute(transaction, what=begun.what, not_before=not_before)


async def cases(transaction: Connection, after_id: UUID, most: int) -> list[UUID]:
    """The next cases, held as their traces refer to them, before these: as who works on one holds them."""
    return await _CASES.all(transaction, after_id=after_id, most=most)


async def entries(transaction: Connection, after_id: UUID, most: int) -> list[Entry]:
    """The next words that were said of cases, in the order of these, which are held likewise."""
    found = await _ENTRIES.all(transaction, after_id=after_id, most=most)
    await _HOLD_CASES.execute(transaction, ids=sorted({each.complaint_id for each in found}))
    return found


async def contacts(transaction: Connection, after_id: UUID, most: int) -> list[Contact]:
    """The next contacts of customers, held."""
    return await _CONTACTS.all(transaction, after_id=after_id, most=most)
