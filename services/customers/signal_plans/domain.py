"""A plan that answers a signal (domain 2.5): measures of better service, each with its day and who takes it, and what
came of it. Of each signal one plan is open."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal, TypeAlias
from uuid import UUID

from shared.errors import Conflict, Invalid, NotFound

PlanOutcome: TypeAlias = Literal["helped", "not_helped", "dropped"]


class SignalPlanNotFound(NotFound):
    slug = "signal-plan-not-found"
    title = "There is no such plan"


class SignalPlanOpen(Conflict):
    slug = "signal-plan-open"
    title = "A plan answers this signal already"


class SignalPlanClosed(Conflict):
    slug = "signal-plan-closed"
    title = "The plan is closed"


class SignalOver(Conflict):
    slug = "signal-over"
    title = "The signal is given no longer"


class MeasureNotFound(NotFound):
    slug = "measure-not-found"
    title = "The plan has no such measure"


class MeasureDone(Conflict):
    slug = "measure-done"
    title = "The measure is done already"


class MeasureRefused(Invalid):
    slug = "measure-refused"
    title = "Nothing can be done on this day any more"


@dataclass(frozen=True, slots=True)
class Measure:
    """What is done for the store, by when and by whom; `words` say what, `done_words` how it went, both sealed."""

    id: UUID
    plan_id: UUID
    due_on: date
    staff_id: UUID
    words: bytes | None
    done_at: datetime | None = None
    done_by: UUID | None = None
    done_words: bytes | None = None

    def check_day(self, today: date) -> None:
        """Raises MeasureRefused for a day that is over."""
        if self.due_on < today:
            raise MeasureRefused("name today or a day to come", pointer="#/measures")


@dataclass(frozen=True, slots=True)
class SignalPlan:
    """A plan with its measures, by their days; `words` say what it is for, `end_words` what came of it, both sealed."""

    id: UUID
    version: int
    signal_id: UUID
    customer_id: UUID
    assignee_id: UUID
    words: bytes | None
    opened_at: datetime
    opened_by: UUID
    outcome: PlanOutcome | None = None
    end_words: bytes | None = None
    closed_at: datetime | None = None
    closed_by: UUID | None = None
    updated_at: datetime | None = None
    """When it or one of its measures was changed last; None: it is as it was made, or an older release changed it."""
    measures: Sequence[Measure] = ()

    @property
    def done(self) -> int:
        """How many measures are done."""
        return sum(1 for each in self.measures if each.done_at is not None)

    def changed(self, **said: Any) -> "SignalPlan":
        """With what somebody says of it. Raises SignalPlanClosed."""
        self._check_open()
        return replace(self, version=self.version + 1, **said)

    def with_measures(self, new: Sequence[Measure], today: date) -> "SignalPlan":
        """With further measures. Raises SignalPlanClosed, MeasureRefused."""
        for each in new:
            each.check_day(today)
        return self.changed(measures=in_order([*self.measures, *new]))

    def did(self, measure_id: UUID, at: datetime, by: UUID, words: bytes | None) -> "SignalPlan":
        """With a measure that is done. Raises SignalPlanClosed, MeasureNotFound, MeasureDone."""
        found = next((each for each in self.measures if each.id == measure_id), None)
        if found is None:
            raise MeasureNotFound("read the plan for its measures")
        if found.done_at is not None:
            raise MeasureDone(f"it was done at {found.done_at.isoformat()}")
        did = replace(found, done_at=at, done_by=by, done_words=words)
        return self.changed(measures=[did if each.id == measure_id else each for each in self.measures])

    def closed(self, outcome: PlanOutcome, at: datetime, by: UUID, words: bytes | None) -> "SignalPlan":
        """With what came of it. Raises SignalPlanClosed."""
        return self.changed(outcome=outcome, closed_at=at, closed_by=by, end_words=words)

    def _check_open(self) -> None:
        if self.outcome is not None:
            raise SignalPlanClosed("it has its outcome; make another plan should the signal still stand")


def in_order(measures: Sequence[Measure]) -> list[Measure]:
    """By their days."""
    return sorted(measures, key=lambda each: (each.due_on, each.id))
