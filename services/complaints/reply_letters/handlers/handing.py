"""What somebody does with a reply themself: reads the script out, or puts the paper into the post."""

from typing import Literal
from uuid import UUID

from services.complaints.cases.queries import require_seen
from services.complaints.cases.store.holding import lock
from services.complaints.context import Context
from services.complaints.history import store as history
from services.complaints.history.domain import HistoryEntry
from services.complaints.reply_letters import store
from services.complaints.reply_letters.domain import IN_HAND, ReplyNotFound, ReplyNotOpen, ReplyState
from shared.auth.principal import Principal
from shared.auth.visibility import viewer
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
        now = context.clock.now()
        channel = "phone" if state is ReplyState.READ else "letter"
        await store.end(transaction, id_, state, channel, now, caller.id)
        entry = HistoryEntry(new_id(), round_, f"reply:{channel}", now, now, caller.id, None)
        await history.append(transaction, context.words, case_id, entry)
