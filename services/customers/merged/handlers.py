"""What others tell of a merged customer is kept at the one it was merged into, and goes back with it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

import orjson

from services.customers.context import Context
from services.customers.merged import store
from shared.bus.event import Event
from shared.contracts import care, commitments, complaints, settlements
from shared.db import Connection
from shared.reactions import Reaction

PLACES: Final[Mapping[str, str]] = {
    complaints.ComplaintOpened.TYPE: "customer_case",
    complaints.ComplaintCorrected.TYPE: "customer_case",
    **dict.fromkeys(
        (
            commitments.CommitmentMade.TYPE,
            commitments.CommitmentKept.TYPE,
            commitments.CommitmentBroken.TYPE,
            commitments.CommitmentWithdrawn.TYPE,
            commitments.CommitmentCorrected.TYPE,
        ),
        "promise",
    ),
    care.TouchDone.TYPE: "last_touch",
    settlements.CompensationGranted.TYPE: "compensation_cost",
    settlements.CompensationWithdrawn.TYPE: "compensation_cost",
}
"""Events of others by which something of a customer is kept -> the table, whose rows have the ids of the aggregates."""
_ROWS: Final = {"compensation_cost": "compensation_id"}
"""Tables whose rows have another id, and which of the event it is."""


def of_kept(reactions: Mapping[str, Reaction[Context]]) -> Mapping[str, Reaction[Context]]:
    """The same reactions, told of the customers who are kept."""
    redirected = {type_: _redirected(place, reactions[type_]) for type_, place in PLACES.items()}
    return {**reactions, **redirected}


def _redirected(place: str, reaction: Reaction[Context]) -> Reaction[Context]:
    async def react(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
        told = [(event, _whose(event)) for event in events]
        kept = await store.hold(transaction, {id_ for _, id_ in told if id_ is not None})
        await reaction(context, transaction, [_of_kept(event, kept.get(id_)) if id_ else event for event, id_ in told])
        late = [(id_, _row_of(event, place)) for event, id_ in told if id_ is not None and id_ in kept]
        if late:
            await store.came_later(transaction, place, late)

    return react


def _whose(event: Event) -> UUID | None:
    customer_id = orjson.loads(event.data).get("customer_id")
    return UUID(customer_id) if customer_id else None


def _row_of(event: Event, place: str) -> UUID:
    return UUID(orjson.loads(event.data)[_ROWS[place]]) if place in _ROWS else event.aggregate_id


def _of_kept(event: Event, kept: UUID | None) -> Event:
    if kept is None:
        return event
    return replace(event, data=orjson.dumps({**orjson.loads(event.data), "customer_id": str(kept)}).decode())
