"""Early warning (domain 2.6, examples 21): who is about to leave, and why.

The own rhythm, the chance that a customer still buys, and the end of a tie raise a warning; what else is known stands
in it as a reason. A reason that is new updates it; it ends when nothing raises it any more: the customer bought, was
lost, or the tie went on.
Lengths and shares are those of the policy of worth.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Any, Final, Self, TypeAlias, get_args
from uuid import UUID

from services.customers.lifecycle.domain import Life, trend
from services.customers.losses.domain import Left
from services.customers.worth_policies.domain import WarningRules, WorthPolicy, WorthRules
from shared.contracts.customers import Tier
from shared.contracts.early_warnings import EndOfWarning, ReasonCode, TieKind, TieSource
from shared.months import Month

RAISING: Final[frozenset[ReasonCode]] = frozenset({"interval", "alive", "tie"})
_ORDER: Final[tuple[ReasonCode, ...]] = get_args(ReasonCode)
HUNDREDTH: Final = Decimal("0.01")
OF_TIE: Final = ("tie_id", "tie_kind", "tie_source")
"""Which tie it is that ends; kept beside the reasons."""


@dataclass(frozen=True, slots=True)
class Signal:
    """What happened on a day: an answer was late, service was missed, the complainant was dissatisfied (`share` of what
    was expected), consent was withdrawn."""

    code: ReasonCode
    on: date
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class EndingTie:
    """What ties a customer, a contract or an agreement too, until `ends_on`: the first day on which it does no more."""

    ends_on: date
    id: UUID
    kind: TieKind
    source: TieSource


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody is warned of, with its figures: days passed beside the usual ones; the change of the trend; how
    often and when last; the share of what was expected; which tie ends, and on which day."""

    code: ReasonCode
    days: int | None = None
    usual: Decimal | None = None
    change: Decimal | None = None
    count: int | None = None
    on: date | None = None
    share: Decimal | None = None
    tie_id: UUID | None = None
    tie_kind: TieKind | None = None
    tie_source: TieSource | None = None

    def plain(self) -> dict[str, Any]:
        """As it is kept beside its code: figures as texts, without those that it has not."""
        return self._texts(each for each in self.__slots__ if each != "code" and each not in OF_TIE)

    def tie(self) -> dict[str, Any]:
        """Which tie it is that ends, likewise."""
        return self._texts(OF_TIE)

    def _texts(self, names: Iterable[str]) -> dict[str, Any]:
        kept = {name: getattr(self, name) for name in names}
        return {
            name: value if isinstance(value, int) else str(value) for name, value in kept.items() if value is not None
        }

    @classmethod
    def kept(cls, code: ReasonCode, plain: Mapping[str, Any]) -> "Reason":
        values = dict(plain)
        for name in ("usual", "change", "share"):
            if name in values:
                values[name] = Decimal(values[name])
        if "on" in values:
            values["on"] = date.fromisoformat(values["on"])
        if "tie_id" in values:
            values["tie_id"] = UUID(values["tie_id"])
        return cls(code, **values)


Reasons: TypeAlias = tuple[Reason, ...]


def in_order(reasons: Iterable[Reason]) -> Reasons:
    """What raises a warning first."""
    return tuple(sorted(reasons, key=lambda reason: _ORDER.index(reason.code)))


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning; `version` counts how often it was told. The policy of worth is the one that judged it last. `tier` is
    the best of the year that ended with the last purchase, `yearly` what it came to in CNY, unless a takeover brought
    the warning (`historical`)."""

    id: UUID
    version: int
    customer_id: UUID
    raised_on: date
    raised_at: datetime
    reasons: Reasons
    ended_at: datetime | None = None
    ended_by: EndOfWarning | None = None
    policy_version: int | None = None
    policy_id: UUID | None = None
    tier: Tier | None = None
    yearly: Decimal | None = None
    historical: bool = False

    @property
    def unvalued(self) -> bool:
        """Whether it stands, and nobody has asked yet what the customer was worth."""
        return self.ended_at is None and self.tier is None and not self.historical

    def valued(self, left: Left | None, *, historical: bool) -> "Warned":
        """With what the customer was worth where that is known; what the past has raised stays without."""
        if not self.unvalued:
            return self
        if left is not None:
            return replace(self, tier=left.tier, yearly=left.yearly)
        return replace(self, historical=historical and self.version == 1)

    @classmethod
    def kept(
        cls, reasons: Mapping[ReasonCode, Mapping[str, Any]], tie: Mapping[str, Any] | None, **others: Any
    ) -> Self:
        """From its row, in which the tie that ends stands beside the reasons."""
        figures = {code: {**plain, **(tie or {})} if code == "tie" else plain for code, plain in reasons.items()}
        return cls(reasons=in_order(Reason.kept(code, plain) for code, plain in figures.items()), **others)

    def tie(self) -> dict[str, Any] | None:
        """Which tie it is that ends, as it is kept; None where that is no reason, or nobody said."""
        return next((each.tie() for each in self.reasons if each.tie_id is not None), None)


@dataclass(frozen=True, slots=True)
class ReadWarning(Warned):
    """A warning with the name of its customer; of a person there is none."""

    customer_name: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What says whether somebody is about to leave: the life, sums of months, what happened lately, when ties end."""

    customer_id: UUID
    life: Life
    sums: Mapping[Month, Decimal]
    signals: Sequence[Signal] = ()
    ties: Sequence[EndingTie] = ()
    unlikely_from: date | None = None
    """The day from which on it hardly buys any more, says the model; None where it says nothing."""
    alive: Decimal | None = None
    """The chance that it still buys, as of today."""


