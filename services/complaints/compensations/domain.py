"""Who may settle how much alone (domain 3.2): limits for a customer and a calendar month, and the hand-up.

What is given counts at its cost, on the limit of whoever grants it: who gave it within their own limit, else who
approved it. Whoever has several authorities has the highest limit among them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

from services.complaints.history.domain import Scalar, changed
from shared.contracts.settlements import CompensationKind
from shared.errors import Conflict, Forbidden, Invalid, NotFound

Authority: TypeAlias = Literal[
    "accountable", "cs_specialist", "supervisor", "department_manager", "cs_manager", "general_manager"
]
"""As whom somebody settles: by their part in the case, their place in the house, or their role."""

HAND_UP: Final[tuple[Authority, ...]] = ("supervisor", "department_manager", "cs_manager", "general_manager")
"""Whose word is asked for, one after the other, when somebody's own limit does not suffice."""
BOUNDLESS: Final = Decimal("Infinity")
ALWAYS_ASKS: Final = ("cs_specialist", "cs_manager", "admin_dept")
"""Who may ask for a compensation without any authority: customer service and administration."""


class CompensationNotFound(NotFound):
    slug = "compensation-not-found"
    title = "There is no such compensation in this case"


class CompensationDecided(Conflict):
    slug = "compensation-decided"
    title = "This compensation has been decided"


class OwnCompensation(Forbidden):
    slug = "own-compensation"
    title = "Nobody approves what they asked for"


class AboveLimit(Forbidden):
    slug = "above-limit"
    title = "This is more than the caller may settle"


class LimitsOutOfOrder(Invalid):
    slug = "limits-out-of-order"
    title = "A limit of the hand-up is lower than the one before it"


class CompensationState(StrEnum):
    """How something given stands."""

    AWAITS_APPROVAL = "awaits_approval"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Limits:
    """A version of the limits, CNY for a customer and calendar month; who is not named settles nothing."""

    version: int
    amounts: Mapping[Authority, Decimal]

    @classmethod
    def kept(cls, version: int, definition: Mapping[str, Any]) -> "Limits":
        """From its row, in which amounts are texts, and null means without a bound."""
        amounts = {
            each: BOUNDLESS if amount is None else Decimal(amount) for each, amount in definition["limits"].items()
        }
        return cls(version, amounts)

    def of(self, held: Collection[Authority]) -> Decimal:
        """The highest limit among some authorities; 0 without any."""
        return max((self.amounts.get(each, Decimal(0)) for each in held), default=Decimal(0))


def check_order(limits: Limits) -> None:
    """Raises LimitsOutOfOrder: who is asked later settles at least as much."""
    for lower, higher in pairwise(HAND_UP):
        if limits.of([higher]) < limits.of([lower]):
            raise LimitsOutOfOrder("who is asked later settles at least as much", pointer=f"#/limits/{higher}")


@dataclass(frozen=True, slots=True)
class Settler:
    """Somebody who may settle: what they may, and what they have granted to this customer in the month."""

    id: UUID
    limit: Decimal
    spent: Decimal

    def covers(self, cost: Decimal) -> bool:
        return self.spent + cost <= self.limit


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked to approve: as what, and which persons; nobody where the directory lists none."""

    role: Authority
    ids: Sequence[UUID]


def ask(cost: Decimal, limits: Limits, line: Mapping[Authority, Iterable[tuple[UUID, Decimal]]]) -> Asked:
    """The first authority of the hand-up under which somebody may grant it.

    `line` is who stands there for whoever asks (never they themselves), each with what they have granted already.
    """
    for authority in HAND_UP:
        limit = limits.amounts.get(authority, Decimal(0))
        able = [id_ for id_, spent in line.get(authority, ()) if Settler(id_, limit, spent).covers(cost)]
        if able:
            return Asked(authority, able)
    return Asked(HAND_UP[-1], ())


@dataclass(frozen=True, slots=True)
class NewCompensation:
    """What somebody wants to give: its kind, its cost in CNY, and what it is."""

    kind: CompensationKind
    cost: Decimal
    text: str


@dataclass(frozen=True, slots=True)
class Compensation:
    """What is given in a case, or asked for."""

    id: UUID
    complaint_id: UUID
    round: int
    kind: CompensationKind
    cost: Decimal
    state: CompensationState
    asked_by: UUID
    asked_at: datetime
    policy_version: int
    by_role: Authority | None
    by_ids: Sequence[UUID] | None
    granted_by: UUID | None
    granted_at: datetime | None
    month: int | None
    decided_by: UUID | None
    decided_at: datetime | None
    entry_id: UUID

    def asking(self, by: Asked) -> "Compensation":
        """Waiting for somebody's word."""
        return replace(self, by_role=by.role, by_ids=list(by.ids))

    def granted(self, by: UUID, at: datetime, month: int) -> "Compensation":
        """Given from now on, on the limit of whoever grants it."""
        return replace(self, state=CompensationState.GRANTED, granted_by=by, granted_at=at, month=month)

    def decided(self, by: UUID, at: datetime) -> "Compensation":
        return replace(self, decided_by=by, decided_at=at)

    def ended(self, state: CompensationState, by: UUID, at: datetime) -> "Compensation":
        """Refused or withdrawn: it counts on nobody's limit."""
        return replace(self.decided(by, at), state=state)

    def handed_up(self, after: "Compensation") -> dict[str, dict[str, Scalar]]:
        """What the history says where the word of somebody else is asked for."""
        return changed(compensation_id=(None, self.id), by_role=(self.by_role, after.by_role))

    def changes(self, before: CompensationState | None) -> dict[str, dict[str, Scalar]]:
        """What the history says became of it."""
        return changed(
            compensation_id=(None, self.id),
            kind=(None, self.kind),
            cost=(None, self.cost),
            state=(before and before.value, self.state.value),
        )

    def require(self, *states: CompensationState) -> None:
        """Raises CompensationDecided."""
        if self.state not in states:
            raise CompensationDecided(f"it is {self.state.value}; this needs it to be " + " or ".join(states))


def check_may_decide(compensation: Compensation, able: Settler) -> None:
    """Raises AboveLimit for who is not asked, and whose limit does not suffice either."""
    if able.id not in (compensation.by_ids or ()) and not able.covers(compensation.cost):
        raise AboveLimit(f"{compensation.cost} for this customer in this month is more than the caller may settle")


def check_not_own(compensation: Compensation, by: UUID) -> None:
    """Raises OwnCompensation: asked before the limit, of everybody."""
    if compensation.asked_by == by:
        raise OwnCompensation("another person approves it")
