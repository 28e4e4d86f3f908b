"""What employees promise customers: recorded, kept, broken at its moment (domain 3.6, examples 11)."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID
from zlib import crc32
from zoneinfo import ZoneInfo

from shared.errors import Conflict, Forbidden, Invalid, NotFound


class CommitmentNotFound(NotFound):
    """There is none with this id, or none among those whom the caller sees."""

    slug = "commitment-not-found"
    title = "There is no such promise"


class UnknownCommitmentCode(Invalid):
    slug = "unknown-commitment-code"
    title = "This code is not in the table of promises"


class PromiseBeforeCase(Invalid):
    slug = "promise-before-case"
    title = "A promise cannot be older than its case"


class CommitmentTime(Invalid):
    slug = "commitment-time"
    title = "This time of a promise cannot be"


class PromiseOfAnother(Invalid):
    slug = "promise-of-another"
    title = "The case is another customer's"


class CommitmentEnded(Conflict):
    slug = "commitment-ended"
    title = "This promise has come to its end"


class OwnCommitment(Forbidden):
    slug = "own-commitment"
    title = "Somebody else says this of a promise of one's own"


class FaultOpened(Conflict):
    slug = "fault-opened"
    title = "An internal case settles who made this promise"


class ConfirmationSaid(Conflict):
    slug = "confirmation-said"
    title = "What was said of this promise stands"


class CommitmentState(StrEnum):
    """How a promise stands."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"
    WITHDRAWN = "withdrawn"


