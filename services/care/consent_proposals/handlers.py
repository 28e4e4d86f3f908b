"""Proposing a change of consents, agreeing to it, refusing it."""

from collections.abc import Mapping
from uuid import UUID

from services.care.accounts import queries as accounts
from services.care.consent import handlers as consent
from services.care.consent import store as consents
from services.care.consent.domain.choices import About, Choice, Proof, check_taken
from services.care.consent_proposals import queries, store
from services.care.consent_proposals.domain import (
    Proposal,
    ProposalDecision,
    ProposalNotFound,
    ProposalState,
    check_current,
    check_open,
)
from services.care.consent_proposals.queries import ProposalDetails
from services.care.context import Context
from shared import audit
from shared.db import Connection
from shared.ids import new_id


async def propose(
    context: Context,
    customer_id: UUID,
    wanted: Mapping[About, bool],
    *,
    source: str,
    proof: Proof | None = None,
    by: UUID,
    viewer: UUID | None,
) -> ProposalDetails:
    """Lists what a customer is said to want; nothing changes. Raises CustomerNotFound or ProofOfTomorrow."""
    check_taken(proof, context.clock.now())
    await accounts.read(context.database, customer_id, viewer=viewer)
    proposal = Proposal(
        id=new_id(),
        customer_id=customer_id,
        wanted=wanted,
        source=source,
        proposed_at=context.clock.now(),
        proposed_by=by,
        proof=proof,
    )
    async with context.database.transaction() as transaction:
        await store.add(transaction, context.vaults.consents, proposal)
        await audit.enter(transaction, by, "consent.proposed", proposal.id)
        return await queries.written(context, transaction, proposal.id)


async def agree(context: Context, proposal_id: UUID, *, by: UUID) -> ProposalDetails:
    """Sets the consents as they were proposed; who agreed has recorded them.

    Raises ProposalNotFound, ProposalDecided, or ProposalOutdated when the customer has said something else since.
    """
    async with context.database.transaction() as transaction:
        proposal = await _locked(context, transaction, proposal_id)
        check_open(proposal)
        ids = list(await consents.lock_sheets(transaction, proposal.customer_id))
        present = (await consents.choices_of_kept(transaction, ids))[proposal.customer_id]
        check_current(proposal, present)
        now = context.clock.now()
        said = {
            about: Choice(granted, now, proposal.source, by, proposal.proof)
            for about, granted in proposal.wanted.items()
        }
        await consent.keep_of_one(context, transaction, ids, said)
        decision = ProposalDecision(state=ProposalState.AGREED, at=now, by=by)
        return await _decide(context, transaction, proposal_id, decision, "consent.agreed")


async def refuse(context: Context, proposal_id: UUID, reason: str, *, by: UUID) -> ProposalDetails:
    """Leaves the consents as they are. Raises ProposalNotFound or ProposalDecided."""
    async with context.database.transaction() as transaction:
        check_open(await _locked(context, transaction, proposal_id))
        decision = ProposalDecision(state=ProposalState.REFUSED, at=context.clock.now(), by=by, reason=reason)
        return await _decide(context, transaction, proposal_id, decision, "consent.refused")


async def _locked(context: Context, transaction: Connection, proposal_id: UUID) -> Proposal:
    found = await store.lock(transaction, context.vaults.consents, proposal_id)
    if found is None:
        raise ProposalNotFound("check the id, or list the proposals")
    return found


async def _decide(
    context: Context, transaction: Connection, proposal_id: UUID, decision: ProposalDecision, what: str
) -> ProposalDetails:
    await store.decide(transaction, context.vaults.consents, proposal_id, decision)
    await audit.enter(transaction, decision.by, what, proposal_id)
    return await queries.written(context, transaction, proposal_id)
