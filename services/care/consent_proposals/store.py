"""Proposals in the database; what people wrote is sealed under the proposal's id."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col

from services.care.consent.domain.choices import About, Means
from services.care.consent.store import proof_in, sealed_proof
from services.care.consent_proposals.domain import Proposal, ProposalDecision, ProposalState
from services.care.consent_proposals.tables import ConsentProposalRow
from services.care.messages.domain import Purpose
from shared.db import Connection
from shared.personal import Vault
from shared.statement import Statement, given, insert_one, table

_ADDED = ("id", "customer_id", "wanted", "source", "proposed_at", "proposed_by", "state", "proof")
_ADD = Statement(insert_one(ConsentProposalRow, *_ADDED))
_LOCK = Statement(
    select(*(table(ConsentProposalRow).c[name] for name in _ADDED))
    .where(col(ConsentProposalRow.id) == given("id"))
    .with_for_update()
)
_DECIDE = Statement(
    update(ConsentProposalRow)
    .values(
        state=given("state"), decided_at=given("decided_at"), decided_by=given("decided_by"), reason=given("reason")
    )
    .where(col(ConsentProposalRow.id) == given("id"))
)


async def add(transaction: Connection, vault: Vault, proposal: Proposal) -> None:
    await _ADD.execute(
        transaction,
        id=proposal.id,
        customer_id=proposal.customer_id,
        wanted=[
            {"channel": means, "purpose": purpose, "granted": granted}
            for (means, purpose), granted in proposal.wanted.items()
        ],
        source=vault.seal(proposal.source.encode(), proposal.id.bytes),
        proposed_at=proposal.proposed_at,
        proposed_by=proposal.proposed_by,
        state=proposal.state,
        proof=sealed_proof(vault, proposal.id, proposal.proof),
    )


async def lock(transaction: Connection, vault: Vault, proposal_id: UUID) -> Proposal | None:
    """The proposal, held until the transaction ends; None when there is none."""
    row = await _LOCK.one(transaction, id=proposal_id)
    if row is None:
        return None
    return Proposal(
        id=row["id"],
        customer_id=row["customer_id"],
        wanted=wanted_in(row["wanted"]),
        source=words_in(vault, row["id"], row["source"]),
        proposed_at=row["proposed_at"],
        proposed_by=row["proposed_by"],
        state=ProposalState(row["state"]),
        proof=proof_in(vault, row["id"], row["proof"]),
    )


async def decide(transaction: Connection, vault: Vault, proposal_id: UUID, decision: ProposalDecision) -> None:
    """Writes the decision on a locked proposal."""
    await _DECIDE.execute(
        transaction,
        id=proposal_id,
        state=decision.state,
        decided_at=decision.at,
        decided_by=decision.by,
        reason=None if decision.reason is None else vault.seal(decision.reason.encode(), proposal_id.bytes),
    )


def wanted_in(stored: Sequence[Mapping[str, Any]]) -> Mapping[About, bool]:
    """The choices that are stored so."""
    return {(Means(each["channel"]), Purpose(each["purpose"])): each["granted"] for each in stored}


def words_in(vault: Vault, proposal_id: UUID, sealed: bytes) -> str:
    """What somebody wrote."""
    return vault.open(sealed, proposal_id.bytes).decode()
