"""Import jobs in the database, and who works on them. Leases run on the database's clock."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.customers.imports.domain.jobs import Applied, ImportAsked, ImportState, Job, LeaseLost, Place
from services.customers.imports.domain.layout import ImportKind, Layout
from services.customers.imports.domain.troubles import Trouble
from shared.db import Connection

LEASE_SECONDS = 15.0

COLUMNS = """id, kind, state, mapping, defaults, dry_run, create_customers, size, created_by, created_at, finished_at,
bytes_read, rows_total, rows_unfit, rows_ok, rows_repeated, rows_refused, at_row, trouble, trouble_detail, attempts"""
_INSERT = """
INSERT INTO import_job (id, kind, state, mapping, defaults, dry_run, create_customers, size, created_by, created_at,
                        bytes_read, rows_total, rows_unfit, rows_ok, rows_repeated, rows_refused,
                        at_customer, at_moment, at_content, at_row, at_ordinal, attempts, swept)
VALUES ($1, $2, 'queued', $3, $4, $5, $6, $7, $8, $9, 0, 0, 0, 0, 0, 0,
        '', '-infinity', '00000000-0000-0000-0000-000000000000', 0, 0, 0, false)
"""
_CLAIM = f"""
UPDATE import_job SET state = 'running', attempts = attempts + 1, holder = $1,
       held_until = clock_timestamp() + make_interval(secs => $2)  -- the lease
WHERE id = (SELECT id FROM import_job
            WHERE NOT swept AND state IN ('queued', 'running')
              AND (holder IS NULL OR held_until < clock_timestamp())
            ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING {COLUMNS}
"""  # noqa: S608  constant column list
_EXTEND_LEASE = """
UPDATE import_job SET held_until = clock_timestamp() + make_interval(secs => $3)
WHERE id = $1 AND holder = $2 AND state = 'running' RETURNING true
"""
_HOLD = """
SELECT at_customer, at_moment, at_content, at_row, at_ordinal FROM import_job
WHERE id = $1 AND holder = $2 AND state = 'running' FOR NO KEY UPDATE
"""
_RELEASE = """
UPDATE import_job SET holder = NULL, held_until = NULL, attempts = attempts - $3 WHERE id = $1 AND holder = $2
"""
_ADVANCE = """
UPDATE import_job SET rows_ok = rows_ok + $2, rows_repeated = rows_repeated + $3, rows_refused = rows_refused + $4,
       at_customer = $5, at_moment = $6, at_content = $7, at_row = $8, at_ordinal = $9, attempts = 0
WHERE id = $1
"""
_FINISH = """
UPDATE import_job SET state = $2, trouble = $3, trouble_detail = $4, finished_at = $5, holder = NULL, held_until = NULL
WHERE id = $1
"""


def job_of(row: Any) -> Job:
    """The job in a row of COLUMNS."""
    fields = dict(row)
    layout = Layout(ImportKind(fields.pop("kind")), fields.pop("mapping"), fields.pop("defaults"))
    state, trouble = ImportState(fields.pop("state")), fields.pop("trouble")
    return Job(layout=layout, state=state, trouble=Trouble(trouble) if trouble else None, **fields)


async def insert(transaction: Connection, id_: UUID, asked: ImportAsked, at: datetime) -> None:
    """A queued job whose file is still to come."""
    layout = asked.layout
    await transaction.execute(
        _INSERT,
        id_,
        layout.kind,
        layout.mapping,
        layout.defaults,
        asked.dry_run,
        asked.create_customers,
        0,
        asked.by,
        at,
    )


async def claim(transaction: Connection, holder: UUID, lease_seconds: float) -> Job | None:
    """The oldest job that nobody works on, now held by `holder`."""
    row = await transaction.fetchrow(_CLAIM, holder, lease_seconds)
    return job_of(row) if row else None


async def extend(writer: Connection, id_: UUID, holder: UUID, lease_seconds: float) -> bool:
    """Whether the holder still held it, and so goes on holding it."""
    return bool(await writer.fetchval(_EXTEND_LEASE, id_, holder, lease_seconds))


async def hold(transaction: Connection, id_: UUID, holder: UUID) -> Place:
    """Locks the job for this transaction; raises LeaseLost when it is another's by now."""
    row = await transaction.fetchrow(_HOLD, id_, holder)
    if row is None:
        raise LeaseLost
    return Place(row["at_customer"], row["at_moment"], row["at_content"], row["at_row"], row["at_ordinal"])


async def release(writer: Connection, id_: UUID, holder: UUID, *, blameless: bool) -> None:
    """Lets others work on it at once; a `blameless` end does not count as an attempt that failed."""
    await writer.execute(_RELEASE, id_, holder, int(blameless))


async def advance(transaction: Connection, id_: UUID, batch: Applied) -> None:
    """Figures and place after a batch was applied."""
    await transaction.execute(
        _ADVANCE, id_, batch.ok, batch.repeated, batch.refused, *batch.place.key, batch.place.ordinal
    )


async def finish(
    transaction: Connection, id_: UUID, at: datetime, trouble: Trouble | None = None, detail: str | None = None
) -> None:
    """Done, or failed with the reason."""
    state = ImportState.FAILED if trouble else ImportState.DONE
    await transaction.execute(_FINISH, id_, state, trouble, detail, at)
