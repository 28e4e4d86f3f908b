"""Rows of import jobs and SQL around them. Leases run on the database's clock."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.customers.imports.domain.cells import Fault, ImportKind, ImportState, Layout, Trouble, key_of
from shared.db import Connection

LEASE_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Job:
    """An import as it stands."""

    id: UUID
    layout: Layout
    state: ImportState
    dry_run: bool
    create_customers: bool
    size: int
    created_by: UUID
    created_at: datetime
    finished_at: datetime | None
    bytes_read: int
    rows_total: int
    rows_unfit: int
    rows_ok: int
    rows_repeated: int
    rows_refused: int
    at_row: int
    trouble: Trouble | None
    trouble_detail: str | None
    attempts: int

    @property
    def rows_bad(self) -> int:
        return self.rows_unfit + self.rows_refused

    @property
    def progress(self) -> float:
        """From 0 to 1: reading counts for a third, applying for the rest."""
        if self.state is ImportState.DONE:
            return 1.0
        read = self.bytes_read / self.size if self.size else 1.0
        good = self.rows_total - self.rows_unfit
        applied = (self.rows_ok + self.rows_repeated + self.rows_refused) / good if good else 0.0
        return round(read / 3 + (applied * 2 / 3 if read >= 1 else 0.0), 3)


@dataclass(frozen=True, slots=True)
class Reading:
    """How far the file of a job has been read."""

    last_row: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Place:
    """The last row applied, in the order of `import_row`, and its ordinal among equal rows."""

    customer_no: str
    occurred_at: datetime
    content: UUID
    row_no: int
    ordinal: int

    @property
    def key(self) -> tuple[str, datetime, UUID, int]:
        return self.customer_no, self.occurred_at, self.content, self.row_no


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a batch; `place` is its last row, `entered` who bought something in the running month."""

    ok: int
    repeated: int
    refused: int
    place: Place
    entered: Sequence[UUID] = ()

    @property
    def rows(self) -> int:
        return self.ok + self.repeated + self.refused


class LeaseLost(Exception):
    """Another worker has taken the job over."""


COLUMNS = """id, kind, state, mapping, defaults, dry_run, create_customers, size, created_by, created_at, finished_at,
bytes_read, rows_total, rows_unfit, rows_ok, rows_repeated, rows_refused, at_row, trouble, trouble_detail, attempts"""


def job_of(row: Any) -> Job:
    """The job in a row of COLUMNS."""
    fields = dict(row)
    layout = Layout(ImportKind(fields.pop("kind")), fields.pop("mapping"), fields.pop("defaults"))
    state, trouble = ImportState(fields.pop("state")), fields.pop("trouble")
    return Job(layout=layout, state=state, trouble=Trouble(trouble) if trouble else None, **fields)


# ------------------------------------------------------------------------------------------------ coming in

_INSERT = """
INSERT INTO import_job (id, kind, state, mapping, defaults, dry_run, create_customers, size, created_by, created_at,
                        bytes_read, rows_total, rows_unfit, rows_ok, rows_repeated, rows_refused,
                        at_customer, at_moment, at_content, at_row, at_ordinal, attempts, swept)
VALUES ($1, $2, 'queued', $3, $4, $5, $6, $7, $8, $9, 0, 0, 0, 0, 0, 0,
        '', '-infinity', '00000000-0000-0000-0000-000000000000', 0, 0, 0, false)
"""
_INSERT_CHUNK = "INSERT INTO import_chunk (import_id, number, sealed) VALUES ($1, $2, $3)"
_CHUNK = "SELECT sealed FROM import_chunk WHERE import_id = $1 AND number = $2"


async def insert(
    transaction: Connection,
    id_: UUID,
    layout: Layout,
    *,
    dry_run: bool,
    create_customers: bool,
    by: UUID,
    at: datetime,
) -> None:
    """A queued job whose file is still to come."""
    await transaction.execute(
        _INSERT, id_, layout.kind, layout.mapping, layout.defaults, dry_run, create_customers, 0, by, at
    )


async def insert_chunk(transaction: Connection, id_: UUID, number: int, sealed: bytes) -> None:
    await transaction.execute(_INSERT_CHUNK, id_, number, sealed)


async def set_size(transaction: Connection, id_: UUID, size: int) -> None:
    """`size` in bytes of the whole file."""
    await transaction.execute("UPDATE import_job SET size = $2 WHERE id = $1", id_, size)


async def chunk(reader: Connection, id_: UUID, number: int) -> bytes | None:
    """The sealed chunk; None after the last one."""
    sealed: bytes | None = await reader.fetchval(_CHUNK, id_, number)
    return sealed


# ------------------------------------------------------------------------------------------------ asked for

_PAGE = f"""
SELECT {COLUMNS} FROM import_job WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2
"""  # noqa: S608  constant column list
_FAULTS = """
SELECT row_no, field, trouble FROM import_fault WHERE import_id = $1 AND (row_no, field) > ($2, $3)
ORDER BY row_no, field LIMIT $4
"""


async def job(reader: Connection, id_: UUID) -> Job | None:
    row = await reader.fetchrow(f"SELECT {COLUMNS} FROM import_job WHERE id = $1", id_)  # noqa: S608  constant columns
    return job_of(row) if row else None


