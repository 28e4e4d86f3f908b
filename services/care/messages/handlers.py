"""Planning messages: each waits in the database until the sender's loop has it judged."""

from collections.abc import Sequence
from datetime import timedelta

from services.care.accounts import store as accounts
from services.care.context import Context
from services.care.messages import store
from services.care.messages.domain import Message, replacements
from shared.db import Connection

AT_ONCE = timedelta(0)


async def plan_messages(
    context: Context, transaction: Connection, messages: Sequence[Message], *, after: timedelta = AT_ONCE
) -> None:
    """Has messages sent as the gate allows, once the transaction has committed; one per recipient and occasion.

    Given in the order of what they tell: of several about the same the last one goes, also before those that wait.
    `after` so much time they go, so that what follows soon can replace them.
    """
    await accounts.ensure(transaction, (message.customer_id for message in messages))
    now = context.clock.now()
    added = await store.plan(transaction, messages, now, now + after)
    await store.replace(transaction, replacements(added))
    context.database.once_committed(transaction, context.post.wake)
