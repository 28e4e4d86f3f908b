"""Reaction to an erasure. Reporting hears facts alone, which name nobody: it has nothing to remove, and says so."""

from collections.abc import Sequence

from services.reporting.context import Context
from services.reporting.erasures import store
from shared.bus import outbox
from shared.bus.event import Event
from shared.contracts.confirmations import REPORTING, ErasureConfirmed
from shared.contracts.erasures import PersonErased
from shared.db import Connection
from shared.idempotency import KeptAnswers


async def on_person_erased(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Keeps who was erased, and confirms that nothing else is kept."""
    facts = [event.read(PersonErased) for event in events]
    erased = [(fact, id_) for fact in facts for id_ in (fact.person_id, *fact.merged_ids)]
    answers = KeptAnswers(context.answers)
    await answers.look(transaction, [id_ for _, id_ in erased])
    await store.keep(transaction, [(id_, fact.erasure_id, fact.at) for fact, id_ in erased])
    for fact in facts:
        forgotten = await answers.forget(transaction, {fact.person_id, *fact.merged_ids})
        confirmed = ErasureConfirmed(
            erasure_id=fact.erasure_id, service="reporting", removed={"answers": forgotten}, at=context.clock.now()
        )
        told = Event.of(confirmed, aggregate_id=fact.erasure_id, version=1, at=confirmed.at, topic=REPORTING)
        await outbox.append(transaction, [told])
