"""What a broken rule costs and how it is shared and appealed (decisions 22, 22a, 22c): a policy with versions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

from shared.errors import Invalid

LEAST: Final = Decimal("50.00")
MOST: Final = Decimal("500.00")
"""What a rule of a case may cost, and what one case may cost in all (domain 3.4, decision 22)."""

CaseRule: TypeAlias = Literal[
    "unanswered", "dissatisfied", "repeat", "not_executed", "not_accepted", "steps_not_followed", "other"
]
"""A rule that a case can break."""
Priced: TypeAlias = Literal[CaseRule, "missed_visit", "missed_call", "own_missed_visit", "own_missed_call"]
"""What a version names the price of: each rule of a case, and what is missed, by somebody's people or by themselves.

What was not made good costs as much again as it did to miss it.
"""
OF_SERVICE: Final[tuple[Priced, ...]] = ("missed_visit", "missed_call", "own_missed_visit", "own_missed_call")
"""These are no case's: 50 is not the least of them (domain 4.1)."""


class PenaltyOutOfBounds(Invalid):
    slug = "penalty-out-of-bounds"
    title = "This amount is outside of what a penalty may come to"


@dataclass(frozen=True, slots=True)
class PenaltyPolicy:
    """A version, for what happens from `starts_at` on: what each rule costs, CNY; by how many parts whom a penalty is
    against and their supervisor pay; for how many days after a decision it may be appealed."""

    id: UUID
    version: int
    amounts: Mapping[Priced, Decimal]
    payer_parts: int
    supervisor_parts: int
    appeal_days: int
    starts_at: datetime

    @classmethod
    def kept(cls, amounts: Mapping[Priced, Any], **fields: Any) -> "PenaltyPolicy":
        """From its row, in which amounts are texts; what it does not name costs what it did at first."""
        named = {priced: Decimal(amount) for priced, amount in amounts.items()}
        return cls(amounts={**DEFAULTS, **named}, **fields)

    @property
    def parts(self) -> tuple[int, int]:
        """The payer's and the supervisor's."""
        return self.payer_parts, self.supervisor_parts


DEFAULTS: Final[Mapping[Priced, Decimal]] = {
    "unanswered": Decimal("100.00"),
    "dissatisfied": Decimal("100.00"),
    "repeat": Decimal("200.00"),
    "not_executed": Decimal("200.00"),
    "not_accepted": Decimal("50.00"),
    "steps_not_followed": Decimal("50.00"),
    "other": Decimal("50.00"),
    "missed_visit": Decimal("30.00"),
    "missed_call": Decimal("20.00"),
    "own_missed_visit": Decimal("50.00"),
    "own_missed_call": Decimal("30.00"),
}
FIRST: Final = PenaltyPolicy(
    id=UUID("01900000-0000-7000-8000-0000000000d1"),
    version=1,
    amounts=DEFAULTS,
    payer_parts=7,
    supervisor_parts=3,
    appeal_days=7,
    starts_at=datetime(1970, 1, 1, tzinfo=UTC),
)
"""What holds where no policy says otherwise."""


def policy_at(policies: Iterable[PenaltyPolicy], moment: datetime) -> PenaltyPolicy:
    """The latest version that has started by then: a version never changes what an earlier one judged."""
    started = (policy for policy in policies if policy.starts_at <= moment)
    return max(started, key=lambda policy: policy.version, default=FIRST)


def of_version(policies: Iterable[PenaltyPolicy], version: int) -> PenaltyPolicy:
    """The version by which something was judged."""
    return next((policy for policy in policies if policy.version == version), FIRST)


@dataclass(frozen=True, slots=True)
class NewPenaltyPolicy:
    """A policy to be written: what is not named stays as it was; `starts_at` None means now."""

    amounts: Mapping[Priced, Decimal]
    payer_parts: int | None
    supervisor_parts: int | None
    appeal_days: int | None
    starts_at: datetime | None

    def check_bounds(self) -> None:
        """Raises PenaltyOutOfBounds."""
        for priced, amount in self.amounts.items():
            if priced not in OF_SERVICE and not LEAST <= amount <= MOST:
                raise PenaltyOutOfBounds(
                    f"a rule of a case costs {LEAST} to {MOST}; less is no case's", pointer=f"#/amounts/{priced}"
                )
            if amount > MOST:
                raise PenaltyOutOfBounds(f"nothing costs more than {MOST}", pointer=f"#/amounts/{priced}")

    def after(self, before: PenaltyPolicy, id_: UUID, now: datetime) -> PenaltyPolicy:
        """The version that follows another one."""
        return PenaltyPolicy(
            id=id_,
            version=before.version + 1,
            amounts={**before.amounts, **self.amounts},
            payer_parts=before.payer_parts if self.payer_parts is None else self.payer_parts,
            supervisor_parts=before.supervisor_parts if self.supervisor_parts is None else self.supervisor_parts,
            appeal_days=before.appeal_days if self.appeal_days is None else self.appeal_days,
            starts_at=self.starts_at or now,
        )