def warned_from(life: Life, rules: WarningRules) -> date | None:
    """The day on which the rhythm is well past; None for who never bought, or is lost."""
    if life.last_on is None or life.stage == "lost":
        return None
    if life.purchases < rules.rhythm_from or life.interval_days is None:
        return life.last_on + timedelta(days=rules.few_days)
    return life.last_on + timedelta(
        days=int((rules.times_interval * life.interval_days).to_integral_value(ROUND_CEILING))
    )


def next_on(known: Known, today: date, rules: WarningRules) -> date | None:
    """The next day on which time alone raises or ends a warning, or changes what a reason in it says: of who is silent
    for too long each day."""
    days = [warned_from(known.life, rules), known.unlikely_from if known.life.stage != "lost" else None]
    if any(day is not None and day <= today for day in days):
        days.append(today + timedelta(days=1))
    days += [each.on + timedelta(days=rules.signal_days + 1) for each in known.signals]
    for tie in known.ties:
        days += [tie.ends_on - timedelta(days=rules.tie_days), tie.ends_on + timedelta(days=1)]
    return min((day for day in days if day is not None and day > today), default=None)


def judged(
    before: Warned | None, known: Known, policy: WorthPolicy, today: date, at: datetime, new_id: Callable[[], UUID]
) -> list[Warned]:
    """The warning as it stands now, with one more telling where a reason is new; figures go with the day. One that ends
    with a purchase may be followed by another at once, such as of a tie that ends all the same."""
    by: dict[str, Any] = {"policy_version": policy.version, "policy_id": policy.id}
    found = _reasons(known, policy.rules, today, warned=before is not None)
    raising = any(reason.code in RAISING for reason in found)
    if before is None:
        return [Warned(new_id(), 1, known.customer_id, today, at, found, **by)] if raising else []
    if not raising or (known.life.last_on or before.raised_on) > before.raised_on:
        ended = replace(before, version=before.version + 1, ended_at=at, ended_by=_end(before, known.life))
        return [ended, *judged(None, known, policy, today, at, new_id)]
    is_new = {reason.code for reason in found} - {reason.code for reason in before.reasons}
    return [replace(before, version=before.version + (1 if is_new else 0), reasons=found, **by)]


def _end(before: Warned, life: Life) -> EndOfWarning:
    if life.stage == "lost":
        return "lost"
    return "purchase" if life.last_on is not None and life.last_on >= before.raised_on else "over"


def _reasons(known: Known, rules: WorthRules, today: date, *, warned: bool) -> Reasons:
    """What only stands beside others is looked at where there is a warning: nearly everybody has none."""
    life, running = known.life, Month(today.year, today.month)
    found: list[Reason] = []
    past = warned_from(life, rules.warnings)
    if past is not None and past <= today and life.last_on is not None:
        found.append(Reason("interval", days=(today - life.last_on).days, usual=life.interval_days))
    if known.unlikely_from is not None and known.unlikely_from <= today and life.stage != "lost":
        found.append(Reason("alive", share=known.alive))
    soon = [tie for tie in known.ties if today <= tie.ends_on <= today + timedelta(days=rules.warnings.tie_days)]
    if soon:
        tie = min(soon, key=lambda each: (each.ends_on, each.id))
        found.append(Reason("tie", on=tie.ends_on, tie_id=tie.id, tie_kind=tie.kind, tie_source=tie.source))
    if not found and not warned:
        return ()
    change = trend(running.plus(-1), known.sums, rules.life)
    if change is not None and change <= rules.life.fallen_to:
        found.append(Reason("trend", change=(change - 1).quantize(HUNDREDTH, ROUND_HALF_UP)))
    return in_order((*found, *_of_signals(known.signals, today - timedelta(days=rules.warnings.signal_days))))


def _of_signals(signals: Sequence[Signal], since: date) -> Reasons:
    """One for each kind of what happened on this day or later: how often, and when last."""
    lately = [each for each in signals if each.on >= since]
    kinds: dict[ReasonCode, list[Signal]] = {}
    for each in sorted(lately, key=lambda signal: signal.on):
        kinds.setdefault(each.code, []).append(each)
    return tuple(
        Reason(code, count=len(of_kind), on=of_kind[-1].on, share=of_kind[-1].share) for code, of_kind in kinds.items()
    )
