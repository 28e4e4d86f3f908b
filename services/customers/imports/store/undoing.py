"""Imports that are being undone: whether they may be, and how far it has come."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col

from services.customers.imports.domain.jobs import Undoing
from services.customers.imports.domain.layout import ImportKind
from services.customers.imports.store.jobs import JOBS, kept_job
from services.customers.imports.store.sealing import KeptJob
from services.customers.imports.tables import ImportJobRow
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, given

MOST_TOLD = 20
"""Of each kind that was built on an import."""
_ID = col(ImportJobRow.id) == given("id")
_LOCKED = Statement(JOBS.where(_ID).with_for_update(), kept_job)
_ASK = Statement(
    update(ImportJobRow)
    .values(undo_asked_at=given("at"), undo_asked_by=given("by"), undo_place=given("place"))
    .where(_ID)
)
_BUILT_ON = {
    ImportKind.PURCHASES: Scalar(
        """
        (SELECT 'return:' || r.id FROM purchase p JOIN purchase r ON r.returns_id = p.id
         WHERE p.id > :place AND p.import_id = :id AND p.returned > 0 AND r.reversed_at IS NULL LIMIT :most)
        UNION ALL
        (SELECT 'month:' || k.month / 12 || '-' || lpad((k.month % 12 + 1)::text, 2, '0') FROM closed_month k
         WHERE k.closed_at > :finished_at AND EXISTS (
             SELECT FROM purchase p
             WHERE p.id > :place AND p.import_id = :id AND p.month = k.month AND p.reversed_at IS NULL)
         ORDER BY k.month LIMIT :most)
        """,
        str,
    ),
    ImportKind.PAYMENTS: Scalar(
        """
        SELECT 'payment:' || p.id FROM import_made m JOIN payment p ON p.id = m.id
        WHERE m.import_id = :id AND p.version <> m.version AND :place::uuid IS NOT NULL
            AND :finished_at::timestamptz IS NOT NULL LIMIT :most
        """,
        str,
    ),
    ImportKind.CONTRACTS: Scalar(
        """
        SELECT 'contract:' || c.id FROM import_made m JOIN contract c ON c.id = m.id
        WHERE m.import_id = :id AND c.version <> m.version AND :place::uuid IS NOT NULL
            AND :finished_at::timestamptz IS NOT NULL LIMIT :most
        """,
        str,
    ),
    ImportKind.CONTACTS: Scalar(
        """
        SELECT 'person:' || m.id FROM import_made m JOIN person p ON p.id = m.id
        WHERE m.import_id = :id AND p.version <> m.version AND :place::uuid IS NOT NULL
            AND :finished_at::timestamptz IS NOT NULL LIMIT :most
        """,
        str,
    ),
}
"""By hand: what came after, of each kind."""
_NEXT = Statement(
    select(
        col(ImportJobRow.id).label("import_id"),
        col(ImportJobRow.kind),
        col(ImportJobRow.undo_place).label("place"),
        col(ImportJobRow.undo_asked_by).label("by"),
    )
    .where(col(ImportJobRow.undo_asked_at).is_not(None), col(ImportJobRow.undone_at).is_(None))
    .order_by(col(ImportJobRow.undo_asked_at), col(ImportJobRow.id))
    .limit(1)
    .with_for_update(key_share=True, skip_locked=True),
    lambda import_id, kind, place, by: Undoing(import_id, ImportKind(kind), place, by),
)
_ADVANCE = Statement(
    update(ImportJobRow)
    .values(
        undo_place=given("place"),
        rows_undone=col(ImportJobRow.rows_undone) + given("undone"),
        rows_left=col(ImportJobRow.rows_left) + given("left"),
    )
    .where(_ID)
)
_FINISH = Statement(update(ImportJobRow).values(undone_at=given("at")).where(_ID))


async def locked(transaction: Connection, id_: UUID) -> KeptJob | None:
    """A job, held alone until the transaction ends: whoever enters a return of what it made waits."""
    return await _LOCKED.one(transaction, id=id_)


async def built_on(reader: Reader, kind: ImportKind, id_: UUID, place: UUID, finished_at: datetime | None) -> list[str]:
    """What was built on what a job made, up to twenty of each kind."""
    return await _BUILT_ON[kind].all(reader, id=id_, place=place, finished_at=finished_at, most=MOST_TOLD)


async def ask(transaction: Connection, id_: UUID, *, at: datetime, by: UUID, place: UUID) -> None:
    """From now on it is undone, beginning behind that place."""
    await _ASK.execute(transaction, id=id_, at=at, by=by, place=place)


async def following(transaction: Connection) -> Undoing | None:
    """The import that was asked for first of those that are not undone and nobody works on, held."""
    return await _NEXT.one(transaction)


async def advance(transaction: Connection, id_: UUID, place: UUID, *, undone: int, left: int) -> None:
    """Figures and place after a batch was undone."""
    await _ADVANCE.execute(transaction, id=id_, place=place, undone=undone, left=left)


async def finish(transaction: Connection, id_: UUID, at: datetime) -> None:
    await _FINISH.execute(transaction, id=id_, at=at)
