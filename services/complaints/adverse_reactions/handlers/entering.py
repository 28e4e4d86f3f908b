"""What is entered of adverse reactions: of a case after it was recorded, what they can show, the policy."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.complaints.adverse_reactions import events, store
from services.complaints.adverse_reactions.domain import ReactionSaid, Symptom, check_day, severity_of
from services.complaints.adverse_reactions.queries import check_symptoms
from services.complaints.cases.domain import Case, Said
from services.complaints.cases.queries import require_seen
from services.complaints.cases.store.holding import lock
from services.complaints.context import Context
from services.complaints.history import handlers as history
from services.complaints.history.domain import changed
from services.complaints.history.handlers import Movement
from services.complaints.policies import handlers as policies
from services.complaints.policies.domain import PolicyVersion
from shared import audit
from shared.auth.principal import Principal
from shared.auth.visibility import viewer
from shared.versions import check_version


async def enter(context: Context, id_: UUID, said: ReactionSaid, caller: Principal) -> Case:
    """Enters what is known of a case's adverse reaction, in the place of what was; without symptoms and severity there
    was none. Counted and told of from the event. Raises ComplaintNotFound, UnknownSymptom, ReactionDay."""
    await require_seen(context, id_, viewer=viewer(caller))
    now = context.clock.now()
    check_day(said.reaction_on, now.astimezone(context.zone).date())
    async with context.database.transaction() as transaction:
        await check_symptoms(transaction, said.symptoms)
        case = await lock(transaction, id_)
        [before] = await store.cases(transaction, context.words, [id_])
        after = replace(
            before.details,
            product=said.product,
            symptoms=said.symptoms,
            severity=said.judged,
            reaction_on=said.reaction_on,
        )
        await store.say(transaction, context.words, id_, said.batch, after)
        await audit.enter(transaction, caller.id, "complaint.reaction_recorded", id_)
        changes = changed(
            severity=(severity_of(before.details.severity, before.details.symptoms), said.judged),
            batch=(before.batch, said.batch),
        )
        fact = events.recorded(case, said.judged, said.batch, now)
        movement = Movement(case, "reaction_recorded", Said(None, None, caller.id), now, [fact], changes=changes)
        return await history.keep(transaction, context, movement)


async def keep_symptom(context: Context, symptom: Symptom, *, expected_version: int | None) -> Symptom:
    """Adds a symptom, renames one that was read, or takes it out of use; cases that have it keep it.

    Raises Stale, PreconditionRequired.
    """
    async with context.database.transaction() as transaction:
        if await store.add_symptom(transaction, symptom):
            return symptom
        before = await store.lock_symptom(transaction, symptom.code)
        assert before is not None  # noqa: S101  it was there a moment ago, and none is ever deleted
        check_version(before.version, expected_version)
        kept = replace(symptom, version=before.version + 1)
        await store.keep_symptom(transaction, kept)
    return kept


async def write_policy(
    context: Context, definition: Mapping[str, Any], starts_at: datetime | None, *, by: UUID
) -> PolicyVersion:
    """Adds a version; reports that wait already keep the time that an earlier one gave them."""
    return await policies.write(context, "product_safety", starts_at, lambda _: definition, by=by)
