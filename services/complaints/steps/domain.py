"""From open to closed (domain 3.2, decision 14): answer, resolve, close, reopen, and the seven steps beside them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar, Final, Literal, TypeAlias, get_args
from uuid import UUID

from services.complaints.cases.domain import WITHOUT_STEPS, Accused, Case, CaseState
from services.complaints.response_clocks.domain.advancing import LAST_LEVEL, ClockEvent, stop
from services.complaints.response_clocks.domain.chain import Chain, Link
from services.complaints.response_clocks.domain.clock import ResponseClock
from services.complaints.rulebook.domain.calendar import Calendar
from services.complaints.rulebook.domain.policies import ClockPolicy
from services.complaints.step_roles.domain import Act
from shared.auth.principal import Principal
from shared.contracts.customers import Tier
from shared.errors import Conflict, Forbidden

Step: TypeAlias = Literal["record", "investigate", "propose", "execute", "inspect", "settle", "reply"]

LaterStep: TypeAlias = Literal["investigate", "propose", "execute", "inspect", "settle", "reply"]

STEPS: Final[tuple[Step, ...]] = get_args(Step)
"""The seven steps in their order; the first is done by recording."""
LATER: Final[tuple[LaterStep, ...]] = get_args(LaterStep)
"""What is done after it."""

NAMES_OWNERS: Final = ("cs_specialist", "cs_manager", "admin_dept")
"""Who enters for others what they did."""
TWICE_REOPENED: Final = 3
"""The round from which on a reopening is told to somebody above at once (examples 10)."""
SUPERVISOR: Final = 2
"""The level of the chain (decision 17)."""


@dataclass(frozen=True, slots=True)
class DoneStep:
    """A step as it was done in a round; `policy_version` is the table of step roles by which it was."""

    round: int
    step: Step
    owner_id: UUID
    done_at: datetime
    policy_version: int | None


@dataclass(frozen=True, slots=True)
class ReadStep:
    """A step as it is read: with who did it and what it came to."""

    step: DoneStep
    done_by: UUID
    text: str | None


@dataclass(frozen=True, slots=True)
class StepAhead:
    """A step that is still to be done in the present round: whose it is by the table, and whether the caller may.

    `needed` tells whether the case cannot be closed without it, `awaits_approval` that the solution is not approved.
    """

    step: Step
    doers: Sequence[str]
    may: bool
    needed: bool
    awaits_approval: bool


class OwnerNotAllowed(Forbidden):
    slug = "owner-not-allowed"
    title = "Only customer service says that a step is somebody else's"


class StepSkipped(Conflict):
    slug = "step-skipped"
    title = "The steps go in order"


class StepDone(Conflict):
    slug = "step-done"
    title = "This step is done"


class StepsMissing(Conflict):
    slug = "steps-missing"
    title = "Not all steps are done"

    members: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"missing": "the codes of the steps that are still to be done, in their order"}
    )

    def __init__(self, missing: Sequence[Step]) -> None:
        super().__init__("still to be done: " + ", ".join(missing))
        self.missing = list(missing)


class ApprovalMissing(Conflict):
    """What somebody has asked for is decided, or taken back, before the case ends."""

    slug = "approval-missing"
    title = "Something in the case awaits approval"

    members: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"awaiting": "what awaits a word, by its path below the case: solution, compensations/{id}"}
    )

    def __init__(self, awaiting: Sequence[str]) -> None:
        super().__init__("to be approved, refused or taken back first: " + ", ".join(awaiting))
        self.awaiting = list(awaiting)


def answer(case: Case, at: datetime, chain: Chain) -> tuple[Case, tuple[ClockEvent, ...]]:
    """A definite answer stops the clock; whether it was in time is judged here."""
    case.require(CaseState.OPEN)
    clock, events = stop(case.clock, at, chain)
    return case._replace(state=CaseState.ANSWERED, clock=clock, answered_at=at), events


def resolve(case: Case, at: datetime, chain: Chain) -> tuple[Case, tuple[ClockEvent, ...]]:
    """The matter is solved; where nothing answered before, this does."""
    case.require(CaseState.OPEN, CaseState.ANSWERED)
    clock, events = stop(case.clock, at, chain)
    answered_at = case.answered_at or at
    return case._replace(state=CaseState.RESOLVED, clock=clock, answered_at=answered_at, resolved_at=at), events


def close(case: Case, at: datetime, done: Collection[str]) -> Case:
    """The end, when all steps are done; takeovers, suggestions and enquiries need none."""
    case.require(CaseState.RESOLVED)
    missing = ahead(done)
    if missing and needs_steps(case):
        raise StepsMissing(missing)
    return case._replace(state=CaseState.CLOSED, closed_at=at)


def ahead(done: Collection[str]) -> list[LaterStep]:
    """The steps that are still to be done, in their order."""
    return [step for step in LATER if step not in done]


def needs_steps(case: Case) -> bool:
    """Whether it cannot be closed before all steps are done."""
    return not case.taken_over and case.kind not in WITHOUT_STEPS


def reopen(case: Case, at: datetime, policy: ClockPolicy, calendar: Calendar | None, tier: Tier | None) -> Case:
    """The next round, with a new clock by the policy of now; the earlier round is kept as it was."""
    case.require(CaseState.ANSWERED, CaseState.RESOLVED, CaseState.CLOSED)
    return case._replace(
        state=CaseState.OPEN,
        tier=tier,
        round=case.round + 1,
        policy_version=policy.version,
        clock=ResponseClock(
            at,
            policy.answer_within,
            silent_until=case.clock.silent_until,
            calendar=calendar,
            levels=policy.levels,
        ),
        answered_at=None,
        resolved_at=None,
        closed_at=None,
    )


def reopened_again(case: Case, chain: Chain) -> tuple[Case, Link | None]:
    """From the second reopening on each goes up a level (domain 3.5): the supervisor first, then who stands above; a
    level at which nobody is, or who was told before, is skipped (decision 17).

    Where the chain is at its end, its last person is told; None where nobody stands above whom it concerns.
    """
    above = [link for link in chain if link.level >= SUPERVISOR]
    told = above[: case.round - TWICE_REOPENED + 1][-1] if above else None
    level = told.level if told is not None else LAST_LEVEL
    return case._replace(clock=case.clock._replace(escalation_level=level)), told


def act_of(step: Step) -> Act:
    """The step as something to be done. Raises StepDone for the first, which recording has done."""
    if step == "record":
        raise StepDone("record is done with the case itself")
    return step


def check_step(case: Case, step: Step, done: Collection[str]) -> None:
    """Steps are done once a round, in order, and none is skipped."""
    case.require(CaseState.OPEN, CaseState.ANSWERED, CaseState.RESOLVED)
    if step in done:
        raise StepDone(f"{step} is done in this round")
    skipped = [earlier for earlier in STEPS[1 : STEPS.index(step)] if earlier not in done]
    if skipped:
        raise StepSkipped("first comes: " + ", ".join(skipped))


def check_owner(case: Case, step: Step, owner_id: UUID | None, caller: Principal, accused: Accused) -> None:
    """Who names another owner than the step has by itself enters it for somebody: customer service and administration,
    and never whom the case is against, or they would choose who approves. Raises OwnerNotAllowed."""
    if owner_id in (None, caller.id, owner_of(case, step, None, caller.id)):
        return
    if caller.id in accused.people or not caller.has(*NAMES_OWNERS):
        raise OwnerNotAllowed("leave owner_id out: another owner is named by: " + ", ".join(NAMES_OWNERS))


def owner_of(case: Case, step: Step, owner_id: UUID | None, by: UUID) -> UUID:
    """Whose step it is (domain 3.2): who is named, else by the step whoever handles or answers for it.

    Customer service investigates, the accountable person proposes and executes, and what follows is whose who does it.
    """
    if owner_id is not None:
        return owner_id
    if step == "investigate":
        return case.responsible_id or by
    if step in ("propose", "execute"):
        return case.accountable_id or case.responsible_id or by
    return by
