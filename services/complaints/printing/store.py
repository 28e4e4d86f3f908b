"""Print jobs in the database: any worker goes on where another was killed."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.complaints.printing.domain import TRIES, PrintJob, PrintState
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement

_TAKE_WAITING = Scalar(
    """
    UPDATE reply_letter SET print_job_id = :job_id
    WHERE id IN (
        SELECT id FROM reply_letter WHERE state = 'to_print' AND print_job_id IS NULL
        ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED
    ) RETURNING id
    """,
    UUID,
)
"""By hand: two who ask at once share out what waits, and nothing is put on paper twice."""
_TAKE_NAMED = Scalar(
    "UPDATE reply_letter SET print_job_id = :job_id WHERE id = ANY(:ids::uuid[]) RETURNING id",
    UUID,
)
_ADD_JOB = Statement(
    """
    INSERT INTO print_job (id, state, total, asked_at, asked_by)
    VALUES (:id, 'running', :total, :asked_at, :asked_by)
    """
)
_ADD_PART = Statement("INSERT INTO print_part (job_id, part, letters) VALUES (:job_id, :part, :letters::uuid[])")
"""By hand: a part's letters are an array, which unnest would flatten."""


def _job(state: str, **same: object) -> PrintJob:
    return PrintJob(state=PrintState(state), **same)  # type: ignore[arg-type]  # as the columns are


_JOB = Statement("SELECT id, state, total, done, asked_at, asked_by, ended_at FROM print_job WHERE id = :id", _job)
_CLAIM = Statement(
    """
    UPDATE print_part SET tries = tries + 1, lease_holder = :holder,
        lease_until = now() + make_interval(secs => :seconds)
    WHERE (job_id, part) IN (
        SELECT job_id, part FROM print_part
        WHERE sealed IS NULL AND tries < :tries AND (lease_until IS NULL OR lease_until < now())
        ORDER BY job_id, part LIMIT 1 FOR UPDATE SKIP LOCKED
    ) RETURNING job_id, part, letters, tries
    """
)
"""By hand: a lease runs on the database's clock, which is real time in rehearsals, too."""
_KEEP = Scalar(
    """
    UPDATE print_part SET sealed = :sealed, lease_until = NULL, lease_holder = NULL
    WHERE job_id = :job_id AND part = :part AND lease_holder = :holder RETURNING cardinality(letters)
    """,
    int,
)
_GO_ON = Statement(
    """
    UPDATE print_job SET done = done + :letters,
        state = CASE WHEN done + :letters = total THEN 'done' ELSE state END,
        ended_at = CASE WHEN done + :letters = total THEN :now::timestamptz END
    WHERE id = :id
    """
)
_RELEASE = Statement(
    """
    UPDATE print_part SET lease_until = NULL, lease_holder = NULL
    WHERE job_id = :job_id AND part = :part AND lease_holder = :holder
    """
)
_FAIL = Statement(
    """
    UPDATE print_job j SET state = 'failed', ended_at = :now::timestamptz
    WHERE j.state = 'running' AND EXISTS (
        SELECT 1 FROM print_part p
        WHERE p.job_id = j.id AND p.sealed IS NULL AND p.tries >= :tries
            AND (p.lease_until IS NULL OR p.lease_until < now())
    )
    """
)
_PARTS = Statement("SELECT part, sealed FROM print_part WHERE job_id = :job_id AND sealed IS NOT NULL ORDER BY part")
_LETTERS = Scalar("SELECT unnest(letters) FROM print_part WHERE job_id = :job_id ORDER BY part", UUID)
_FORGET = Scalar(
    """
    WITH old AS (DELETE FROM print_job WHERE asked_at < :before RETURNING id),
         parts AS (DELETE FROM print_part WHERE job_id IN (SELECT id FROM old)),
         freed AS (UPDATE reply_letter SET print_job_id = NULL WHERE print_job_id IN (SELECT id FROM old))
    SELECT count(*) FROM old
    """,
    int,
)
"""By hand: a job goes with all that hangs on it, in one statement."""


class ClaimedPart(NamedTuple):
    """A part that one has in hand."""

    job_id: UUID
    part: int
    letters: list[UUID]
    tries: int


async def take(transaction: Connection, job_id: UUID, ids: Sequence[UUID] | None, most: int) -> list[UUID]:
    """Marks the letters of a job: these, or those that wait for the printer and are in no other; returns which."""
    if ids is None:
        return sorted(await _TAKE_WAITING.all(transaction, job_id=job_id, most=most))
    return sorted(await _TAKE_NAMED.all(transaction, job_id=job_id, ids=sorted(ids)))


async def add(transaction: Connection, job_id: UUID, parts: Sequence[Sequence[UUID]], at: datetime, by: UUID) -> None:
    """Writes a job with its parts."""
    total = sum(map(len, parts))
    await _ADD_JOB.execute(transaction, id=job_id, total=total, asked_at=at, asked_by=by)
    for number, letters in enumerate(parts, start=1):
        await _ADD_PART.execute(transaction, job_id=job_id, part=number, letters=list(letters))


async def read(reader: Reader, id_: UUID) -> PrintJob | None:
    """The job as it stands; None when there is none, any longer or at all."""
    return await _JOB.one(reader, id=id_)


async def claim(transaction: Connection, holder: UUID, seconds: float) -> ClaimedPart | None:
    """Takes the next part that nobody sets into one's own hands."""
    row = await _CLAIM.one(transaction, holder=holder, seconds=seconds, tries=TRIES)
    return ClaimedPart(**row) if row is not None else None


async def keep(transaction: Connection, part: ClaimedPart, sealed: bytes, holder: UUID, now: datetime) -> bool:
    """Keeps a part's document, if `holder` has it in hand still; the job is done with its last part."""
    letters = await _KEEP.one(transaction, job_id=part.job_id, part=part.part, sealed=sealed, holder=holder)
    if letters is None:
        return False
    await _GO_ON.execute(transaction, id=part.job_id, letters=letters, now=now)
    return True


async def release(transaction: Connection, part: ClaimedPart, holder: UUID) -> None:
    """Gives back a part that could not be set."""
    await _RELEASE.execute(transaction, job_id=part.job_id, part=part.part, holder=holder)


async def fail(transaction: Connection, now: datetime) -> None:
    """Ends jobs of which a part could not be set several times."""
    await _FAIL.execute(transaction, now=now, tries=TRIES)


async def documents(reader: Reader, job_id: UUID) -> list[tuple[int, bytes]]:
    """The parts' documents, sealed."""
    return [(row["part"], row["sealed"]) for row in await _PARTS.all(reader, job_id=job_id)]


async def letters_of(reader: Reader, job_id: UUID) -> list[UUID]:
    """The letters of a job, in their order."""
    return await _LETTERS.all(reader, job_id=job_id)


async def forget(transaction: Connection, before: datetime) -> int:
    """Removes jobs that were asked for before; returns how many."""
    return await _FORGET.only(transaction, before=before)
