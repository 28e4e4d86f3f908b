"""Proposing solutions, and approving or refusing them."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.complaints.cases.domain import Case, CaseState, Said, TextMissing
from services.complaints.cases.events import events_of, fact_of
from services.complaints.cases.queries import require_seen
from services.complaints.cases.store.accused import accused_in
from services.complaints.cases.store.holding import lock
from services.complaints.context import Context
from services.complaints.history import handlers as history
from services.complaints.history.handlers import Movement
from services.complaints.policies import handlers as policies
from services.complaints.policies.domain import PolicyVersion
from services.complaints.policies.store import in_force, of_version
from services.complaints.response_clocks.store import Concern, chains_of
from services.complaints.rulebook.domain.subjects import UnknownSubject
from services.complaints.rulebook.store.subjects import in_use
from services.complaints.solutions import events, store
from services.complaints.solutions.domain import (
    ApprovalPolicy,
    Solution,
    SolutionState,
    awaits_approval,
    check_approver,
    check_undecided,
)
from shared import directory
from shared.auth.principal import Principal
from shared.auth.visibility import viewer
from shared.bus import outbox
from shared.contracts.settlements import ComplaintSolutionDecided
from shared.db import Connection

SUPERVISOR = 2
"""The level of somebody's chain (decision 17)."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A solution that a step brings: the entry that tells it, who entered it, and whose it is."""

    entry_id: UUID
    author_id: UUID
    owner_id: UUID


async def propose(transaction: Connection, context: Context, case: Case, proposal: Proposal, at: datetime) -> Solution:
    """Keeps the solution of a held case; whether it needs approval, the policy in force says. The past needs none.

    Whose word is asked for hears of it.
    """
    policy = await _policy(transaction, at)
    before = await store.standing(transaction, case)
    demanded = policy.demands(case) and not case.historical(at)
    solution = Solution(
        entry_id=proposal.entry_id,
        complaint_id=case.id,
        round=case.round,
        attempt=before.attempt + 1 if before is not None else 1,
        author_id=proposal.author_id,
        owner_id=proposal.owner_id,
        proposed_at=at,
        state=SolutionState.AWAITS_APPROVAL if demanded else SolutionState.PROPOSED,
        policy_version=policy.version,
        decided_by=None,
        decided_at=None,
        approver_ids=None,
    )
    ids = await _asked(transaction, solution, policy) if demanded else []
    solution = replace(solution, approver_ids=ids if demanded else None)
    await store.add(transaction, solution)
    if demanded:
        await outbox.append(transaction, events_of(case, [events.asked(case, ids, at)], context.clock.now()))
    return solution


async def _asked(transaction: Connection, solution: Solution, policy: ApprovalPolicy) -> list[UUID]:
    """Whose word is asked for: of those whom the policy names the first who is there, whose solution it is not, and
    whom the case is not against."""
    accused = await accused_in(transaction, solution.complaint_id)
    for each in policy.approvers:
        if each == "supervisor":
            people = {await _supervisor(transaction, solution.owner_id)}
        else:
            people = {member.id for member in await directory.staff_in_role(transaction, each)}
        if others := people - {None, solution.author_id, solution.owner_id, *accused.people}:
            return sorted(id_ for id_ in others if id_ is not None)
    return []


async def decide(context: Context, id_: UUID, *, approve: bool, reason: str | None, caller: Principal) -> Solution:
    """Approves or refuses the round's solution; a refused one is proposed anew, and all of it stays.

    Raises ComplaintNotFound, WrongState, OwnSolution, Forbidden, SolutionNotProposed, TextMissing.
    """
    if not approve and reason is None:
        raise TextMissing("say why it is refused", pointer="#/reason")
    await require_seen(context, id_, viewer=viewer(caller))
    async with context.database.transaction() as transaction:
        case = await lock(transaction, id_)
        standing = await store.standing(transaction, case)
        if standing is not None:
            fixed = await of_version(transaction, "solution_approval", standing.policy_version)
            policy = ApprovalPolicy.kept(fixed.version, fixed.definition)
            accused = await accused_in(transaction, id_)
            check_approver(standing, caller, accused, await _supervisor(transaction, standing.owner_id), policy)
        case.require(CaseState.OPEN, CaseState.ANSWERED, CaseState.RESOLVED)
        before = check_undecided(standing, await store.executed(transaction, case))
        moment = max(context.clock.now(), case.moved_at)
        after = before.decided(approve, caller.id, moment)
        await store.decide(transaction, after)
        facts = [
            fact_of(ComplaintSolutionDecided, case, moment, approved=approve),
            *([events.no_longer_asked(case, moment)] if awaits_approval(before) else []),
        ]
        movement = Movement(case, f"solution:{after.state.value}", Said(reason, None, caller.id), moment, facts)
        await history.keep(transaction, context, replace(movement, changes=before.changes(after)))
    return after


async def write_policy(
    context: Context, definition: dict[str, Any], starts_at: datetime | None, *, by: UUID
) -> PolicyVersion:
    """Adds a version of which solutions need approval; what is left out of the definition stays as it was.

    Raises UnknownSubject.
    """
    unknown = set(definition.get("subjects", ())) - set(await in_use(context.database))
    if unknown:
        raise UnknownSubject("these subjects are not in the table: " + ", ".join(sorted(unknown)), pointer="#/subjects")
    return await policies.write(context, "solution_approval", starts_at, lambda before: {**before, **definition}, by=by)


async def _policy(transaction: Connection, at: datetime) -> ApprovalPolicy:
    policy = await in_force(transaction, "solution_approval", at)
    return ApprovalPolicy.kept(policy.version, policy.definition)


async def _supervisor(transaction: Connection, owner_id: UUID) -> UUID | None:
    concern = Concern(owner_id)
    chain = (await chains_of(transaction, [concern]))[concern]
    return next((link.staff_id for link in chain if link.level == SUPERVISOR), None)