class Confirmation(StrEnum):
    """How the confirmation of a promise outside the rules stands (domain 3.6): who made it is asked, confirms or denies
    it; where the customer insists on what is denied, an understanding is reached or fails."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    DENIED = "denied"
    INSISTED = "insisted"
    REACHED = "reached"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class CommitmentCode:
    """What can be promised; a code that is out of use stays with the promises that have it."""

    code: str
    name_en: str
    name_zh: str
    active: bool

    @property
    def version(self) -> int:
        """What was read, as a number: a code has no history, so its content is its version."""
        return crc32(f"{self.name_en}\n{self.name_zh}\n{self.active}".encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCommitment:
    """What was promised; `made_by` None is the caller, `made_at` None is now. `cost` is CNY, None when nobody knows."""

    customer_id: UUID
    complaint_id: UUID | None
    touch_id: UUID | None
    what: str
    code: str
    due: date | datetime
    outside_rules: bool
    cost: Decimal | None
    made_by: UUID | None
    made_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """A promise as it is kept; what it says lies sealed beside it.

    It is kept by what was done before `due_at`. `fulfilled_at` is when that was, in time or after it; `ended_at` is
    when it was kept, broken or withdrawn, and `ended_by` who said so, None for the clock.

    `confirmation` is None for a promise within the rules. Once the customer has insisted, an understanding is due
    before `understanding_due_at`, by who promised and by `supervisor_id`.
    """

    id: UUID
    version: int
    customer_id: UUID
    complaint_id: UUID | None
    touch_id: UUID | None
    code: str
    staff_id: UUID
    made_at: datetime
    due_at: datetime
    outside_rules: bool
    cost: Decimal | None
    state: CommitmentState
    recorded_at: datetime
    recorded_by: UUID
    fulfilled_at: datetime | None
    ended_at: datetime | None
    ended_by: UUID | None
    confirmation: Confirmation | None = None
    understanding_due_at: datetime | None = None
    supervisor_id: UUID | None = None

    @property
    def owed(self) -> bool:
        """Whether the customer still waits for it."""
        return self.fulfilled_at is None and self.state in (CommitmentState.OPEN, CommitmentState.BROKEN)

    def as_of(self, now: datetime) -> "Commitment":
        """As it stands by the clock: broken at its due moment, whoever has noticed."""
        if self.state is CommitmentState.OPEN and self.due_at <= now:
            return replace(self, version=self.version + 1, state=CommitmentState.BROKEN, ended_at=self.due_at)
        return self

    def kept(self, at: datetime, by: UUID, now: datetime) -> "Commitment":
        """Kept when it was done in time; what is done later leaves it broken, and nothing more is owed.

        What was done in time and entered after its time is taken from anybody but who promised it. Raises
        CommitmentEnded, CommitmentTime, OwnCommitment.
        """
        if not self.owed:
            raise CommitmentEnded(f"it is {self.state}: nothing more is owed")
        if not self.made_at <= at <= now:
            raise CommitmentTime("it was kept after it was made, and not in the future", pointer="#/at")
        late = at >= self.due_at
        if self.state is CommitmentState.BROKEN and not late and by == self.staff_id:
            raise OwnCommitment("its time was over when this was entered: a colleague confirms that it was kept in it")
        return replace(
            self,
            version=self.version + 1,
            state=CommitmentState.BROKEN if late else CommitmentState.KEPT,
            fulfilled_at=at,
            ended_at=self.due_at if late else at,
            ended_by=by,
        )

    def withdrawn(self, by: UUID, now: datetime) -> "Commitment":
        """Raises CommitmentEnded for what was kept, broken or withdrawn already, ConfirmationSaid where the customer
        insists on it: what they agree to then is an understanding."""
        if self.confirmation is Confirmation.INSISTED:
            raise ConfirmationSaid("the customer insists on it: say by `understanding` what they have agreed to")
        if self.state is not CommitmentState.OPEN:
            raise CommitmentEnded(f"it is {self.state}: only what is still to be kept is withdrawn")
        state = CommitmentState.WITHDRAWN
        return replace(self, version=self.version + 1, state=state, ended_at=now, ended_by=by)

    def corrected(self, correction: "CommitmentCorrection", by: UUID, now: datetime) -> "Commitment":
        """With what is right, and judged by it anew. Who turns out to have made it is asked as nobody was before.

        Raises CommitmentEnded once it was withdrawn, ConfirmationSaid where it was within the rules after all and who
        made it has said something of it already, FaultOpened where an internal case says who made it.
        """
        if self.state is CommitmentState.WITHDRAWN:
            raise CommitmentEnded("it was withdrawn by agreement")
        cost = self.cost if correction.cost is None else correction.cost
        outside = self.outside_rules if correction.outside_rules is None else correction.outside_rules
        before = self if correction.staff_id in (None, self.staff_id) else self._by_another(correction.staff_id)
        changed = replace(
            before,
            version=self.version + 1,
            code=correction.code or self.code,
            due_at=correction.due_at or self.due_at,
            cost=cost,
            outside_rules=outside,
            fulfilled_at=self.fulfilled_at if correction.kept else None,
            ended_by=by,
            confirmation=before._confirmation(outside),
        )
        return changed._judged(now)

    def _by_another(self, staff_id: UUID) -> "Commitment":
        """As if that colleague had made it: what was said by who did not holds of them no longer, but for what the
        customer has agreed to. Raises FaultOpened."""
        if self.confirmation in (Confirmation.CONFIRMED, Confirmation.FAILED):
            raise FaultOpened("correct whom its internal case is against: the promise follows")
        if self.confirmation in (None, Confirmation.REACHED):
            return replace(self, staff_id=staff_id)
        asked = Confirmation.ASKED
        return replace(self, staff_id=staff_id, confirmation=asked, understanding_due_at=None, supervisor_id=None)

    def following(self, *, customer_id: UUID | None = None, staff_id: UUID | None = None) -> "Commitment":
        """The promise of a case that was put right: to its customer, by whom its fault is."""
        customer_id, staff_id = customer_id or self.customer_id, staff_id or self.staff_id
        if (customer_id, staff_id) == (self.customer_id, self.staff_id):
            return self
        return replace(self, version=self.version + 1, customer_id=customer_id, staff_id=staff_id)

    def _confirmation(self, outside_rules: bool) -> Confirmation | None:
        """Who made it is asked exactly when it is outside the rules."""
        if outside_rules == self.outside_rules:
            return self.confirmation
        if self.confirmation not in (None, Confirmation.ASKED):
            raise ConfirmationSaid("whether the rules allow it is settled: who made it was asked and has answered")
        return Confirmation.ASKED if outside_rules else None

    def _judged(self, now: datetime) -> "Commitment":
        """How it stands by its times alone."""
        if self.fulfilled_at is not None and self.fulfilled_at < self.due_at:
            return replace(self, state=CommitmentState.KEPT, ended_at=self.fulfilled_at)
        if self.fulfilled_at is not None or self.due_at <= now:
            return replace(self, state=CommitmentState.BROKEN, ended_at=self.due_at)
        return replace(self, state=CommitmentState.OPEN, ended_at=None, ended_by=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentCorrection:
    """What is right; None leaves what was entered. `kept` is False where that it was done was a mistake."""

    code: str | None
    due_at: datetime | None
    outside_rules: bool | None
    cost: Decimal | None
    staff_id: UUID | None = None
    kept: bool = True


def due_at(due: date | datetime, zone: ZoneInfo) -> datetime:
    """The moment before which it is kept: the end of a day in the company's zone, a moment as it is."""
    if isinstance(due, datetime):
        return due
    return datetime.combine(due + timedelta(days=1), time(), zone)


def check_times(made_at: datetime, due: datetime, now: datetime, case_recorded_at: datetime | None) -> None:
    """Raises PromiseBeforeCase for a promise or a date before its case, CommitmentTime for what cannot be otherwise."""
    if case_recorded_at is not None:
        for pointer, moment in (("#/made_at", made_at), ("#/due", due)):
            if moment < case_recorded_at:
                raise PromiseBeforeCase("it was made, and is due, after the case was recorded", pointer=pointer)
    if made_at > now:
        raise CommitmentTime("it was made already: give a moment that is not in the future", pointer="#/made_at")
    if due <= made_at:
        raise CommitmentTime("it is due after it was made", pointer="#/due")
