"""Keeping what care tells of touches that were made; of nobody's customer nothing is kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.customers.context import Context
from services.customers.last_touches import store
from services.customers.standing import store as standing
from shared.bus.event import Event
from shared.contracts.care import TouchDone
from shared.db import Connection
from shared.projection import latest


def _task(fact: TouchDone) -> UUID:
    return fact.task_id


def _row(fact: TouchDone) -> dict[str, Any]:
    return {
        "task_id": fact.task_id,
        "customer_id": fact.customer_id,
        "kind": fact.kind,
        "role": fact.role,
        "contact": fact.contact,
        "staff_id": fact.assignee_id,
        "at": fact.at,
        "minutes": fact.minutes,
    }


async def on_touch_done(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Keeps touches, those of history too."""
    facts = latest((event.read(TouchDone) for event in events), _task)
    rows = [_row(fact) for fact in facts if fact.customer_id is not None]
    if rows:
        await store.keep(transaction, rows)
        newest: dict[UUID, datetime] = {}
        for row in rows:
            newest[row["customer_id"]] = max(row["at"], newest.get(row["customer_id"], row["at"]))
        await standing.cared_for(transaction, list(newest.items()))
