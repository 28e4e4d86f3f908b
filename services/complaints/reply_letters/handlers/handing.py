"""What somebody does with a reply themself: reads the script out, or puts the paper into the post."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from services.complaints.cases.queries import require_seen
from services.complaints.cases.store.holding import lock
from services.complaints.context import Context
from services.complaints.history import store as history
from services.complaints.history.domain import HistoryEntry
from services.complaints.letters.store import hold_cases
from services.complaints.reply_letters import store
from services.complaints.reply_letters.domain import IN_HAND, ReplyNotFound, ReplyNotOpen, ReplyState
from shared.auth.principal import Principal
from shared.auth.visibility import viewer
from shared.db import Connection
from shared.ids import new_id


async def end(
    context: Context, case_id: UUID, id_: UUID, state: Literal[ReplyState.READ, ReplyState.PRINTED], caller: Principal
) -> None:
    """It was read to the complainant, or posted: the record of the case says so, once.

    Raises ComplaintNotFound, ReplyNotFound, ReplyNotOpen.
    """
    await require_seen(context, case_id, viewer=viewer(caller))
    async with context.database.transaction() as transaction:
        await lock(transaction, case_id)
        found = await store.lock(transaction, case_id, id_)
        if found is None:
            raise ReplyNotFound("no reply of this case has this id")
        stands, round_ = found
        if stands is state:
            return
        if stands not in IN_HAND:
            raise ReplyNotOpen(f"it is {stands}; read or post what waits for that, or what did not arrive")
        await _end(transaction, context, (case_id, id_, round_), state, caller.id)


async def post_many(context: Context, ids: Sequence[UUID], caller: Principal) -> None:
    """These letters were put into the post, in one transaction; what is not to be posted any more stays as it is."""
    async with context.database.transaction() as transaction:
        cases = await store.cases_of(transaction, ids)
        await hold_cases(transaction, set(cases.values()))
        for id_, case_id in sorted(cases.items()):
            found = await store.lock(transaction, case_id, id_)
            if found is not None and found[0] in IN_HAND:
                await _end(transaction, context, (case_id, id_, found[1]), ReplyState.PRINTED, caller.id)


async def _end(
    transaction: Connection, context: Context, which: tuple[UUID, UUID, int], state: ReplyState, by: UUID
) -> None:
    """Of the case, the reply and the round: it was read or posted, and the record of the case says so."""
    case_id, id_, round_ = which
    now = context.clock.now()
    channel = "phone" if state is ReplyState.READ else "letter"
    await store.end(transaction, id_, state, channel, now, by)
    entry = HistoryEntry(new_id(), round_, f"reply:{channel}", now, now, by, None)
    await history.append(transaction, context.words, case_id, entry)
