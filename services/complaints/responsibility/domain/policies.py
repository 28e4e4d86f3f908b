"""What a broken rule costs (decision 22): a policy with versions, each within the bounds of domain 3.4."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from shared.contracts.responsibility import PenaltyRule
from shared.errors import Invalid

LEAST: Final = Decimal("50.00")
MOST: Final = Decimal("500.00")
"""What a rule may cost, and what one case may cost in all (domain 3.4, decision 22)."""


class PenaltyOutOfBounds(Invalid):
    slug = "penalty-out-of-bounds"
    title = "A penalty of a case lies between 50 and 500"


@dataclass(frozen=True, slots=True)
class PenaltyPolicy:
    """A version: what each rule costs, CNY, for what happens from `starts_at` on."""

    id: UUID
    version: int
    amounts: Mapping[PenaltyRule, Decimal]
    starts_at: datetime

    @classmethod
    def kept(cls, amounts: Mapping[PenaltyRule, Any], **fields: Any) -> "PenaltyPolicy":
        """From its row, in which amounts are texts."""
        return cls(amounts={rule: Decimal(amount) for rule, amount in amounts.items()}, **fields)


DEFAULTS: Final[Mapping[PenaltyRule, Decimal]] = {
    "unanswered": Decimal("100.00"),
    "dissatisfied": Decimal("100.00"),
    "repeat": Decimal("200.00"),
    "not_executed": Decimal("200.00"),
    "not_accepted": Decimal("50.00"),
    "steps_not_followed": Decimal("50.00"),
    "other": Decimal("50.00"),
}
FIRST: Final = PenaltyPolicy(
    id=UUID("01900000-0000-7000-8000-0000000000d1"),
    version=1,
    amounts=DEFAULTS,
    starts_at=datetime(1970, 1, 1, tzinfo=UTC),
)
"""What holds where no policy says otherwise."""


def policy_at(policies: Iterable[PenaltyPolicy], moment: datetime) -> PenaltyPolicy:
    """The latest version that has started by then: a version never changes what an earlier one judged."""
    started = (policy for policy in policies if policy.starts_at <= moment)
    return max(started, key=lambda policy: policy.version, default=FIRST)


@dataclass(frozen=True, slots=True)
class NewPenaltyPolicy:
    """A policy to be written: a rule that is not named costs what it did; `starts_at` None means now."""

    amounts: Mapping[PenaltyRule, Decimal]
    starts_at: datetime | None

    def check_bounds(self) -> None:
        """Raises PenaltyOutOfBounds."""
        for rule, amount in self.amounts.items():
            if not LEAST <= amount <= MOST:
                raise PenaltyOutOfBounds(
                    f"a rule of a case costs {LEAST} to {MOST}; less is no case's", pointer=f"#/amounts/{rule}"
                )

    def after(self, before: PenaltyPolicy, id_: UUID, now: datetime) -> PenaltyPolicy:
        """The version that follows another one."""
        amounts = {**DEFAULTS, **before.amounts, **self.amounts}
        return PenaltyPolicy(id_, before.version + 1, amounts, self.starts_at or now)
