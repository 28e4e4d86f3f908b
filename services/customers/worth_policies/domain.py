"""The policy of worth: every amount, length and share by which customers are judged (domain 2.5, 2.6).

A new version holds at once: everybody is judged anew by it. What an earlier one has told stays as it was told.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, TypeVar, cast
from uuid import UUID

from shared.errors import Invalid, NotFound

FULL: Final = Decimal(100)
R = TypeVar("R", bound="_Rules")


class PolicyVersionNotFound(NotFound):
    slug = "no-such-policy-version"
    title = "There is no such version of this policy"


class WorthPolicyRefused(Invalid):
    slug = "worth-policy-refused"
    title = "This policy cannot hold"


class _Rules:
    """Figures of one kind: whole numbers and decimals."""

    def plain(self) -> dict[str, int | str]:
        """As they are kept, decimals as texts."""
        kept = asdict(cast(Any, self))
        return {name: value if isinstance(value, int) else str(value) for name, value in kept.items()}

    @classmethod
    def kept(cls: type[R], plain: Mapping[str, int | str]) -> R:
        return cls(**{name: value if isinstance(value, int) else Decimal(value) for name, value in plain.items()})


@dataclass(frozen=True, slots=True)
class SegmentRules(_Rules):
    """Loyalty looks at `months` complete months, size at the last `size_months` of them, credit at `invoices`.

    A score of behaviour is `for_buying` and `for_regularity` together; ratings are `ratings_share` of loyalty.
    `large_from` in CNY.
    """

    months: int = 6
    size_months: int = 3
    invoices: int = 6
    for_buying: Decimal = Decimal(60)
    for_regularity: Decimal = Decimal(40)
    ratings_share: Decimal = Decimal("0.5")
    a_day_late: Decimal = Decimal(2)
    loyal_from: Decimal = Decimal(60)
    reliable_from: Decimal = Decimal(70)
    large_from: Decimal = Decimal(3000)


@dataclass(frozen=True, slots=True)
class LifeRules(_Rules):
    """In formation and stable from so many months with a purchase; a decline when the mean of the `late` months is at
    most `fallen_to` of that of the `before` ones; lost after both `lost_after_days` and `lost_after_intervals` times
    the own rhythm; observed for `observed_days` after coming back."""

    formation_from: int = 3
    stable_from: int = 6
    fallen_to: Decimal = Decimal("0.70")
    late: int = 2
    before: int = 4
    lost_after_days: int = 90
    lost_after_intervals: int = 3
    observed_days: int = 90


@dataclass(frozen=True, slots=True)
class WarningRules(_Rules):
    """`times_interval` times the own rhythm may pass, `few_days` before `rhythm_from` purchases make one. What happened
    is a reason for `signal_days`; a tie that ends is a warning `tie_days` before, and so is a chance to be alive below
    `alive_below`."""

    times_interval: Decimal = Decimal("1.5")
    few_days: int = 60
    rhythm_from: int = 3
    signal_days: int = 60
    tie_days: int = 42
    alive_below: Decimal = Decimal("0.30")


@dataclass(frozen=True, slots=True)
class ModelRules(_Rules):
    """The models are fitted each night at the `hour`, where at least `fewest` customers came back; they tell what is to
    be expected within `days_ahead` unless other days are asked for."""

    hour: int = 3
    fewest: int = 30
    days_ahead: int = 365


@dataclass(frozen=True, slots=True)
class WorthRules:
    """All of them."""

    segments: SegmentRules = field(default_factory=SegmentRules)
    life: LifeRules = field(default_factory=LifeRules)
    warnings: WarningRules = field(default_factory=WarningRules)
    model: ModelRules = field(default_factory=ModelRules)

    def check(self) -> None:
        """Raises WorthPolicyRefused where nobody could be judged by them."""
        segments, life = self.segments, self.life
        if segments.for_buying + segments.for_regularity != FULL:
            raise WorthPolicyRefused("both weights of behaviour add up to 100", pointer="#/segments/for_buying")
        if segments.size_months > segments.months:
            raise WorthPolicyRefused("size looks at some of the months of loyalty", pointer="#/segments/size_months")
        if life.formation_from >= life.stable_from:
            raise WorthPolicyRefused("formation comes before the stable stage", pointer="#/life/formation_from")


FIRST: Final = WorthRules()
"""What holds until somebody sets another one; figures marked † in the examples."""


@dataclass(frozen=True, slots=True)
class WorthPolicy:
    """A version; `set_by` is None for the one the service came with."""

    version: int
    rules: WorthRules
    id: UUID
    set_at: datetime
    set_by: UUID | None

    @classmethod
    def kept(cls, version: int, definition: Mapping[str, Any], **by_whom: Any) -> "WorthPolicy":
        """From its row; the first versions said nothing of the models."""
        rules = WorthRules(
            SegmentRules.kept(definition["segments"]),
            LifeRules.kept(definition["life"]),
            WarningRules.kept(definition["warnings"]),
            ModelRules.kept(definition.get("model", {})),
        )
        return cls(version, rules, **by_whom)

    def definition(self) -> dict[str, Any]:
        """As it is kept."""
        parts = {part.name: getattr(self.rules, part.name) for part in fields(self.rules)}
        return {name: rules.plain() for name, rules in parts.items()}
