"""A proposal to change consents, and who decides it (who-sees-whom: customer service and the person change them)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.care.consent.domain.choices import About, Choices, Proof
from shared.errors import Conflict, NotFound


class ProposalState(StrEnum):
    """`agreed` and `refused` are final."""

    OPEN = "open"
    AGREED = "agreed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What somebody says that the customer wants, and by what (`source`)."""

    id: UUID
    customer_id: UUID
    wanted: Mapping[About, bool]
    source: str
    proposed_at: datetime
    proposed_by: UUID
    state: ProposalState = ProposalState.OPEN
    proof: Proof | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalDecision:
    """What customer service has decided; `reason` for a refusal."""

    state: ProposalState
    at: datetime
    by: UUID
    reason: str | None = None


class ProposalNotFound(NotFound):
    slug = "consent-proposal-not-found"
    title = "There is no such proposal"


class ProposalDecided(Conflict):
    slug = "consent-proposal-decided"
    title = "The proposal has been decided"


class ProposalOutdated(Conflict):
    slug = "consent-proposal-outdated"
    title = "The customer has said something else since"


def check_open(proposal: Proposal) -> None:
    """Raises ProposalDecided."""
    if proposal.state is not ProposalState.OPEN:
        raise ProposalDecided(f"it was {proposal.state} already")


def check_current(proposal: Proposal, present: Choices) -> None:
    """Raises ProposalOutdated when one of the choices was changed after it was proposed: what is newer stands."""
    if any(present[about].at > proposal.proposed_at for about in proposal.wanted if about in present):
        raise ProposalOutdated("refuse it, and ask the customer what they want")
