"""Reading a first reply out to whom no message reaches."""

from uuid import UUID

from services.complaints.cases.store.holding import lock
from services.complaints.context import Context
from services.complaints.history import store as history
from services.complaints.history.domain import HistoryEntry
from services.complaints.letters import events, store
from services.complaints.letters.domain.letters import (
    FIRST_REPLY,
    TO_BE_READ,
    LetterNotFound,
    LetterState,
    NothingToRead,
)
from shared.bus import outbox
from shared.ids import new_id


async def keep_read(context: Context, case_id: UUID, by: UUID) -> None:
    """The script was read to the complainant: the record of the case says so, once.

    Raises ComplaintNotFound, LetterNotFound, NothingToRead.
    """
    async with context.database.transaction() as transaction:
        case = await lock(transaction, case_id)
        found = await store.lock_first_reply(transaction, case_id)
        if found is None:
            raise LetterNotFound("no first reply is planned for this case")
        id_, state = found
        if state == LetterState.READ:
            return
        if state not in TO_BE_READ:
            raise NothingToRead(f"the first reply is {state}; only a script is read, and what was not delivered")
        now = context.clock.now()
        await store.keep_read(transaction, id_, by, now)
        entry = HistoryEntry(new_id(), 1, FIRST_REPLY, now, now, by, None)
        await history.append(transaction, context.words, case_id, entry)
        await outbox.append(transaction, [events.first_reply(case_id, case.customer_id, "phone", now, by)])
