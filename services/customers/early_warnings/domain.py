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
from services.customers.worth_policies.domain import WarningRules, WorthRules
from shared.contracts.early_warnings import EndOfWarning, ReasonCode
from shared.months import Month

RAISING: Final[frozenset[ReasonCode]] = frozenset({"interval", "alive", "tie"})
_ORDER: Final[tuple[ReasonCode, ...]] = get_args(ReasonCode)
HUNDREDTH: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Signal:
    """What happened on a day: an answer was late, service was missed, the complainant was dissatisfied (`share` of what
    was expected), consent was withdrawn."""

    code: ReasonCode
    on: date
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody is warned of, with its figures: days passed beside the usual ones; the change of the trend; how
    often and when last; the share of what was expected; the day on which a tie ends."""

    code: ReasonCode
    days: int | None = None
    usual: Decimal | None = None
    change: Decimal | None = None
    count: int | None = None
    on: date | None = None
    share: Decimal | None = None

    def plain(self) -> dict[str, Any]:
        """As it is kept beside its code: figures as texts, without those that it has not."""
        kept = {name: getattr(self, name) for name in self.__slots__ if name != "code"}
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
        return cls(code, **values)


Reasons: TypeAlias = tuple[Reason, ...]


def in_order(reasons: Iterable[Reason]) -> Reasons:
    """What raises a warning first."""
    return tuple(sorted(reasons, key=lambda reason: _ORDER.index(reason.code)))


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning; `version` counts how often it was told."""

    id: UUID
    version: int
    customer_id: UUID
    raised_on: date
    raised_at: datetime
    reasons: Reasons
    ended_at: datetime | None = None
    ended_by: EndOfWarning | None = None

    @classmethod
    def kept(cls, reasons: Mapping[ReasonCode, Mapping[str, Any]], **others: Any) -> Self:
        """From its row."""
        return cls(reasons=in_order(Reason.kept(code, plain) for code, plain in reasons.items()), **others)


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
    ties_end: Sequence[date] = ()
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
    """The next day on which time alone raises or ends a warning."""
    days = [warned_from(known.life, rules), known.unlikely_from]
    for end in known.ties_end:
        days += [end - timedelta(days=rules.tie_days), end + timedelta(days=1)]
    return min((day for day in days if day is not None and day > today), default=None)


def judged(
    before: Warned | None, known: Known, rules: WorthRules, today: date, at: datetime, new_id: Callable[[], UUID]
) -> list[Warned]:
    """The warning as it stands now, with one more telling where a reason is new; figures go with the day. One that ends
    with a purchase may be followed by another at once, such as of a tie that ends all the same."""
    found = _reasons(known, rules, today, warned=before is not None)
    raising = any(reason.code in RAISING for reason in found)
    if before is None:
        return [Warned(new_id(), 1, known.customer_id, today, at, found)] if raising else []
    if not raising or (known.life.last_on or before.raised_on) > before.raised_on:
        ended = replace(before, version=before.version + 1, ended_at=at, ended_by=_end(before, known.life))
        return [ended, *judged(None, known, rules, today, at, new_id)]
    is_new = {reason.code for reason in found} - {reason.code for reason in before.reasons}
    return [replace(before, version=before.version + (1 if is_new else 0), reasons=found)]


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
    soon = [end for end in known.ties_end if today <= end <= today + timedelta(days=rules.warnings.tie_days)]
    if soon:
        found.append(Reason("tie", on=min(soon)))
    if not found and not warned:
        return ()
    change = trend(running.plus(-1), known.sums, rules.life)
    if change is not None and change <= rules.life.fallen_to:
        found.append(Reason("trend", change=(change - 1).quantize(HUNDREDTH, ROUND_HALF_UP)))
    return in_order((*found, *_of_signals(known.signals, today - timedelta(days=rules.warnings.signal_days))))


def _of_signals(signals: Sequence[Signal], since: date) -> Reasons:
    """One for each kind of what happened lately: how often, and when last."""
    lately = [each for each in signals if each.on > since]
    kinds: dict[ReasonCode, list[Signal]] = {}
    for each in sorted(lately, key=lambda signal: signal.on):
        kinds.setdefault(each.code, []).append(each)
    return tuple(
        Reason(code, count=len(of_kind), on=of_kind[-1].on, share=of_kind[-1].share) for code, of_kind in kinds.items()
    )
