"""Ties in the database."""

from dataclasses import fields
from typing import Any, Final
from uuid import UUID

from services.customers.heads.store.visibility import sees
from services.customers.ties.domain import Tie
from services.customers.ties.tables import TieRow
from shared.db import Connection
from shared.statement import Statement, insert_one, update_many, with_parts

_KEPT: Final = tuple(field.name for field in fields(Tie) if field.name != "source")
FIELDS: Final = (*_KEPT, "source")
_TIES: Final = """
    SELECT {entered}, 'entered' AS source FROM tie t WHERE {which}
    UNION ALL
    SELECT c.id, c.version, c.customer_id, 'contractual', c.ends_on, NULL::numeric, NULL::bytea, c.signed_at,
        c.signed_by, NULL::timestamptz, NULL::timestamptz, 'contract' FROM contract c
    WHERE c.withdrawn_at IS NULL AND c.starts_on <= :today::date AND c.ends_on {contracts}
    UNION ALL
    SELECT r.id, r.version, r.customer_id, 'economic', r.ends_on + 1, NULL::numeric, NULL::bytea, r.agreed_at,
        r.agreed_by, NULL::timestamptz, r.updated_at, 'rebate' FROM rebate r
    WHERE r.withdrawn_at IS NULL AND r.starts_on <= :today::date AND r.ends_on {rebates}
    """
_ENTERED: Final = ", ".join(f"t.{name}" for name in _KEPT)
_TODAY: Final = {"entered": _ENTERED, "contracts": "> :today::date", "rebates": ">= :today::date"}
HOLDING: Final = with_parts(
    _TIES, which="t.ended_at IS NULL AND (t.ends_on IS NULL OR t.ends_on > :today::date)", **_TODAY
)
"""What ties customers on the day `:today`: entered, by contracts with a term, by agreements on rebates."""
HOLDING_SINCE: Final = with_parts(
    _TIES,
    entered=_ENTERED,
    which="t.ended_at IS NULL AND (t.ends_on IS NULL OR t.ends_on > :since::date)",
    contracts="> :since::date",
    rebates=">= :since::date",
)
"""The same with what has come to its end since a day."""
ALL: Final = with_parts(_TIES, which="true", **_TODAY)
"""What ties on that day, with what was entered and ties no more."""
EVER: Final = with_parts(_TIES, entered=_ENTERED, which="true", contracts="IS NOT NULL", rebates="IS NOT NULL")
"""The same with contracts and agreements that are over."""
_ADD: Final = Statement(insert_one(TieRow, *_KEPT))
_SAVE: Final = Statement(update_many(TieRow, *_KEPT))
_LOCKED: Final = Statement(
    """
    SELECT {entered} FROM tie t JOIN customer c ON c.id = t.customer_id WHERE t.id = :id AND {seen}
    FOR NO KEY UPDATE OF c, t
    """,
    Tie,
    entered=_ENTERED,
    seen=sees("t.customer_id"),
)
"""By hand: the customer is held before the tie."""


async def add(transaction: Connection, new: Tie) -> None:
    """Adds what ties a held customer."""
    await _ADD.execute(transaction, **_row(new))


async def save(transaction: Connection, held: Tie) -> None:
    """Writes a held tie as it stands."""
    await _SAVE.execute(transaction, **{name: [value] for name, value in _row(held).items()})


async def locked(transaction: Connection, id_: UUID, *, viewer: UUID | None) -> Tie | None:
    """A tie that was entered, held with its customer until the transaction ends; None also for one whose customer the
    viewer does not see."""
    return await _LOCKED.one(transaction, id=id_, viewer=viewer)


def _row(tie: Tie) -> dict[str, Any]:
    return {name: getattr(tie, name) for name in _KEPT}
