"""The parts of a purchases file that are applied side by side, each with its customers and its place."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.customers.imports.domain.jobs import Applied, JobPlace, JobTaken, Part
from services.customers.imports.tables import ImportPartRow
from shared.db import Connection
from shared.statement import Scalar, Statement, given

WORTH = 10_000
"""Rows from which on a file is applied in two parts."""
EACH = 101
"""One of so many rows is looked at to find the middle of the customers."""

_NUMBERS = Scalar(
    select(col(ImportPartRow.number))
    .where(col(ImportPartRow.import_id) == given("id"))
    .order_by(col(ImportPartRow.number)),
    int,
)
_DIVIDE = Scalar(
    """
    WITH middle AS (
        SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY r.customer_no) AS customer_no
        FROM import_row r JOIN import_job j ON j.id = r.import_id
        WHERE r.import_id = :id AND r.row_no % :each = 0 AND r.customer_no > j.at_customer
              AND j.rows_total >= :worth AND :divided::boolean
    ), bounds AS (
        SELECT customer_no AS middle, (SELECT max(customer_no) FROM import_row WHERE import_id = :id) AS last,
               (SELECT min(r.customer_no) FROM import_row r
                WHERE r.import_id = :id AND r.customer_no > middle.customer_no) AS following
        FROM middle
    )
    INSERT INTO import_part (import_id, number, upto, at_customer, at_moment, at_content, at_row, at_ordinal)
    SELECT :id, 0, CASE WHEN following IS NULL THEN last ELSE middle END,
           at_customer, at_moment, at_content, at_row, at_ordinal
    FROM bounds, import_job WHERE import_job.id = :id AND last IS NOT NULL
    UNION ALL
    SELECT :id, 1, last, following, '-infinity', '00000000-0000-0000-0000-000000000000', 0, 0
    FROM bounds WHERE following IS NOT NULL
    RETURNING number
    """,
    int,
)
"""By hand: the bounds are customers of the file, found and kept in one statement."""


def _part(number: int, upto: str, **place: Any) -> Part:
    return Part(number, upto, JobPlace(**place))


_HOLD = Statement(
    """
    SELECT p.number, p.upto, p.at_customer AS customer_no, p.at_moment AS occurred_at, p.at_content AS content,
           p.at_row AS row_no, p.at_ordinal AS ordinal
    FROM import_part p JOIN import_job j ON j.id = p.import_id
    WHERE p.import_id = :id AND p.number = :number AND j.holder = :holder AND j.state = 'running'
    FOR NO KEY UPDATE OF p
    """,
    _part,
)
_ADVANCE = Scalar(
    """
    WITH reached AS (
        UPDATE import_part SET at_customer = :customer_no, at_moment = :occurred_at, at_content = :content,
                               at_row = :row_no, at_ordinal = :ordinal
        WHERE import_id = :id AND number = :number
    )
    UPDATE import_job SET rows_ok = rows_ok + :ok, rows_repeated = rows_repeated + :repeated,
                          rows_refused = rows_refused + :refused, rows_alike = rows_alike + :alike, attempts = 0
    WHERE id = :id AND holder = :holder AND state = 'running' RETURNING true
    """,
    bool,
)
"""By hand: place and figures in one round trip. The job's row is held from here to the commit, which comes next: parts
wait for each other no longer than that."""


async def numbers(transaction: Connection, id_: UUID, *, divided: bool) -> list[int]:
    """The parts of a job that is read and held: as they are, or made now, two of them if it may be `divided`.

    Registering customers is done alone, so a file that creates stores gains nothing by it.
    """
    standing = await _NUMBERS.all(transaction, id=id_)
    return standing or await _DIVIDE.all(transaction, id=id_, each=EACH, worth=WORTH, divided=divided)


async def hold(transaction: Connection, id_: UUID, number: int, holder: UUID) -> Part:
    """Locks the part for this transaction; raises JobTaken when the job is another's by now."""
    part = await _HOLD.one(transaction, id=id_, number=number, holder=holder)
    if part is None:
        raise JobTaken
    return part


async def advance(transaction: Connection, id_: UUID, number: int, holder: UUID, batch: Applied) -> None:
    """Place and figures after a batch was applied, last in its transaction.

    Raises JobTaken when the job was taken over meanwhile: who has it waits for the part, and then does the same rows.
    """
    figures = {"ok": batch.ok, "repeated": batch.repeated, "refused": batch.refused, "alike": batch.alike}
    if not await _ADVANCE.one(transaction, id=id_, number=number, holder=holder, **figures, **asdict(batch.place)):
        raise JobTaken
