"""Which clocks a round has, and how they follow what happens to its case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from services.complaints.cases.domain import WITHOUT_STEPS, Case
from services.complaints.clocks.domain.clock import CaseClock
from services.complaints.rulebook.domain.levels import MISS_ALONE
from services.complaints.rulebook.domain.rulebook import Rulebook
from shared.auth.principal import ADMINISTRATION, Principal
from shared.contracts.complaints import CaseKind, ClockKind
from shared.contracts.customers import Tier
from shared.errors import Conflict, Forbidden

STEP_CLOCKS: Final[tuple[ClockKind, ...]] = ("investigate", "propose", "execute", "inspect", "settle", "reply")
"""In the order of the steps: the end of one is the beginning of the next."""
CUSTOMER_SERVICE: Final = ("cs_specialist", "cs_manager")
WORKS_ON_THE_CASE: Final = ("answered", "resolved", "paused")
"""What nobody but customer service does with a case, beside its steps."""


JUDGED: Final = "judged"
"""What administration does with an internal case, beside its steps."""


class AlreadyAccepted(Conflict):
    slug = "already-accepted"
    title = "The case has been taken"


@dataclass(frozen=True, slots=True)
class Beginning:
    """What decides which clocks a round has."""

    id: UUID
    kind: CaseKind
    subject: str
    tier: Tier | None
    round: int
    started_at: datetime
    taken_over: bool
    registered_at: datetime
    accepted_at: datetime | None

    @property
    def taken_at_once(self) -> bool:
        """Whether who recorded it has taken it (decision 22e)."""
        return self.accepted_at == self.started_at

    @property
    def silent_until(self) -> datetime | None:
        return self.registered_at if self.taken_over else None


def clocks_of(beginning: Beginning, rulebook: Rulebook) -> list[CaseClock]:
    """The clocks with which a round begins. The resolution's is always there, with or without a deadline.

    A case is accepted once, in its first round; one that is taken over has been accepted by whoever had it.
    """
    kinds: list[ClockKind] = ["resolve"]
    if beginning.kind not in WITHOUT_STEPS:
        kinds += STEP_CLOCKS
    if beginning.round == 1 and not beginning.taken_over:
        kinds.append("accept")
    clocks = (_begun(kind, beginning, rulebook) for kind in kinds)
    return [clock for clock in clocks if clock.allowed is not None or clock.kind == "resolve"]


def _begun(kind: ClockKind, beginning: Beginning, rulebook: Rulebook) -> CaseClock:
    policy = rulebook.limit(kind, beginning.tier, beginning.subject, beginning.started_at)
    at_once = kind not in STEP_CLOCKS[1:]
    clock = CaseClock(
        kind,
        beginning.round,
        policy.answer_within if policy is not None else None,
        policy.version if policy is not None else None,
        rulebook.calendar(policy) if policy is not None else None,
        beginning.started_at if at_once else None,
        levels=policy.levels if policy is not None else MISS_ALONE,
    )
    if kind == "accept" and beginning.taken_at_once:
        return clock._replace(stopped_at=beginning.started_at)
    return clock


def followed(clocks: Sequence[CaseClock], case: Case, what: str, at: datetime, noticed_at: datetime) -> list[CaseClock]:
    """The clocks of a case's present round after a movement of it, misses that nobody had noticed among them."""
    pauses = case.clock.pauses
    return [_followed(clock.within(pauses), case, what, at, noticed_at) for clock in clocks]


def _followed(clock: CaseClock, case: Case, what: str, at: datetime, noticed_at: datetime) -> CaseClock:
    if clock.kind == "accept":
        return clock if case.accepted_at is None else clock.stop(case.accepted_at, noticed_at)
    if what == "closed" or what == _end_of(clock.kind):
        return clock.stop(at, noticed_at)
    if clock.started_at is None and clock.stopped_at is None and what == _turn_of(clock.kind):
        return clock._replace(started_at=at)
    return clock


def _end_of(kind: ClockKind) -> str:
    return "resolved" if kind == "resolve" else f"step:{kind}"


def _turn_of(kind: ClockKind) -> str:
    """After which movement a step's turn has come."""
    return f"step:{STEP_CLOCKS[STEP_CLOCKS.index(kind) - 1]}" if kind in STEP_CLOCKS[1:] else ""


def check_taker(case: Case, caller: Principal) -> None:
    """Raises Forbidden: administration accepts internal cases (domain 3.6), customer service all others."""
    takers = (ADMINISTRATION,) if case.kind == "internal" else CUSTOMER_SERVICE
    if not caller.has(*takers):
        raise Forbidden("this case is accepted by: " + ", ".join(takers))


def takes_the_case(case: Case, what: str, by: UUID | None) -> bool:
    """Whether somebody of customer service takes the case by this: by saying so, or by working on it before anybody has
    (decision 22e). Of what was taken over nobody knows who took it, unless it is said. Whom it is against never
    does."""
    if case.accepted_at is not None or (by is not None and by == case.accountable_id):
        return False
    if what == "accepted" or (what == JUDGED and case.kind == "internal"):
        return True
    return not case.taken_over and (what in WORKS_ON_THE_CASE or what.startswith("step:"))
