"""The case: what of it moves, and what is said when it does (domain 3.1, decisions 14 and 15)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from services.complaints.response_clocks.domain.advancing import Breached, ClockEvent, Escalated
from services.complaints.response_clocks.domain.clock import ResponseClock
from shared.contracts.complaints import CaseKind
from shared.contracts.customers import Tier
from shared.contracts.letters import ReplyChannel
from shared.contracts.safety import Severity
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.languages import Language
from shared.masking import masked
from shared.moments import written

WITHOUT_STEPS: Final = ("suggestion", "enquiry")
"""Kinds that have an answer and an outcome, and no steps to be gone through."""


class ComplaintNotFound(NotFound):
    slug = "no-such-complaint"
    title = "There is no such complaint"


class TimeNotAllowed(Invalid):
    slug = "time-not-allowed"
    title = "This time cannot be"


class NothingToCorrect(Invalid):
    slug = "nothing-to-correct"
    title = "The case says this already"


class TextMissing(Invalid):
    slug = "text-missing"
    title = "The words are missing"


class OwnCase(Forbidden):
    """Who is judged by it does not do it, whatever their role."""

    slug = "own-case"
    title = "This is somebody else's to do"


@dataclass(frozen=True, slots=True)
class Accused:
    """Whom a case is against, in person; they may be nobody."""

    people: frozenset[UUID]

    def check_not(self, by: UUID, does: str) -> None:
        """Raises OwnCase: asked before the role, whatever that is."""
        if by in self.people:
            raise OwnCase(f"whom a case is against does not {does} it")


class WrongState(Conflict):
    slug = "wrong-state"
    title = "The case is in another state"


class CaseState(StrEnum):
    """A case goes from open to closed; reopening begins the next round as open (decision 14)."""

    OPEN = "open"
    ANSWERED = "answered"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Case(NamedTuple):
    """What of a case moves. `moved_at` is its last movement: a takeover's times only go forward (decision 15)."""

    id: UUID
    number: str
    customer_id: UUID | None
    kind: CaseKind
    subject: str
    state: CaseState
    tier: Tier | None
    responsible_id: UUID | None
    taken_over: bool
    registered_at: datetime
    moved_at: datetime
    round: int
    policy_version: int
    clock: ResponseClock
    answered_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    version: int
    accountable_id: UUID | None = None
    """Whom the case is against; `responsible_id` is who handles it (domain 3.2)."""
    noticed_at: datetime | None = None
    """When the first notice went out: from then on the accountable person hears of a late answer (decision 17)."""
    valid: bool | None = None
    """As judged (domain 3.2); None before."""
    good_faith: bool | None = None
    accepted_at: datetime | None = None
    accepted_by: UUID | None = None
    keeps_clocks: bool = False
    """Whether it has clocks beside its answer's; what was recorded before there were any has none."""

    @property
    def concerns_id(self) -> UUID | None:
        """Who is the first in the chain of escalation: the handler, from the notice on the accountable person."""
        return self.responsible_id if self.noticed_at is None else self.accountable_id

    @property
    def judged_away(self) -> bool:
        """Whether it was judged not valid or malicious: nobody pays for it, and nothing is done because of it."""
        return self.valid is False or self.good_faith is False

    def moved(self, at: datetime) -> "Case":
        """The case in its next version, last moved at `at`."""
        return self._replace(moved_at=max(at, self.moved_at), version=self.version + 1)

    def taken(self, by: UUID, at: datetime) -> "Case":
        """The case, taken by somebody of customer service; whoever took it first has taken it."""
        return self if self.accepted_at is not None else self._replace(accepted_at=at, accepted_by=by)

    @property
    def silent_until(self) -> datetime | None:
        """Nothing is said of what lies before a takeover."""
        return self.registered_at if self.taken_over else None

    def historical(self, moment: datetime) -> bool:
        """History is silent (decision 5): what lies before the takeover."""
        return self.taken_over and moment < self.registered_at

    def require(self, *states: CaseState) -> None:
        if self.state not in states:
            wanted = " or ".join(states)
            raise WrongState(f"it is {self.state}; this needs it to be {wanted}")


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says about a case, and when it was if that lies in the past (takeovers only)."""

    text: str | None
    at: datetime | None
    by: UUID

    def require_text(self, case: Case, what: str) -> None:
        """Old cases are taken over with what is known of them; all others say it."""
        if self.text is None and not case.taken_over:
            raise TextMissing(f"say {what}", pointer="#/text")


@dataclass(frozen=True, slots=True)
class Unsigned:
    """What nobody of the staff says: the complainant does, or it came about by a rule."""

    text: str | None = None
    at: datetime | None = None
    by: None = None


@dataclass(frozen=True, slots=True)
class Words:
    """What of a case is personal, unsealed."""

    text: str
    wish: str | None
    complainant: dict[str, str] | None
    against: str | None


def complainant_seen(complainant: Mapping[str, str] | None, seen: Collection[str]) -> dict[str, str | bool] | None:
    """Who complains, for who sees these personal fields in full; `masked` says whether the contact is not shown so."""
    if complainant is None:
        return None
    contact = complainant["contact"]
    hidden = ("emails" if "@" in contact else "phones") not in seen
    return {**complainant, "contact": masked(contact) if hidden else contact, "masked": hidden}


@dataclass(frozen=True, slots=True)
class Details:
    """What else is said when a case is recorded (domain 3.1), unsealed: why it happened, how what was bought was used
    and when it was bought, how the complainant would like it solved, by which channel and in which language they are
    told; of an adverse reaction the product, what it shows by codes, how bad it is, and its day (domain 3.8)."""

    why: str | None = None
    usage: str | None = None
    bought_on: date | None = None
    solving: str | None = None
    reply_by: ReplyChannel | None = None
    language: Language | None = None
    product: str | None = None
    symptoms: tuple[str, ...] = ()
    severity: Severity | None = None
    reaction_on: date | None = None


NOTHING_ELSE: Final = Details()


def moment_of(case: Case, at: datetime | None, now: datetime) -> datetime:
    """When a movement happens: now, or for takeovers a past moment, and only forward (decision 15)."""
    if at is None:
        return max(now, case.moved_at)
    if not case.taken_over:
        raise TimeNotAllowed("leave `at` out: only cases taken over have times in the past", pointer="#/at")
    if not case.moved_at <= at <= now:
        raise TimeNotAllowed(f"`at` lies between the last movement ({written(case.moved_at)}) and now", pointer="#/at")
    return at


@dataclass(frozen=True, slots=True)
class BreachNotice:
    """Who was told of a miss, at which level; kept once per case, round and level."""

    complaint_id: UUID
    round: int
    level: int
    staff_id: UUID | None
    due_at: datetime
    noticed_at: datetime
    accountable_id: UUID | None
    """Whom the case was against then; who was told may be its handler."""
    at: datetime
    """The moment of the level itself."""


def breach_notices(case: Case, events: Sequence[ClockEvent], now: datetime) -> list[BreachNotice]:
    """Who is told of a miss by what happened on a case's clock."""
    notices = []
    for event in events:
        if isinstance(event, Breached | Escalated):
            level, due_at = (event.level, event.due_at) if isinstance(event, Escalated) else (1, event.at)
            told = BreachNotice(
                case.id, case.round, level, event.staff_id, due_at, now, accountable_id=case.accountable_id, at=event.at
            )
            notices.append(told)
    return notices
