"""What may be done with a penalty, told a second time: from the domain's pages, in the plainest words, knowing no code.

`tests/complaints/test_penalty_machine.py` compares every answer of the service, and the ledger, with it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

ROLES: Final = {
    "li": "salesperson",
    "wang": "sales_manager",
    "zhao": "salesperson",
    "clerk": "admin_dept",
    "first": "admin_dept",
    "second": "admin_dept",
    "general": "general_manager",
    "manager": "cs_manager",
}
ABOVE: Final = {"li": "wang", "zhao": "clerk"}
"""Who supervises whom."""
COSTS: Final = {"repeat": 200, "not_executed": 200, "dissatisfied": 100, "other": 50, "not_accepted": 50}
BOUND: Final = Decimal(500)
NOTHING: Final = Decimal(0)
CHINA: Final = timedelta(hours=8)


@dataclass(slots=True, eq=False)
class ModelPenalty:
    """A penalty of a case or of a missed task; `parts` and `paid` are of those who pay it, once it is decided."""

    rule: str
    costs: Decimal
    person: str
    order: int
    of_case: bool = True
    state: str = "proposed"
    amount: Decimal = NOTHING
    decided_by: str | None = None
    until: datetime | None = None
    appealed: bool = False
    booked: bool = False
    parts: dict[str, int] = field(default_factory=dict)
    paid: dict[str, Decimal] = field(default_factory=dict)

    @property
    def counts(self) -> bool:
        return self.state in ("decided", "appealed")

    def may_appeal(self, who: str, now: datetime) -> bool:
        in_time = self.until is not None and now < self.until and not self.booked
        return who in self.paid and self.state == "decided" and not self.appealed and in_time

    def take_back(self) -> None:
        if self.state == "proposed":
            self.state = "withdrawn"
        elif self.counts:
            self.state, self.booked = "reversed", False

    def propose_again(self, order: int) -> None:
        if self.state in ("withdrawn", "reversed"):
            self.state, self.order, self.amount = "proposed", order, self.costs
            self.decided_by, self.until, self.appealed, self.booked = None, None, False, False
            self.parts, self.paid = {}, {}


@dataclass(slots=True, eq=False)
class ModelBasis:
    """A case against somebody, or a task that somebody missed, with what rests on it; `shares` are set for a case."""

    id: str
    person: str
    of_case: bool = True
    shares: dict[str, int] = field(default_factory=dict)
    penalties: list[ModelPenalty] = field(default_factory=list)

    def parts_of(self, penalty: ModelPenalty) -> dict[str, int]:
        """Who pays a penalty: as it was decided before, else by what is set or usual."""
        if penalty.state == "appealed":
            return penalty.parts
        if not self.of_case or penalty.rule == "not_accepted":
            return {penalty.person: 1}
        above = ABOVE.get(penalty.person)
        return self.shares or ({penalty.person: 7, above: 3} if above else {penalty.person: 1})

    def cut(self) -> None:
        """What is proposed fills, in its order, what is left of the bound of a case."""
        left = BOUND - sum((each.amount for each in self.penalties if each.counts), NOTHING)
        for each in sorted(self.penalties, key=lambda each: each.order):
            if each.state == "proposed" and self.of_case:
                each.amount = max(NOTHING, min(each.costs, left))
                left -= each.amount

    def may_decide(self, penalty: ModelPenalty, who: str, amount: Decimal | None) -> bool:
        payers = self.parts_of(penalty)
        appealed = penalty.state == "appealed"
        if who in payers or who == penalty.person or penalty.state not in ("proposed", "appealed"):
            return False
        if ROLES[who] not in deciders(payers, appealed) or (appealed and who == penalty.decided_by):
            return False
        return amount is None or self.fits(penalty, amount)

    def fits(self, penalty: ModelPenalty, amount: Decimal) -> bool:
        if not self.of_case:
            return penalty.costs <= amount <= BOUND
        others = (each.amount for each in self.penalties if each is not penalty and each.counts)
        stands = penalty.state in ("proposed", "appealed") and amount == penalty.amount
        return (stands or 50 <= amount <= BOUND) and amount <= BOUND - sum(others, NOTHING)

    def decide(
        self, penalty: ModelPenalty, who: str, amount: Decimal | None, now: datetime, ranks: Sequence[str]
    ) -> None:
        on_appeal = penalty.state == "appealed"
        penalty.parts = dict(self.parts_of(penalty))
        penalty.decided_by = who
        if amount is None:
            penalty.state = "waived"
        else:
            penalty.state, penalty.amount, penalty.booked = "decided", amount, on_appeal
            penalty.until = None if on_appeal else end_of_the_seventh_day(now)
            penalty.paid = shared(amount, penalty.parts, penalty.person, ranks)
        self.cut()


def deciders(payers: Iterable[str], appealed: bool = False) -> list[str]:
    """The first of whose role nobody pays, on appeal the next, too; whose role pays comes last."""
    paying = {ROLES[payer] for payer in payers}
    free: list[str] = []
    others: list[str] = []
    for role in ("admin_dept", "general_manager", "cs_manager"):
        (others if role in paying else free).append(role)
    return [*free, *others][: 2 if appealed else 1]


def end_of_the_seventh_day(now: datetime) -> datetime:
    wall = now + CHINA
    return datetime(wall.year, wall.month, wall.day, tzinfo=UTC) + timedelta(days=8) - CHINA


def shared(amount: Decimal, parts: dict[str, int], first: str, ranks: Sequence[str]) -> dict[str, Decimal]:
    """Cents are dealt out one by one to whoever is furthest below their part; `ranks` orders people by their ids."""
    cents, whole = int(amount * 100), sum(parts.values())
    paid = {who: cents * part // whole for who, part in parts.items()}
    queue = sorted(parts, key=lambda who: (who != first, ranks.index(who)))
    for _, who in zip(range(cents - sum(paid.values())), queue, strict=False):
        paid[who] += 1
    return {who: Decimal(cents) / 100 for who, cents in paid.items() if cents}
