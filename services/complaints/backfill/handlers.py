"""Making findable what was recorded, said and listed before a release that keeps it for search (decision 20).

A migration begins it where there is anything; workers go through it some rows at a time, each with its place in one
transaction, so that a kill loses and doubles nothing. All is gone through twice, an hour apart: while a release is
rolled out the one before still writes. The second time finds next to nothing to write.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final, TypeAlias
from uuid import UUID

from services.complaints.backfill import store
from services.complaints.context import Context
from services.complaints.search import store as search
from services.complaints.similar import store as similar
from shared.contracts.customers import ContactListed
from shared.db import Connection
from shared.telemetry import log

AT_ONCE: Final = 50
"""Rows of a transaction: unsealing and hashing them holds the worker up for a few hundredths of a second."""
ONCE_MORE_AFTER: Final = timedelta(hours=1)
"""By then the release before has been replaced."""
TOLD_EACH: Final = 10_000
"""After so many the log says how far it is."""
Part: TypeAlias = tuple[UUID | None, int]
"""The id of the last row that was gone through, None where there was none, and how many there were."""
_log = log("complaints.backfill")


async def make_findable(context: Context) -> int:
    """Due work: the next rows of what an earlier release kept; how many these were, 0 when nothing is left."""
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        begun = await store.next_begun(transaction, now)
        if begun is None:
            return 0
        last, looked_at = await _OF[begun.what](context, transaction, begun.after_id)
        if last is None:
            await store.end_turn(transaction, begun, now + ONCE_MORE_AFTER)
        else:
            await store.advance(transaction, begun, last, looked_at)
    _tell(begun, looked_at)
    return max(1, looked_at)


def _tell(begun: store.Begun, looked_at: int) -> None:
    total = begun.looked_at + looked_at
    if not looked_at:
        _log.info("an earlier release's rows can be found", of=begun.what, rows=total)
    elif begun.looked_at // TOLD_EACH != total // TOLD_EACH:
        _log.info("an earlier release's rows are made findable", of=begun.what, rows=total)


async def _cases(context: Context, transaction: Connection, after_id: UUID) -> Part:
    ids = await store.cases(transaction, after_id, AT_ONCE)
    lacked = await search.keep(transaction, context.words, context.traces, ids)
    await similar.keep(transaction, lacked)
    return ids[-1] if ids else None, len(ids)


async def _entries(context: Context, transaction: Connection, after_id: UUID) -> Part:
    found = await store.entries(transaction, after_id, AT_ONCE)
    for each in sorted(found, key=lambda entry: entry.complaint_id):
        said = context.words.open(each.words, each.id.bytes).decode()
        await search.add(transaction, context.traces, each.complaint_id, said)
    return found[-1].id if found else None, len(found)


async def _contacts(context: Context, transaction: Connection, after_id: UUID) -> Part:
    found = await store.contacts(transaction, after_id, AT_ONCE)
    opened = {each.customer_id: context.contacts.open(each.sealed, each.customer_id.bytes) for each in found}
    listed = {id_: ContactListed.model_validate_json(contact) for id_, contact in opened.items()}
    reached = {id_: (*contact.phones, *contact.emails) for id_, contact in listed.items()}
    await search.keep_reached(transaction, context.traces, reached)
    return found[-1].customer_id if found else None, len(found)


_OF: Final[Mapping[str, Callable[[Context, Connection, UUID], Awaitable[Part]]]] = {
    "cases": _cases,
    "contacts": _contacts,
    "entries": _entries,
}
