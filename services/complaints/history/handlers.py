"""Movements of held cases: saved, kept in the history, and published; and what clocks told, kept after the fact."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from services.complaints.history.domain import CONTRACTS, RESUMED, HistoryEntry, Scalar, changed, entry_told
from services.complaints.response_clocks.domain.advancing import ClockEvent, Resumed
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
    (`history.domain.changed`). With `moves` false it has its own moment and is no movement of the case itself: of one
    that is taken over, what is told later may lie before it (decision 15).
    """

    case: Case
    what: str
    said: Said | Unsigned
    at: datetime
    facts: Sequence[CaseFact] = ()
    clock_events: Sequence[ClockEvent] = ()
    changes: Mapping[str, Mapping[str, Scalar]] | None = None
    moves: bool = True
    entry_id: UUID = field(default_factory=new_id)


async def keep(transaction: Connection, context: Context, movement: Movement) -> Case:
    """Saves a movement, keeps it in the history, and publishes it; returns the case in its next version.

    Whoever of customer service works on a case that nobody has taken has taken it (decision 22e): the entry says so. A
    pause that ended with it has an entry of its own, as one that ends by itself.
    """
    now = context.clock.now()
    case = movement.case.moved(movement.at if movement.moves else movement.case.moved_at)
    taker = movement.said.by if takes_the_case(case, movement.what, movement.said.by) else None
    if taker is not None:
        case = case.taken(taker, movement.at)
        movement = replace(movement, changes={**(movement.changes or {}), **changed(accepted_by=(None, taker))})
    if movement.what in CHANGES_HANDS:
        case = await clocks.plan_anew(transaction, case)
    await saving.save(transaction, [case])
    await rounds.end_pauses(transaction, [case])
    await append(transaction, context, movement)
    if movement.what != RESUMED:
        await append_resumed(transaction, [(case, movement.clock_events)], now)
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


async def append_resumed(
    transaction: Connection, happened: Iterable[tuple[Case, Sequence[ClockEvent]]], now: datetime
) -> None:
    """Writes into the histories of cases that their pauses have ended, which nobody did by saying so."""
    entries = [
        (case.id, HistoryEntry(new_id(), case.round, RESUMED, event.at, now, None, None))
        for case, events in happened
        for event in events
        if isinstance(event, Resumed)
    ]
    if entries:
        await store.append_told(transaction, entries)


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
