"""The notice of fault (过失责任通知书), and what a promise outside the rules costs (domain 3.6, examples 11).

The cost is decided by administration, all of it on who promised, outside the 50 to 500 of penalties. It is booked at
the decision, one for an internal case; what was booked by mistake is taken back once, by a booking against it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from services.complaints.cases.domain import Case
from services.complaints.responsibility.domain.bench import Bench, check
from shared.auth.principal import Principal
from shared.errors import Conflict, Forbidden, Invalid, NotFound


class FaultNoticeNotFound(NotFound):
    """There is no such case, or it came of no promise."""

    slug = "fault-notice-not-found"
    title = "There is no notice of fault in this case"


class OwnFault(Forbidden):
    slug = "own-fault"
    title = "Nobody decides what they pay themselves"


class FaultNotUpheld(Conflict):
    slug = "fault-not-upheld"
    title = "The case was judged not valid, or malicious"


class FaultCostStands(Conflict):
    slug = "fault-cost-stands"
    title = "The cost of this fault is decided"


class FaultOfNobody(Invalid):
    slug = "fault-of-nobody"
    title = "A notice of fault is addressed to who promised"


class NoFaultCost(Conflict):
    slug = "no-fault-cost"
    title = "No cost of this fault stands"


@dataclass(frozen=True, slots=True)
class FaultNotice:
    """A notice of fault to who made a promise outside the rules; it has the id of its internal case.

    `version` counts what was booked because of it, and taken back.
    """

    internal_id: UUID
    number: str
    commitment_id: UUID
    complaint_id: UUID | None
    """The case in which it was promised."""
    to_id: UUID
    issued_at: datetime
    version: int = 0

    def moved(self) -> "FaultNotice":
        return replace(self, version=self.version + 1)

    def issued_anew(self, number: str, to_id: UUID, at: datetime) -> "FaultNotice":
        """The notice in the place of this one, which was somebody else's."""
        return replace(self, number=number, to_id=to_id, issued_at=at)

    def check_correction(self, against_type: str, against_id: UUID | None, by: UUID) -> None:
        """Raises OwnFault, FaultOfNobody: the fault is a person's, and nobody moves their own to somebody else."""
        if by == self.to_id and against_id != self.to_id:
            raise OwnFault("somebody else says that this fault is not one's own")
        if against_type != "person" or against_id is None:
            raise FaultOfNobody("name the colleague who promised it", pointer="#/against")


@dataclass(frozen=True, slots=True)
class FaultCost:
    """What was decided, CNY, and booked; reasons in words are kept sealed."""

    id: UUID
    internal_id: UUID
    amount: Decimal
    decided_at: datetime
    decided_by: UUID
    booking_id: UUID
    person_id: UUID
    """On whom it was booked."""
    reason: str
    reversed_at: datetime | None = None
    reversed_by: UUID | None = None
    reversal_reason: str | None = None

    def reversed(self, at: datetime, by: UUID, reason: str) -> "FaultCost":
        return replace(self, reversed_at=at, reversed_by=by, reversal_reason=reason)


@dataclass(frozen=True, slots=True)
class ReadFault:
    """A notice of fault with the name of whom it is addressed to, and all costs that are shown, in their order."""

    notice: FaultNotice
    to_name: str | None
    costs: list[FaultCost]


def notice_number(issued_at: datetime, zone: ZoneInfo, serial: int) -> str:
    """The number of a notice of fault: its day in the company's zone, and a count: F20261120-000003."""
    return f"F{issued_at.astimezone(zone):%Y%m%d}-{serial:06d}"


def check_decider(notice: FaultNotice, caller: Principal, payers_role: str | None, bench: Bench) -> None:
    """Raises OwnFault, asked before the role; Forbidden.

    Administration decides, the general manager where somebody of administration pays, then whoever does not.
    """
    if caller.id == notice.to_id:
        raise OwnFault("somebody else decides what a promise of one's own costs")
    roles = {payers_role} if payers_role is not None else set()
    check(caller, bench.deciders(roles, without=[notice.to_id]), "what this fault costs")


def check_upheld(case: Case) -> None:
    """Raises FaultNotUpheld."""
    if case.judged_away:
        raise FaultNotUpheld("nobody pays for what was judged not valid or malicious; judge it anew first")


def standing(costs: Sequence[FaultCost]) -> FaultCost | None:
    """The cost that was not taken back."""
    return next((each for each in costs if each.reversed_at is None), None)


def check_none_stands(costs: Sequence[FaultCost]) -> None:
    """Raises FaultCostStands: an internal case has one cost."""
    if standing(costs) is not None:
        raise FaultCostStands("take it back first, if it is wrong")
