"""Keeping what care tells of its tasks after the end of contracts; of other tasks nothing is kept."""

from collections.abc import Sequence
from uuid import UUID

from services.customers.aftercare import store
from services.customers.aftercare.domain import ErrandState
from services.customers.context import Context
from shared.bus.event import Event
from shared.contracts.care import TouchDone, TouchDropped, TouchFact, TouchMissed, TouchPlanned
from shared.db import Connection
from shared.projection import latest

KIND = "aftercare"


def _of(fact: TouchFact) -> UUID:
    return fact.task_id


async def on_touch_planned(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = latest((event.read(TouchPlanned) for event in events), _of)
    rows = [
        {
            "task_id": fact.task_id,
            "contract_id": fact.contract_id,
            "errand": fact.errand,
            "role": fact.role,
            "assignee_id": fact.assignee_id,
            "not_before": fact.not_before,
            "due_at": fact.due_at,
        }
        for fact in facts
        if fact.contract_id is not None
    ]
    await store.keep(transaction, rows)


async def on_touch_done(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    await _settle(transaction, ErrandState.DONE, [event.read(TouchDone) for event in events])


async def on_touch_missed(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    await _settle(transaction, ErrandState.MISSED, [event.read(TouchMissed) for event in events])


async def on_touch_dropped(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    await _settle(transaction, ErrandState.DROPPED, [event.read(TouchDropped) for event in events])


async def _settle(transaction: Connection, state: ErrandState, facts: Sequence[TouchFact]) -> None:
    await store.settle(transaction, state, {fact.task_id: fact.at for fact in facts if fact.kind == KIND})
