"""What care reacts to: event type -> handlers, in this order, within one transaction."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias

from services.care.accounts import handlers as accounts
from services.care.apologies import handlers as apologies
from services.care.cases import handlers as cases
from services.care.contacts import handlers as contacts
from services.care.context import Context
from services.care.greetings import handlers as greetings
from services.care.notices import handlers as notices
from services.care.planning import handlers as planning
from services.care.reassignment import handlers as handover
from shared import directory
from shared.bus.event import Event
from shared.contracts import complaints, customers
from shared.db import Connection

React: TypeAlias = Callable[[Context, Connection, Sequence[Event]], Awaitable[None]]


def each(*reactions: React) -> React:
    """One after the other."""

    async def react(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
        for reaction in reactions:
            await reaction(context, transaction, events)

    return react


REACTIONS: Mapping[str, React] = {
    **directory.REACTIONS,
    customers.StaffListed.TYPE: handover.take_staff,
    customers.CustomerRegistered.TYPE: planning.take_registered,
    customers.CustomerUpdated.TYPE: accounts.take_updated,
    customers.AccountTeamChanged.TYPE: planning.take_team,
    customers.TierChanged.TYPE: each(planning.take_tier, greetings.greet_rise),
    customers.ContactListed.TYPE: contacts.take_contact,
    complaints.ComplaintOpened.TYPE: cases.take_opened,
    complaints.ComplaintWarned.TYPE: notices.warn,
    complaints.ComplaintOverdue.TYPE: each(cases.take_overdue, apologies.take_overdue, notices.tell_overdue),
    complaints.ComplaintEscalated.TYPE: notices.escalate,
    complaints.ComplaintResolved.TYPE: cases.take_resolved,
    complaints.ComplaintReopened.TYPE: cases.take_reopened,
    complaints.ComplaintClosed.TYPE: cases.take_closed,
}
