"""The plan of a key account (domain 2.5): goals, measures, and what we do as its marketing adviser; and its risks."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

from shared.errors import Invalid, NotFound

PlanPart: TypeAlias = Literal["goal", "measure", "advice"]
PlanState: TypeAlias = Literal["open", "done", "dropped"]
RiskKind: TypeAlias = Literal["finance", "profit", "management", "leaving", "starting_on_their_own"]
DATED: Final[tuple[PlanPart, ...]] = ("goal", "measure")
"""What has a day by which it is to be reached or done."""


class PlanItemNotFound(NotFound):
    slug = "no-such-plan-item"
    title = "There is no such thing in a plan"


class PlanItemRefused(Invalid):
    slug = "plan-item-refused"
    title = "This cannot stand in a plan"


class AccountRiskNotFound(NotFound):
    slug = "no-such-account-risk"
    title = "There is no such risk"


@dataclass(frozen=True, slots=True)
class PlanItem:
    """A goal (an amount, CNY, or words), a measure (somebody's), or what we do as its marketing adviser. `text` is
    sealed where it is kept; None once the person is erased."""

    id: UUID
    version: int
    customer_id: UUID
    kind: PlanPart
    text: str | None
    amount: Decimal | None
    due_on: date | None
    assignee_id: UUID | None
    state: PlanState
    closed_at: datetime | None
    entered_at: datetime
    entered_by: UUID

    def changed(self, said: Mapping[str, Any], at: datetime) -> "PlanItem":
        """With what is said of it, and when it was done or dropped. Raises PlanItemRefused."""
        after = replace(self, **said)
        check_item(after)
        if after.state != self.state:
            after = replace(after, closed_at=None if after.state == "open" else at)
        return self if after == self else replace(after, version=self.version + 1)


def check_item(item: PlanItem) -> None:
    """Raises PlanItemRefused for goals and measures without a day, measures that are nobody's, and amounts of others
    than goals."""
    if item.kind in DATED and item.due_on is None:
        raise PlanItemRefused("say by when", pointer="#/due_on")
    if item.kind == "measure" and item.assignee_id is None:
        raise PlanItemRefused("say whose it is", pointer="#/assignee_id")
    if item.kind != "goal" and item.amount is not None:
        raise PlanItemRefused("only goals have an amount", pointer="#/amount")


@dataclass(frozen=True, slots=True)
class PastPlanItem:
    """How something in a plan stood from a moment on."""

    version: int
    amount: Decimal | None
    due_on: date | None
    assignee_id: UUID | None
    state: PlanState
    at: datetime
    changed_by: UUID


@dataclass(frozen=True, slots=True)
class AccountRisk:
    """A risk of a key account: how likely and how bad, 1 to 5; `seen` is what tells of it, `done` what is done about
    it, both sealed where they are kept; None once the person is erased."""

    id: UUID
    version: int
    customer_id: UUID
    kind: RiskKind
    likelihood: int
    impact: int
    seen: str | None
    done: str | None
    closed_at: datetime | None
    entered_at: datetime
    entered_by: UUID

    @property
    def weight(self) -> int:
        """How likely times how bad."""
        return self.likelihood * self.impact

    @property
    def open(self) -> bool:
        return self.closed_at is None

    def changed(self, said: Mapping[str, Any], at: datetime) -> "AccountRisk":
        """With what is said of it; `open` closes it or opens it again."""
        fields = dict(said)
        if (opens := fields.pop("open", None)) is not None and opens != self.open:
            fields["closed_at"] = None if opens else at
        after = replace(self, **fields)
        return self if after == self else replace(after, version=self.version + 1)


@dataclass(frozen=True, slots=True)
class PastAccountRisk:
    """How a risk stood from a moment on."""

    version: int
    likelihood: int
    impact: int
    closed_at: datetime | None
    at: datetime
    changed_by: UUID
