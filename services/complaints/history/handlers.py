"""Movements of held cases: saved, kept in the history, and published; and what clocks told, kept after the fact."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from services.complaints.cases.domain import Case, Said, Unsigned, breach_notices
from services.complaints.cases.events import clock_fact, events_of
from services.complaints.cases.store import rounds, saving
from services.complaints.clocks import handlers as clocks
from services.complaints.clocks.domain.rounds import takes_the_case
from services.complaints.clocks.events import acceptance
from services.complaints.context import Context
from services.complaints.history import store
from services.complaints.history.domain import CONTRACTS, HistoryEntry, Scalar, entry_told
from services.complaints.response_clocks.domain.advancing import ClockEvent
from services.complaints.search import store as search
from shared.bus import outbox
from shared.bus.event import Event
from shared.contracts.base import CaseFact
from shared.db import Connection
from shared.ids import new_id

CHANGES_HANDS: Final = ("accepted", "assigned", "corrected", "noticed")
"""After these somebody else may be told of a miss."""


@dataclass(frozen=True, slots=True)
class Movement:
    """What happened to a held case, which stands in it as it is afterwards.

    `facts` announce it, after the `clock_events` that it brought about or found; `changes` is what became of what
    (`history.domain.changed`).
    """

    case: Case
    what: str
    said: Said | Unsigned
    at: datetime
    facts: Sequence[CaseFact] = ()
    clock_events: Sequence[ClockEvent] = ()
    changes: Mapping[str, Mapping[str, Scalar]] | None = None
    entry_id: UUID = field(default_factory=new_id)


async def keep(transaction: Connection, context: Context, movement: Movement) -> Case:
    """Saves a movement, keeps it in the history, and publishes it; returns the case in its next version.

    Whoever of customer service works on a case that nobody has taken has taken it (decision 22e).
    """
    now = context.clock.now()
    case = movement.case.moved(movement.at)
    taker = movement.said.by if takes_the_case(case, movement.what) else None
    if taker is not None:
        case = case.taken(taker, movement.at)
    if movement.what in CHANGES_HANDS:
        case = await clocks.plan_anew(transaction, case)
    await saving.save(transaction, [case])
    await rounds.end_pauses(transaction, [case])
    await append(transaction, context, movement)
    await rounds.keep_breach_notices(transaction, breach_notices(case, movement.clock_events, now))
    followed = await clocks.follow(transaction, case, movement.what, movement.at, now)
    facts = [
        *followed.facts,
        *([acceptance(case, taker, movement.at, followed.clocks)] if taker is not None else []),
        *(clock_fact(case, event) for event in movement.clock_events),
        *movement.facts,
    ]
    await outbox.append(transaction, events_of(case, facts, now))
    return case


async def append(transaction: Connection, context: Context, movement: Movement) -> None:
    """Writes a movement into the history, its words sealed; the case is found by them."""
    entry = HistoryEntry(
        id=movement.entry_id,
        round=movement.case.round,
        what=movement.what,
        at=movement.at,
        entered_at=context.clock.now(),
        entered_by=movement.said.by,
        text=movement.said.text,
        changes=movement.changes or None,
    )
    await store.append(transaction, context.words, movement.case.id, entry)
    if entry.text is not None:
        await search.add(transaction, context.traces, movement.case.id, entry.text)


async def on_complaint_opened(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to what nobody moves a case by: that it was recorded, and what its clocks told whom.

    After the fact, so that neither recording nor the timer waits for it. The entry has the event's id and with it its
    place among what people did; heard again, it stands already.
    """
    told = [(event, event.read(CONTRACTS[event.type])) for event in events]
    await store.append_told(
        transaction, [(fact.complaint_id, entry_told(event.id, fact, event.time)) for event, fact in told]
    )


on_complaint_warned = on_complaint_overdue = on_complaint_escalated = on_complaint_opened
on_complaint_clock_warned = on_complaint_clock_missed = on_complaint_clock_escalated = on_complaint_opened
