"""Planning messages: each waits in the database until the sender's loop has it judged."""

from collections.abc import Sequence

from services.care.accounts import store as accounts
from services.care.context import Context
from services.care.messages import store
from services.care.messages.domain import Message, replacements
from shared.db import Connection


async def plan_messages(context: Context, transaction: Connection, messages: Sequence[Message]) -> None:
    """Has messages sent as the gate allows, once the transaction has committed; one per recipient and occasion.

    Given in the order of what they tell: of several about the same the last one goes, also before those that wait.
    """
    await accounts.ensure(transaction, (message.customer_id for message in messages))
    added = await store.plan(transaction, messages, context.clock.now())
    await store.replace(transaction, replacements(added))
    context.database.once_committed(transaction, context.post.wake)
