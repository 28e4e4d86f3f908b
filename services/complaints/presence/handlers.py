"""Saying who is there, and what colleagues know best as customers tells of it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.complaints.context import Context
from services.complaints.presence import queries, store
from services.complaints.presence.domain import NotYourPresence, Presence, PresenceState, check_until
from shared import directory
from shared.auth.principal import Principal
from shared.bus.event import Event
from shared.db import Connection
from shared.references import UnknownStaff

SAYS_OF_OTHERS = ("cs_manager", "admin_dept")


async def say(
    context: Context, staff_id: UUID, state: PresenceState, until: datetime | None, *, by: Principal
) -> Presence:
    """Says whether somebody is there: oneself, or anybody by a manager of customer service and administration.

    Raises NotYourPresence, PresenceRefused, UnknownStaff.
    """
    if staff_id != by.id and not by.has(*SAYS_OF_OTHERS):
        raise NotYourPresence("leave staff_id out: only a customer-service manager says it of others")
    now = context.clock.now()
    check_until(state, until, now)
    async with context.database.transaction() as transaction:
        await store.say(transaction, staff_id, now if state == "away" else None, until, by.id)
        said = await queries.one(transaction, staff_id)
        if said is None:
            raise UnknownStaff("nobody of customer service at work has this id", pointer="#/staff_id")
    context.free_hands.wake()
    return said


async def on_staff_listed(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Keeps the directory's entry, and beside it what its person knows best."""
    facts = await directory.on_staff_listed.keep(transaction, events)
    await store.keep_skills(transaction, {fact.staff_id: fact.skills for fact in facts})