async def page(reader: Connection, before: UUID | None, limit: int) -> list[Job]:
    """The latest jobs first."""
    return [job_of(row) for row in await reader.fetch(_PAGE, before, limit)]


async def faults_after(reader: Connection, id_: UUID, after: tuple[int, str], limit: int) -> list[Fault]:
    """Bad rows in the order of the file, after (row, field)."""
    rows = await reader.fetch(_FAULTS, id_, *after, limit)
    return [Fault(row["row_no"], row["field"], Trouble(row["trouble"])) for row in rows]


# ------------------------------------------------------------------------------------------------ held by a worker

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


# ------------------------------------------------------------------------------------------------ reading

_NAMES = {
    ImportKind.PURCHASES: "SELECT id, name FROM brand",
    ImportKind.CUSTOMERS: "SELECT id, name FROM region",
}
_STAGED = (
    "import_id",
    "row_no",
    "customer_no",
    "occurred_at",
    "content",
    "month",
    "amount",
    "brand_id",
    "external_no",
    "numbered",
)
_BEGIN_READING = """
WITH forgotten AS (
    UPDATE import_job SET bytes_read = 0, rows_total = 0, rows_unfit = 0 WHERE id = $1
)
INSERT INTO import_reading (import_id, last_row, whole) VALUES ($1, 0, false)
"""
_KEEP_FAULTS = """
INSERT INTO import_fault (import_id, row_no, field, trouble)
SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::text[]) ON CONFLICT DO NOTHING
"""
_ADVANCE_READING = """
WITH place AS (
    UPDATE import_reading SET last_row = $2 WHERE import_id = $1
)
UPDATE import_job SET rows_total = rows_total + $3, rows_unfit = rows_unfit + $4, bytes_read = $5, attempts = 0
WHERE id = $1
"""
_END_READING = """
WITH place AS (
    UPDATE import_reading SET whole = true WHERE import_id = $1
)
UPDATE import_job SET bytes_read = size WHERE id = $1
"""


async def names(reader: Connection, kind: ImportKind) -> dict[str, str]:
    """The ids of brands (purchases) or regions (customers), by name and by id."""
    rows = await reader.fetch(_NAMES[kind])
    return {key_of(row["name"]): str(row["id"]) for row in rows} | {str(row["id"]): str(row["id"]) for row in rows}


async def reading(reader: Connection, id_: UUID) -> Reading | None:
    """How far the file is read; None when reading has not begun, or what was read went with a crash of the server."""
    row = await reader.fetchrow("SELECT last_row, whole FROM import_reading WHERE import_id = $1", id_)
    return Reading(row["last_row"], row["whole"]) if row else None


async def begin_reading(transaction: Connection, id_: UUID) -> Reading:
    """From the first row, with the figures of reading at zero."""
    await transaction.execute(_BEGIN_READING, id_)
    return Reading(0, False)


async def keep_rows(transaction: Connection, copy: bytes) -> None:
    """Good rows of a purchases file, in COPY's text form."""
    await transaction.copy_to_table("import_row", source=io.BytesIO(copy), columns=_STAGED, format="text")


async def keep_faults(transaction: Connection, id_: UUID, faults: Sequence[Sequence[Any]]) -> None:
    """Each fault as (row, field, trouble); one that is known already stays as it is."""
    if faults:
        rows, fields, troubles = (list(column) for column in zip(*faults, strict=True))
        await transaction.execute(_KEEP_FAULTS, id_, rows, fields, troubles)


async def advance_reading(
    transaction: Connection, id_: UUID, *, last_row: int, rows: int, bad: int, bytes_read: int
) -> None:
    """Figures and place after some rows were read; `bytes_read` is a total."""
    await transaction.execute(_ADVANCE_READING, id_, last_row, rows, bad, bytes_read)


async def end_reading(transaction: Connection, id_: UUID) -> None:
    await transaction.execute(_END_READING, id_)


# ------------------------------------------------------------------------------------------------ after the end

SWEEP_ROWS = 50_000
_TO_SWEEP = "SELECT id FROM import_job WHERE NOT swept AND state IN ('done', 'failed') ORDER BY id LIMIT 1"
_SWEEP = (
    """
    DELETE FROM import_row WHERE ctid = ANY (ARRAY(SELECT ctid FROM import_row WHERE import_id = $1 LIMIT $2))
    """,
    """
    DELETE FROM import_chunk WHERE import_id = $1
        AND number IN (SELECT number FROM import_chunk WHERE import_id = $1 ORDER BY number LIMIT $2 / 1000)
    """,
)
_SWEPT = """
WITH place AS (
    DELETE FROM import_reading WHERE import_id = $1
)
UPDATE import_job SET swept = true WHERE id = $1
"""


async def to_sweep(reader: Connection) -> UUID | None:
    """A job that has ended but still has its upload."""
    id_: UUID | None = await reader.fetchval(_TO_SWEEP)
    return id_


async def sweep(transaction: Connection, id_: UUID) -> bool:
    """Removes a part of what an ended job no longer needs; False when that was the last of it."""
    removed = [int((await transaction.execute(sql, id_, SWEEP_ROWS)).split()[-1]) for sql in _SWEEP]
    if any(removed):
        return True
    await transaction.execute(_SWEPT, id_)
    return False
