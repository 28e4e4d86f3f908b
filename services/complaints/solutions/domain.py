"""Solutions and their approval by another person than their author, where a policy says so (domain 3.2)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, TypeAlias
from uuid import UUID

from services.complaints.cases.domain import Accused, Case
from services.complaints.history.domain import Scalar, changed
from shared.auth.principal import Principal
from shared.contracts.customers import Tier
from shared.errors import Conflict, Forbidden

Approver: TypeAlias = Literal[
    "supervisor",
    "brand_manager",
    "sales_manager",
    "logistics_manager",
    "cs_manager",
    "cs_specialist",
    "general_manager",
    "admin_dept",
]
"""A role, or the supervisor of whose proposal it is."""


class SolutionNotProposed(Conflict):
    slug = "solution-not-proposed"
    title = "No solution awaits a decision"


class SolutionNotApproved(Conflict):
    slug = "solution-not-approved"
    title = "The solution awaits approval"


class OwnSolution(Forbidden):
    slug = "own-solution"
    title = "Nobody approves their own solution"


class SolutionState(StrEnum):
    """How a solution stands; `proposed` needs nobody's word."""

    PROPOSED = "proposed"
    AWAITS_APPROVAL = "awaits_approval"
    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ApprovalPolicy:
    """A version of which solutions need another person's word, and whose; no subjects or tiers mean any."""

    version: int
    required: bool
    subjects: Collection[str]
    tiers: Collection[Tier]
    approvers: Sequence[str]

    @classmethod
    def kept(cls, version: int, definition: Mapping[str, Any]) -> "ApprovalPolicy":
        return cls(version, **definition)

    def demands(self, case: Case) -> bool:
        """Whether the solution of this case needs approval."""
        return (
            self.required
            and (not self.subjects or case.subject in self.subjects)
            and (not self.tiers or case.tier in self.tiers)
        )


@dataclass(frozen=True, slots=True)
class Solution:
    """A solution that was proposed in a round; `attempt` counts from 1."""

    entry_id: UUID
    complaint_id: UUID
    round: int
    attempt: int
    author_id: UUID
    owner_id: UUID
    proposed_at: datetime
    state: SolutionState
    policy_version: int
    decided_by: UUID | None
    decided_at: datetime | None
    approver_ids: Sequence[UUID] | None
    """Whose word was asked for; None where it needs nobody's."""

    def decided(self, approve: bool, by: UUID, at: datetime) -> "Solution":
        state = SolutionState.APPROVED if approve else SolutionState.REFUSED
        return replace(self, state=state, decided_by=by, decided_at=at)

    def changes(self, after: "Solution") -> dict[str, dict[str, Scalar]]:
        """What the history says became of it."""
        return changed(solution=(self.state.value, after.state.value))


def refused(standing: Solution | None) -> bool:
    """Whether the proposal of the round is to be done anew."""
    return standing is not None and standing.state is SolutionState.REFUSED


def awaits_approval(standing: Solution | None) -> bool:
    """Whether somebody's word is missing."""
    return standing is not None and standing.state is SolutionState.AWAITS_APPROVAL


def check_may_execute(standing: Solution | None) -> None:
    """Raises SolutionNotApproved while somebody's word is missing."""
    if awaits_approval(standing):
        raise SolutionNotApproved("somebody else than its author approves it first: solution/approval")


def check_approver(
    solution: Solution, caller: Principal, accused: Accused, supervisor: UUID | None, policy: ApprovalPolicy
) -> None:
    """Raises OwnSolution, asked first and of everybody, OwnCase for whom the case is against, and Forbidden for whom
    the policy does not name."""
    if caller.id in (solution.author_id, solution.owner_id):
        raise OwnSolution("another person than its author approves a solution")
    accused.check_not(caller.id, "approve the solution of")
    named = caller.has(*(each for each in policy.approvers if each != "supervisor"))
    if not named and not ("supervisor" in policy.approvers and caller.id == supervisor):
        raise Forbidden("this solution is approved by: " + ", ".join(policy.approvers))


def check_undecided(standing: Solution | None, executed: bool) -> Solution:
    """The solution that is to be decided. Raises SolutionNotProposed where none is, any longer or yet."""
    if standing is None or executed or standing.state not in (SolutionState.PROPOSED, SolutionState.AWAITS_APPROVAL):
        raise SolutionNotProposed("in this round nothing is proposed that has not been decided or executed")
    return standing
