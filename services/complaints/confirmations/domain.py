"""Promises outside the rules: confirmed or denied by who made them, and what follows (domain 3.6, examples 11).

Confirmed, it is honoured without conditions. Denied or left unanswered, and the customer insists: who is said to have
made it and their supervisor are to reach an understanding with the customer before a deadline. Reached, nobody is at
fault; failed, by word or because the deadline is over, responsibility is settled.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from services.complaints.commitments.domain import (
    Commitment,
    CommitmentEnded,
    CommitmentState,
    Confirmation,
    ConfirmationSaid,
)
from services.complaints.rulebook.domain.calendar import Calendar
from shared.errors import Conflict, Forbidden

DAY: Final = timedelta(days=1)
ConfirmationStep: TypeAlias = Literal["confirmed", "denied", "insisted", "reached", "failed"]
"""What was said of a promise outside the rules, or came about at its moment."""


class WithinRules(Conflict):
    slug = "promise-within-rules"
    title = "A promise within the rules needs no confirmation"


class NotWhoPromised(Forbidden):
    slug = "not-who-promised"
    title = "Who made the promise confirms it, or denies it"


class NotDenied(Conflict):
    slug = "promise-not-denied"
    title = "The customer insists on what was not confirmed"


class NotOfUnderstanding(Forbidden):
    slug = "not-of-understanding"
    title = "Others reach this understanding"


class NoUnderstandingDue(Conflict):
    slug = "no-understanding-due"
    title = "No understanding is to be reached"


class UnderstandingOver(Conflict):
    slug = "understanding-over"
    title = "The time for an understanding is over"


@dataclass(frozen=True, slots=True)
class UnderstandingPolicy:
    """A version of how many working days there are to reach an understanding, and of whose calendar; `always` counts
    every day."""

    version: int
    days: int
    calendar: str

    @classmethod
    def kept(cls, version: int, definition: Mapping[str, Any]) -> "UnderstandingPolicy":
        return cls(version, **definition)


@dataclass(frozen=True, slots=True)
class ConfirmationEntry:
    """What was said, kept for ever; `by` is None for the clock, `text` is kept sealed."""

    id: UUID
    commitment_id: UUID
    what: ConfirmationStep
    at: datetime
    by: UUID | None
    text: str | None


def deadline(since: datetime, days: int, calendar: Calendar | None, zone: ZoneInfo) -> datetime:
    """The end of the last of so many working days after a moment, as the calendar's wall shows it; without a calendar
    every day counts."""
    wall = calendar.zone if calendar is not None else zone
    day = since.astimezone(wall).date()
    while days > 0:
        day += DAY
        if calendar is None or calendar.hours_on(day):
            days -= 1
    return datetime.combine(day + DAY, time(), wall).astimezone(UTC)


def check_may_confirm(commitment: Commitment, by: UUID, *, administration: bool, has_left: bool) -> None:
    """Raises NotWhoPromised: administration enters it for somebody who has left, and for nobody else."""
    if by != commitment.staff_id and not (administration and has_left):
        raise NotWhoPromised("who promised it says so; administration enters it for somebody who has left")


def confirmed(before: Commitment, *, confirm: bool, now: datetime) -> Commitment:
    """The promise confirmed or denied. What was denied may be confirmed until an understanding is reached or failed.

    Raises WithinRules, CommitmentEnded, ConfirmationSaid, UnderstandingOver.
    """
    if before.confirmation is None:
        raise WithinRules("the rules allow it: it is kept, and nobody is asked")
    if before.state is CommitmentState.WITHDRAWN:
        raise CommitmentEnded("the customer agreed to do without it")
    open_to = (Confirmation.ASKED, Confirmation.DENIED, Confirmation.INSISTED) if confirm else (Confirmation.ASKED,)
    if before.confirmation not in open_to:
        raise ConfirmationSaid(f"it is {before.confirmation}")
    _check_in_time(before, now)
    after = Confirmation.CONFIRMED if confirm else Confirmation.DENIED
    return _said(replace(before, understanding_due_at=None, supervisor_id=None), after)


def insisted(before: Commitment, until: datetime, supervisor_id: UUID | None) -> Commitment:
    """The customer insists on what was denied, or never answered: it could not be confirmed (domain 3.6).

    Raises NotDenied, CommitmentEnded.
    """
    if before.confirmation not in (Confirmation.ASKED, Confirmation.DENIED):
        stands = before.confirmation or "within the rules"
        raise NotDenied(f"it is {stands}: a customer insists on a promise that was denied or left unanswered")
    if before.state is CommitmentState.WITHDRAWN:
        raise CommitmentEnded("the customer agreed to do without it")
    return _said(replace(before, understanding_due_at=until, supervisor_id=supervisor_id), Confirmation.INSISTED)


def check_may_settle(by: UUID, people: Collection[UUID | None], *, customer_service: bool) -> None:
    """Raises NotOfUnderstanding."""
    if by not in people and not customer_service:
        raise NotOfUnderstanding("who promised it, their supervisor or customer service says what came of it")


def understood(before: Commitment, *, reached: bool, by: UUID, now: datetime) -> Commitment:
    """Whether an understanding was reached; then what is still owed is owed no longer, for the customer agreed.

    Raises NoUnderstandingDue, UnderstandingOver.
    """
    if before.confirmation is not Confirmation.INSISTED:
        raise NoUnderstandingDue("an understanding is to be reached once the customer has insisted")
    _check_in_time(before, now)
    if not reached:
        return _said(before, Confirmation.FAILED)
    after = _said(before, Confirmation.REACHED)
    return replace(after, state=CommitmentState.WITHDRAWN, ended_at=now, ended_by=by) if before.owed else after


def lapsed(before: Commitment) -> Commitment:
    """The promise whose time for an understanding is over."""
    return _said(before, Confirmation.FAILED)


def _check_in_time(commitment: Commitment, now: datetime) -> None:
    """At the deadline it is over, whether the timer has come or not."""
    if commitment.understanding_due_at is not None and now >= commitment.understanding_due_at:
        raise UnderstandingOver("it has failed, and responsibility is settled")


def _said(before: Commitment, confirmation: Confirmation) -> Commitment:
    return replace(before, version=before.version + 1, confirmation=confirmation)
