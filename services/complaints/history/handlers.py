"""Movements of held cases: saved, kept in the history, and published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.complaints.cases.domain import Case, Said, Unsigned, breach_notices
from services.complaints.cases.events import clock_fact, events_of
from services.complaints.cases.store import rounds, saving
from services.complaints.clocks import handlers as clocks
from services.complaints.clocks.domain.rounds import takes_the_case
from services.complaints.clocks.events import acceptance
from services.complaints.context import Context
from services.complaints.history import store
from services.complaints.history.domain import HistoryEntry, Scalar
from services.complaints.response_clocks.domain.advancing import ClockEvent
from services.complaints.search import store as search
from shared.bus import outbox
from shared.contracts.base import CaseFact
from shared.db import Connection
from shared.ids import new_id


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
