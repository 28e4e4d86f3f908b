"""Setting what was asked for, part by part: a part that a killed worker had in hand is set by the next one."""

from uuid import UUID

from services.complaints.context import Context
from services.complaints.printing import queries, store
from services.complaints.printing.domain import KEPT_FOR
from services.complaints.printing.store import ClaimedPart
from shared.ids import new_id
from shared.paper.sheet import NotTypeset
from shared.paper.typesetting import PATIENCE, typeset
from shared.telemetry import log


async def set_due(context: Context) -> int:
    """Sets the next part; returns how many that was. Old jobs are removed, with their documents."""
    holder = new_id()
    async with context.database.transaction() as transaction:
        now = context.clock.now()
        await store.forget(transaction, now - KEPT_FOR)
        await store.fail(transaction, now)
        part = await store.claim(transaction, holder, PATIENCE + 30)
    if part is None:
        return 0
    try:
        document = await typeset(await queries.sheets(context, context.database, part.letters))
    except NotTypeset as why:
        log("printing").error("letters are not set", job_id=str(part.job_id), part=part.part, reason=str(why))
        async with context.database.transaction() as transaction:
            await store.release(transaction, part, holder)
        return 1
    await _keep(context, part, document, holder)
    return 1


async def _keep(context: Context, part: ClaimedPart, document: bytes, holder: UUID) -> None:
    sealed = context.files.seal(document, queries.part_identity(part.job_id, part.part))
    async with context.database.transaction() as transaction:
        await store.keep(transaction, part, sealed, holder, context.clock.now())
