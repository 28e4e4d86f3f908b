"""Proposing by hand what no clock finds: other violations, and steps that were not followed (domain 3.4)."""

from uuid import UUID

from services.complaints.cases.store.holding import lock
from services.complaints.context import Context
from services.complaints.responsibility.domain import entering as domain
from services.complaints.responsibility.domain.deciding import Entry
from services.complaints.responsibility.domain.entering import RuleByHand
from services.complaints.responsibility.domain.penalties import Penalty, Proposal
from services.complaints.responsibility.handlers.proposing import propose
from services.complaints.responsibility.store import entries
from services.complaints.responsibility.store import penalties as store
from shared.db import Connection
from shared.ids import new_id


async def enter(context: Context, id_: UUID, rule: RuleByHand, reason: str, *, by: UUID) -> UUID:
    """Proposes a penalty of a case with its reason, once for its round and rule; returns its id.

    Nothing is decided by it, and who pays follows from the rule. Raises ComplaintNotFound, PenaltyStands,
    NoPenaltyForKind, CaseNotCounted.
    """
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        case = await lock(transaction, id_)
        domain.check_kind(case.kind)
        domain.check_judged(case.valid, case.good_faith, rule)
        domain.check_new(await _standing(transaction, id_), case.round, rule)
        await propose(transaction, context, [Proposal(id_, case.round, rule, now)])
        penalty = domain.of_place(await _standing(transaction, id_), case.round, rule)
        entry = Entry(new_id(), penalty.id, "proposed", now, by, penalty.rule_amount, reason)
        await entries.add(transaction, context.words, [entry])
    return penalty.id


async def _standing(transaction: Connection, id_: UUID) -> list[Penalty]:
    return (await store.of_cases(transaction, [id_]))[id_]
