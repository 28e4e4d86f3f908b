"""Asking for letters on paper, and saying that they were posted."""

from collections.abc import Sequence
from uuid import UUID

from services.complaints.context import Context
from services.complaints.printing import queries, store
from services.complaints.printing.domain import (
    MOST_LETTERS,
    NothingToPrint,
    NotPrintedYet,
    PrintJob,
    PrintState,
    UnknownReply,
    parts_of,
)
from services.complaints.reply_letters.handlers import handing
from shared import audit
from shared.auth.principal import Principal
from shared.ids import new_id

AT_ONCE = 50
"""Letters of which one transaction says that they were posted."""


async def ask(context: Context, ids: Sequence[UUID] | None, *, by: UUID) -> PrintJob:
    """A job for these letters, or for those that wait for the printer, the longest waiting first.

    Raises NothingToPrint, UnknownReply.
    """
    now, job_id = context.clock.now(), new_id()
    async with context.database.transaction() as transaction:
        taken = await store.take(transaction, job_id, ids, MOST_LETTERS)
        if ids is not None and (unknown := [id_ for id_ in ids if id_ not in set(taken)]):
            raise UnknownReply(f"no reply has the id {unknown[0]}", pointer=f"#/reply_ids/{ids.index(unknown[0])}")
        if not taken:
            raise NothingToPrint("every letter on paper is in a job already, or was posted")
        await store.add(transaction, job_id, parts_of(taken), now, by)
        await audit.enter(transaction, by, "letters.printed", job_id)
        context.database.once_committed(transaction, context.printer.wake)
    return PrintJob(job_id, PrintState.RUNNING, len(taken), 0, now, by, None)


async def posted(context: Context, job_id: UUID, caller: Principal) -> PrintJob:
    """Every letter of a job that is done was put into the post; the records of their cases say so, each once.

    Again it does what was left undone. Raises PrintJobNotFound, NotPrintedYet.
    """
    job = await queries.read_job(context, job_id)
    if job.state is not PrintState.DONE:
        raise NotPrintedYet(f"it is {job.state}: {job.done} of {job.total} letters are set")
    letters = await store.letters_of(context.database, job_id)
    for start in range(0, len(letters), AT_ONCE):
        await handing.post_many(context, letters[start : start + AT_ONCE], caller)
    return job
