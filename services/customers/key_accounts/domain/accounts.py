"""Key accounts (大客户, domain 2.5): who is one, and its score by five criteria, which is kept each time.

Of each criterion more is better: `service` asks for much of what we are good at, `price` looks at little else but
the price with 1 and at much else with 5. Volume and concentration of buying are of complete calendar months.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final, Literal, TypeAlias, get_args
from uuid import UUID

from shared.errors import Conflict, Invalid, NotFound
from shared.money import to_cents

KeyCriterion: TypeAlias = Literal["volume", "concentration", "service", "price", "partnership"]
CRITERIA: Final[tuple[KeyCriterion, ...]] = get_args(KeyCriterion)
FROM_DATA: Final[tuple[KeyCriterion, ...]] = ("volume", "concentration")
MONTHS: Final = 6
"""Volume and concentration look at so many complete months.†"""
STEPS: Final = 4
"""What is reached of so many steps is the grade, 1 to 5."""


class NoKeyAccount(NotFound):
    slug = "no-key-account"
    title = "The customer is no key account"


class KeyAccountStands(Conflict):
    slug = "key-account-stands"
    title = "The customer is a key account already"


class ScoreIncomplete(Invalid):
    slug = "score-incomplete"
    title = "A criterion has no grade"


class KeyAccountPolicyRefused(Invalid):
    slug = "key-account-policy-refused"
    title = "This policy cannot hold"


@dataclass(frozen=True, slots=True)
class KeyAccountPolicy:
    """A version of how key accounts are scored: what each criterion weighs, from how much a month (CNY) and from
    which share of the largest brand on a grade is one more. A score keeps the version by which it was made."""

    version: int
    weights: Mapping[KeyCriterion, Decimal]
    volume: Sequence[Decimal]
    concentration: Sequence[Decimal]
    id: UUID
    set_at: datetime
    set_by: UUID | None

    @classmethod
    def kept(cls, version: int, definition: Mapping[str, Any], **by_whom: Any) -> "KeyAccountPolicy":
        """From its row, in which numbers are texts."""
        weights = {criterion: Decimal(definition["weights"][criterion]) for criterion in CRITERIA}
        volume, concentration = ([Decimal(each) for each in definition[name]] for name in FROM_DATA)
        return cls(version, weights, volume, concentration, **by_whom)

    def definition(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "weights": {criterion: str(weight) for criterion, weight in self.weights.items()},
            "volume": [str(step) for step in self.volume],
            "concentration": [str(step) for step in self.concentration],
        }


def check_policy(policy: KeyAccountPolicy) -> None:
    """Raises KeyAccountPolicyRefused for weights that add up to nothing, and for steps that do not rise."""
    if sum(policy.weights.values()) <= 0:
        raise KeyAccountPolicyRefused("the weights add up to nothing: something must count", pointer="#/weights")
    for name, steps in (("volume", policy.volume), ("concentration", policy.concentration)):
        for number, (lower, higher) in enumerate(pairwise(steps), start=1):
            if higher <= lower:
                raise KeyAccountPolicyRefused("each step is higher than the one before", pointer=f"#/{name}/{number}")


@dataclass(frozen=True, slots=True)
class Bought:
    """What was bought in the last complete months: CNY a month as paid, net of returns; the part of it that was of the
    largest brand (None where no brand is known); on how many days."""

    monthly: Decimal
    brand_share: Decimal | None
    days: int


@dataclass(frozen=True, slots=True)
class KeyAccountScore:
    """A scoring, as it was made: the grade of each criterion, and which of them staff said. `words` seals why."""

    id: UUID
    customer_id: UUID
    criteria: Mapping[KeyCriterion, int]
    said: list[KeyCriterion]
    score: Decimal
    monthly: Decimal
    brand_share: Decimal | None
    days: int
    policy_version: int
    scored_at: datetime
    scored_by: UUID
    words: bytes | None


def graded(said: Mapping[KeyCriterion, int], bought: Bought, policy: KeyAccountPolicy) -> dict[KeyCriterion, int]:
    """A grade of each criterion: what staff say, else what the data say. Raises ScoreIncomplete."""
    found: dict[KeyCriterion, int] = {"volume": _grade(bought.monthly, policy.volume)}
    if bought.brand_share is not None:
        found["concentration"] = _grade(bought.brand_share, policy.concentration)
    grades = {**found, **said}
    for criterion in CRITERIA:
        if criterion not in grades:
            raise ScoreIncomplete("no purchase of a brand says it: say it yourself", pointer=f"#/{criterion}")
    return {criterion: grades[criterion] for criterion in CRITERIA}


def _grade(amount: Decimal, steps: Sequence[Decimal]) -> int:
    return 1 + sum(amount >= step for step in steps)


def weighed(grades: Mapping[KeyCriterion, int], policy: KeyAccountPolicy) -> Decimal:
    """The mean of the grades by their weights, 1.00 to 5.00, half up."""
    total = sum((grades[criterion] * policy.weights[criterion] for criterion in CRITERIA), Decimal(0))
    return to_cents(total / sum(policy.weights.values(), Decimal(0)))


@dataclass(frozen=True, slots=True)
class KeyAccount:
    """That a customer is a key account, and who cares for it; why it became one, and why it is none any more, lies
    sealed in `words` and `end_words`."""

    id: UUID
    version: int
    customer_id: UUID
    assignee_id: UUID
    words: bytes | None
    named_at: datetime
    named_by: UUID
    ended_at: datetime | None = None
    ended_by: UUID | None = None
    end_words: bytes | None = None
    updated_at: datetime | None = None
    """When it was changed last; None: it is as it was named, or an older release changed it."""

    def kept_by(self, assignee_id: UUID) -> "KeyAccount":
        """In somebody's care."""
        same = assignee_id == self.assignee_id
        return self if same else replace(self, assignee_id=assignee_id, version=self.version + 1)

    def ended(self, at: datetime, by: UUID, words: bytes) -> "KeyAccount":
        """No key account any more."""
        return replace(self, ended_at=at, ended_by=by, end_words=words, version=self.version + 1)
