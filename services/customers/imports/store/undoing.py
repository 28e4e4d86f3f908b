"""Imports that are being undone: whether they may be, and how far it has come."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col

from services.customers.imports.domain.jobs import Job, Undoing
from services.customers.imports.domain.layout import ImportKind
from services.customers.imports.store.jobs import JOBS, kept_job
from services.customers.imports.store.sealing import KeptJob
from services.customers.imports.tables import ImportJobRow
from services.customers.withdrawing.store import MADE_BUILT_ON, MADE_STANDING
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, given

MOST_TOLD = 20
"""Of each kind that was built on an import."""
MOST_STANDING = 100
_CUSTOMER = "customer:"
_ID = col(ImportJobRow.id) == given("id")
_LOCKED = Statement(JOBS.where(_ID).with_for_update(), kept_job)
_ASK = Statement(
    update(ImportJobRow)
    .values(undo_asked_at=given("at"), undo_asked_by=given("by"), undo_place=given("place"))
    .where(_ID)
)
_BUILT_ON = {
    ImportKind.CUSTOMERS: Scalar(MADE_BUILT_ON, str),
    ImportKind.PURCHASES: Scalar(
        """
        WITH made AS MATERIALIZED (
            SELECT p.id, p.month, p.returned, p.reversed_at FROM purchase p
            WHERE p.id > :place AND p.import_id = :id ORDER BY p.id LIMIT :written
        )
        (SELECT 'return:' || r.id FROM made p JOIN purchase r ON r.returns_id = p.id
         WHERE p.returned > 0 AND r.reversed_at IS NULL LIMIT :most)
        UNION ALL
        (SELECT 'correction:' || r.id FROM made p JOIN purchase_reversal k ON k.purchase_id = p.id
         JOIN purchase r ON r.id = k.replaced_by
         WHERE p.reversed_at IS NOT NULL AND r.reversed_at IS NULL LIMIT :most)
        UNION ALL
        (SELECT 'month:' || k.month / 12 || '-' || lpad((k.month % 12 + 1)::text, 2, '0') FROM closed_month k
         WHERE coalesce(k.first_closed_at, k.closed_at) > :finished_at
             AND EXISTS (SELECT FROM made p WHERE p.month = k.month AND p.reversed_at IS NULL)
         ORDER BY k.month LIMIT :most)
        """,
        str,
    ),
    ImportKind.PAYMENTS: Scalar(
        """
        SELECT 'payment:' || p.id FROM import_made m JOIN payment p ON p.id = m.id
        WHERE m.import_id = :id AND p.version <> m.version AND p.withdrawn_at IS NULL
            AND (m.created OR p.paid_on IS NOT NULL) LIMIT :most
        """,
        str,
    ),
    ImportKind.CONTRACTS: Scalar(
        """
        SELECT 'contract:' || c.id FROM import_made m JOIN contract c ON c.id = m.id
        WHERE m.import_id = :id AND c.version <> m.version AND c.withdrawn_at IS NULL LIMIT :most
        """,
        str,
    ),
    ImportKind.CONTACTS: Scalar(
        """
        (SELECT 'person:' || m.id FROM import_made m JOIN person p ON p.id = m.id
         WHERE m.import_id = :id AND p.version <> m.version LIMIT :most)
        UNION ALL
        (SELECT 'date:' || d.id FROM import_made m JOIN important_date d ON d.person_id = m.id
         WHERE m.import_id = :id LIMIT :most)
        UNION ALL
        (SELECT DISTINCT 'relation:' || r.id FROM import_made m JOIN relation r ON m.id IN (r.from_id, r.to_id)
         WHERE m.import_id = :id LIMIT :most)
        """,
        str,
    ),
}
"""By hand: what came after and was not taken back, of each kind. Purchases are looked at in the order of
their ids, and no further than the import has written."""
_STANDING = Scalar(MADE_STANDING, str)
_NEXT = Statement(
    select(
        col(ImportJobRow.id).label("import_id"),
        col(ImportJobRow.kind),
        col(ImportJobRow.undo_place).label("place"),
        col(ImportJobRow.undo_asked_by).label("by"),
        (col(ImportJobRow.rows_ok) - col(ImportJobRow.rows_undone) - col(ImportJobRow.rows_left)).label("left"),
    )
    .where(col(ImportJobRow.undo_asked_at).is_not(None), col(ImportJobRow.undone_at).is_(None))
    .order_by(col(ImportJobRow.undo_asked_at), col(ImportJobRow.id))
    .limit(1)
    .with_for_update(key_share=True, skip_locked=True),
    lambda import_id, kind, place, by, left: Undoing(import_id, ImportKind(kind), place, by, left),
)
_WAITS = Scalar(
    select(col(ImportJobRow.id))
    .where(col(ImportJobRow.undo_asked_at).is_not(None), col(ImportJobRow.undone_at).is_(None))
    .limit(1),
    UUID,
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


async def built_on(reader: Reader, job: Job, place: UUID) -> list[str]:
    """What was built on what a job made, up to twenty of each kind; its purchases lie behind that place."""
    written = {"place": place, "written": job.rows_ok, "finished_at": job.finished_at}
    of_purchases = written if job.kind is ImportKind.PURCHASES else {}
    return await _BUILT_ON[job.kind].all(reader, id=job.id, most=MOST_TOLD, **of_purchases)


async def standing(reader: Reader, job: Job, built_on: Sequence[str]) -> list[str]:
    """What stands on the customers among that which was built on: customer, kind and how many, up to a hundred."""
    ids = [UUID(each.removeprefix(_CUSTOMER)) for each in built_on if each.startswith(_CUSTOMER)]
    return await _STANDING.all(reader, id=job.id, ids=ids, most=MOST_STANDING) if ids else []


async def waits(reader: Reader) -> bool:
    """Whether there is anything to undo; asked before anybody is kept waiting."""
    return await _WAITS.one(reader) is not None


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
