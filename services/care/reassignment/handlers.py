"""A person who leaves gives their tasks to a successor or back to the list of unassigned ones (decision 25).

And the other way round: whoever comes may be the one for whom unassigned tasks have waited.
"""

from collections.abc import Sequence

from services.care.accounts import store as accounts
from services.care.apologies import handlers as apologies
from services.care.context import Context
from services.care.messages import store as messages
from services.care.staffing import store as staffing
from services.care.touches import store as touches
from services.care.touches.domain import TaskKind
from shared.bus.event import Event
from shared.contracts.customers import StaffListed
from shared.db import Connection
from shared.projection import latest


async def on_staff_listed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to directory.staff, which the directory has kept before: tasks that it concerns are assigned anew.

    Obligations go through the planning loop, because a colleague may serve thousands of customers.
    """
    listed = latest((event.read(StaffListed) for event in events), lambda fact: fact.staff_id)
    people = [fact.staff_id for fact in listed]
    leavers = [fact.staff_id for fact in listed if not fact.active]
    roles = await staffing.roles_around(transaction, people)
    concerned = await touches.to_reassign(transaction, leavers, roles)
    now = context.clock.now()
    await accounts.lock(transaction, (customer for _, customer, _ in concerned))
    obliged = {customer for _, customer, kind in concerned if customer and kind is TaskKind.OBLIGATION}
    await accounts.plan_at(transaction, obliged, now)
    calls = [task for task, _, kind in concerned if kind is TaskKind.APOLOGY_CALL]
    await apologies.reassign(context, transaction, calls)
    await messages.wake_staff(transaction, people, now)
