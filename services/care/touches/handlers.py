"""Giving open tasks to who is responsible now, whatever they are for."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias
from uuid import UUID

from services.care.context import Context
from services.care.touches import events, store
from services.care.touches.domain import Task
from shared.bus import outbox
from shared.db import Connection

Assigning: TypeAlias = Callable[[Connection, Sequence[Task]], Awaitable[Sequence[Task]]]
"""The same tasks, each with who is responsible for it."""


async def give_anew(context: Context, transaction: Connection, ids: Sequence[UUID], assigning: Assigning) -> None:
    """Changes those that are open and have somebody else now, and tells of them; customers' rows are locked by the
    caller."""
    tasks = await store.lock_open(transaction, ids)
    changed = [
        new.next_version()
        for old, new in zip(tasks, await assigning(transaction, tasks), strict=True)
        if new.assignee_id != old.assignee_id
    ]
    await store.change(transaction, changed)
    await outbox.append(transaction, events.planned(changed, context.clock.now()))
