"""Routes of proposals to change consents."""

from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.care.consent.api.consents import ConsentProofOut, ConsentsIn
from services.care.consent.domain.choices import Means, ProofOfTomorrow
from services.care.consent_proposals import handlers, queries
from services.care.consent_proposals.domain import ProposalDecided, ProposalNotFound, ProposalOutdated, ProposalState
from services.care.consent_proposals.queries import ProposalDetails, ProposalFilters
from services.care.context import Context
from services.care.messages.domain import Purpose
from shared.auth.visibility import viewer
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Reason
from shared.http.paging import BY_ID, Page, Paging
from shared.http.routing import Caller, router
from shared.references import CustomerNotFound

routes = router("/care/v1", "consent")


class ProposedChoiceOut(BaseModel):
    """What the customer is said to want for one channel and purpose."""

    channel: Means
    purpose: Purpose
    granted: bool


class RefusalIn(BaseModel):
    """Why a proposal is refused."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason


class ConsentProposalOut(BaseModel):
    """A proposal to change consents, and what was decided; `source` says how the customer gave them."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    customer_id: UUID
    customer_name: str | None
    consents: list[ProposedChoiceOut]
    source: str
    proof: ConsentProofOut | None = Field(description="by what it can be shown; null where nobody said")
    state: ProposalState
    proposed_at: datetime
    proposed_by: UUID
    decided_at: datetime | None
    decided_by: UUID | None
    reason: str | None

    @classmethod
    def of(cls, details: ProposalDetails) -> Self:
        consents = [
            {"channel": means, "purpose": purpose, "granted": granted}
            for (means, purpose), granted in details.wanted.items()
        ]
        return cls.model_validate({**asdict(details), "consents": consents})


@routes.post("/consents/{customer_id}/proposals", status_code=201)
@raises(CustomerNotFound, ProofOfTomorrow)
async def propose_consents(
    customer_id: UUID, body: ConsentsIn, context: Injected[Context], caller: Caller
) -> ConsentProposalOut:
    """Lists what the customer is said to want, for customer service to agree to or refuse; nothing changes yet."""
    details = await handlers.propose(
        context,
        customer_id,
        body.wanted(),
        source=body.source,
        proof=body.proven_by(),
        by=caller.id,
        viewer=viewer(caller),
    )
    return ConsentProposalOut.of(details)


@routes.get("/consent-proposals")
async def list_consent_proposals(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    customer_id: UUID | None = None,
    state: ProposalState | None = None,
) -> Page[ConsentProposalOut]:
    """Proposals, the newest first: one's own; who sees every customer sees all."""
    filters = ProposalFilters(viewer=viewer(caller), customer_id=customer_id, state=state)
    read = partial(queries.list_proposals, context, filters)
    return await paging.page(BY_ID, asdict(filters), read, ConsentProposalOut.of)


@routes.post("/consent-proposals/{proposal_id}/agree")
@raises(ProposalDecided, ProposalNotFound, ProposalOutdated)
async def agree_to_consent_proposal(
    proposal_id: UUID, context: Injected[Context], caller: Caller
) -> ConsentProposalOut:
    """Sets the consents as they were proposed."""
    return ConsentProposalOut.of(await handlers.agree(context, proposal_id, by=caller.id))


@routes.post("/consent-proposals/{proposal_id}/refuse")
@raises(ProposalDecided, ProposalNotFound)
async def refuse_consent_proposal(
    proposal_id: UUID, body: RefusalIn, context: Injected[Context], caller: Caller
) -> ConsentProposalOut:
    """Leaves the consents as they are, and says why."""
    return ConsentProposalOut.of(await handlers.refuse(context, proposal_id, body.reason, by=caller.id))
